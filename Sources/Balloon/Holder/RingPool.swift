import Glibc
public import Linux
public import SystemPackage

/// The agent's share of the rings that pin chunks in flight: one ring for each slot. Every holder inherits all of them,
/// so that neither its death nor ours drops a pin that the host may rely on.
public final class RingPool {
    private let rings: [OwnedDescriptor]
    /// Whether the rings come from an earlier agent, so that any of them may still pin a chunk of a dead holder.
    public let isAdopted: Bool

    /// Creates rings.
    public init(slots: Int) throws(LinuxError) {
        guard (1...HolderMain.maximumSlots).contains(slots) else {
            throw LinuxError(
                code: .invalid, operation: "creating \(slots) rings", remedy: "use 1 to \(HolderMain.maximumSlots)")
        }
        var rings: [OwnedDescriptor] = []
        for _ in 0..<slots { rings.append(try IOURing.create()) }
        self.rings = rings
        isAdopted = false
    }

    /// Takes the rings of a living holder.
    /// - Parameter procRoot: where /proc is.
    public init(
        adoptingFrom process: ProcessDescriptor, slots: Int, procRoot: FilePath = "/proc"
    ) throws(LinuxError) {
        var rings: [OwnedDescriptor] = []
        for slot in 0..<min(slots, HolderMain.maximumSlots) {
            let ring = try process.takeDescriptor(HolderMain.firstRingNumber + Int32(slot))
            guard Self.isRing(ring, procRoot) else {
                throw LinuxError(
                    code: .invalid, operation: "taking the rings of process \(process.processID)",
                    remedy: "it is no holder of this version; end it when it holds nothing in flight")
            }
            rings.append(ring)
        }
        self.rings = rings
        isAdopted = true
    }

    /// The number of slots.
    public var count: Int { rings.count }

    /// The rings in order of their slots, to be passed on.
    public var descriptors: [FileDescriptor] { rings.map(\.descriptor) }

    /// Drops the pins of a slot, whoever made them.
    /// - Returns: false when there were none.
    @discardableResult
    public func clear(slot: Int) throws(LinuxError) -> Bool {
        guard rings.indices.contains(slot) else {
            throw LinuxError(code: .invalid, operation: "clearing slot \(slot) of \(rings.count)")
        }
        return try IOURing(descriptor: rings[slot].descriptor).unregisterBuffers()
    }

    private static func isRing(_ descriptor: OwnedDescriptor, _ procRoot: FilePath) -> Bool {
        let link = procRoot.appending("self").appending("fd").appending(String(descriptor.rawValue))
        var target = [CChar](repeating: 0, count: 64)
        let count = unsafe link.withPlatformString { unsafe readlink($0, &target, target.count) }
        guard count > 0 else { return false }
        let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text == "anon_inode:[io_uring]"
    }
}
