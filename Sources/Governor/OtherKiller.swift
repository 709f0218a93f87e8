/// Somebody else in the guest who ends programs when memory runs low, and cannot see that a balloon could give some
/// back.
public struct OtherKiller: Sendable, Equatable {
    /// Who it is.
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// systemd-oomd's limit of memory and swap in use.
        case systemdOomd
        /// The kubelet's eviction.
        case kubelet
        /// earlyoom.
        case earlyoom
        /// Any other.
        case other

        /// Its name for people.
        public var name: StaticString {
            switch self {
            case .systemdOomd: "systemd-oomd"
            case .kubelet: "the kubelet"
            case .earlyoom: "earlyoom"
            case .other: "another killer"
            }
        }
    }

    /// Who it is.
    public var kind: Kind
    /// It acts below so many bytes, in its own measure.
    public var thresholdBytes: UInt64
    /// What it takes for available now, in bytes of its own measure.
    public var availableBytes: UInt64
    /// How far above the threshold the balloon begins to yield, in bytes.
    public var marginBytes: UInt64

    /// One killer. Without a margin it is half the threshold, between 64 MiB and 1 GiB.
    public init(kind: Kind, thresholdBytes: UInt64, availableBytes: UInt64, marginBytes: UInt64? = nil) {
        self.kind = kind
        self.thresholdBytes = thresholdBytes
        self.availableBytes = availableBytes
        self.marginBytes =
            marginBytes ?? min(max(thresholdBytes / 2, 64 * ByteSize.mebibyte), ByteSize.gibibyte)
    }
}
