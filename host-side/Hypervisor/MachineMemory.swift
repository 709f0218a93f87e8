/// The size of the guest's memory.
public struct MachineMemory: Sendable, Equatable {
    /// Bytes it booted with.
    public let baseBytes: UInt64
    /// Bytes plugged in since.
    public let pluggedBytes: UInt64

    /// Sizes in bytes.
    public init(baseBytes: UInt64, pluggedBytes: UInt64) {
        self.baseBytes = baseBytes
        self.pluggedBytes = pluggedBytes
    }

    /// Both together, saturating.
    public var totalBytes: UInt64 {
        let (sum, overflow) = baseBytes.addingReportingOverflow(pluggedBytes)
        return overflow ? .max : sum
    }
}
