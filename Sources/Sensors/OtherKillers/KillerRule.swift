/// Somebody else in the guest who ends programs when memory runs low, with what is configured: systemd-oomd, the kubelet
/// or earlyoom. None of them knows that a balloon could give memory back.
public struct KillerRule: Sendable, Hashable {
    /// Who it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// systemd-oomd.
        case systemdOomd = "systemd-oomd"
        /// The kubelet of Kubernetes, also inside k3s and MicroK8s.
        case kubelet = "kubelet"
        /// earlyoom.
        case earlyoom = "earlyoom"
    }

    /// Pressure that makes it act.
    public struct Pressure: Sendable, Hashable {
        /// `full avg10` of a watched cgroup, in hundredths of a percent.
        public var limit: UInt32
        /// For how long, in milliseconds.
        public var milliseconds: UInt64
    }

    /// Who it is.
    public var kind: Kind
    /// It acts on less available memory than this, in bytes of its own measure (`KillerMeasures`); nil where it does
    /// not look at that.
    public var availableBytes: UInt64?
    /// It acts on low memory only while free swap is at or below this as well, in bytes; nil where swap does not matter.
    public var swapFreeBytes: UInt64?
    /// It acts on this pressure as well; nil where it does not look at that.
    public var pressure: Pressure?
    /// Where this is known from: a file, or the arguments of a process.
    public var source: String
    /// One sentence with the numbers.
    public var detail: String

    /// A rule.
    public init(
        kind: Kind, availableBytes: UInt64?, swapFreeBytes: UInt64? = nil, pressure: Pressure? = nil,
        source: String, detail: String
    ) {
        self.kind = kind
        self.availableBytes = availableBytes
        self.swapFreeBytes = swapFreeBytes
        self.pressure = pressure
        self.source = source
        self.detail = detail
    }

    /// What available memory it acts below, and what it takes for available now, both in bytes of its own measure; nil
    /// where it would not act on low memory now. Swap that is less than half above its limit counts as used up: it fills
    /// quickly once memory is short.
    public func line(_ now: KillerMeasures) -> (thresholdBytes: UInt64, availableBytes: UInt64)? {
        guard let availableBytes else { return nil }
        if let swapFreeBytes, now.swapFreeBytes > swapFreeBytes.adding(swapFreeBytes / 2) { return nil }
        return (availableBytes, kind == .kubelet ? now.kubeletAvailableBytes : now.availableBytes)
    }

    /// How much available memory may still go before it acts, in bytes; nil where it would not act on low memory now.
    public func marginBytes(_ now: KillerMeasures) -> UInt64? {
        line(now).map { $0.availableBytes.less($0.thresholdBytes) }
    }
}
