/// What the judgement about an ask needs, beside what the governor has seen.
public struct AskInputs: Sendable, Equatable {
    /// MemAvailable in bytes.
    public var availableBytes: UInt64
    /// Bytes that the agent's balloon has, in flight included.
    public var balloonBytes: UInt64
    /// The host's target in bytes; nil without one.
    public var targetBytes: UInt64?
    /// The size of the VM in bytes, where the host told it.
    public var vmBytes: UInt64?
    /// Bytes that the VMM's own balloon device has taken; see `deviceBytes`.
    public var deviceBytes: UInt64

    /// The inputs.
    public init(
        availableBytes: UInt64, balloonBytes: UInt64, targetBytes: UInt64? = nil, vmBytes: UInt64? = nil,
        deviceBytes: UInt64 = 0
    ) {
        self.availableBytes = availableBytes
        self.balloonBytes = balloonBytes
        self.targetBytes = targetBytes
        self.vmBytes = vmBytes
        self.deviceBytes = deviceBytes
    }

    /// Bytes that a balloon device has taken: from the kernel's counters (balloon_inflate and balloon_deflate in
    /// /proc/vmstat, in pages), else from what the VM's size and MemTotal leave open. A kernel keeps up to a
    /// twentieth part of memory for itself, which is no balloon.
    public static func deviceBytes(
        inflatedPages: UInt64?, deflatedPages: UInt64?, vmBytes: UInt64?, memoryTotalBytes: UInt64
    ) -> UInt64 {
        if let inflatedPages, let deflatedPages, inflatedPages > 0 {
            return inflatedPages.less(deflatedPages).times(4096)
        }
        guard let vmBytes else { return 0 }
        return vmBytes.less(memoryTotalBytes).less(max(vmBytes / 20, 128 * ByteSize.mebibyte))
    }

    /// Bytes that the host could give at most.
    var givableBytes: UInt64 {
        let withheld = vmBytes.flatMap { vm in targetBytes.map { vm.less($0) } } ?? 0
        return max(balloonBytes, withheld, deviceBytes)
    }

    /// By how much the guest keeps more than the target would leave it, in bytes: the balloon has not reached its
    /// target, or had to yield. An ask counts from the target, so this comes on top of what is missing.
    var aheadBytes: UInt64 {
        guard let vmBytes, let targetBytes else { return 0 }
        return vmBytes.less(targetBytes).less(balloonBytes)
    }
}
