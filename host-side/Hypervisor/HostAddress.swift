/// Where a guest-physical address is mapped in the VMM, as the human monitor's `gpa2hva` tells it.
public struct HostAddress: Sendable, Equatable {
    /// The memory region's name.
    public let region: String
    /// The address in the VMM's address space.
    public let address: UInt64

    /// An address with its parts.
    public init(region: String, address: UInt64) {
        self.region = region
        self.address = address
    }

    /// Reads `Host virtual address for 0x0 (mem0) is 0x7fb213fff000`; nil for anything else, which is how QEMU
    /// says that there is no RAM.
    init?(gpa2hva text: String) {
        let line = text.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        guard line.hasPrefix("Host virtual address for 0x"), let open = line.firstIndex(of: "("),
            let close = line.lastIndex(of: ")"), open < close
        else { return nil }
        let tail = line[close...].dropFirst()
        guard tail.hasPrefix(" is 0x"), let address = UInt64(tail.dropFirst(6), radix: 16) else { return nil }
        region = String(line[line.index(after: open)..<close])
        self.address = address
    }
}
