/// Policies that were set at run time, and by whom; the rest is the configuration's.
public struct PolicyOverrides: Sendable, Hashable {
    /// A policy that was set at run time.
    public struct Override<Value: Sendable & Hashable>: Sendable, Hashable {
        /// What it was set to.
        public var value: Value
        /// Who set it; never the configuration.
        public var source: PolicySource
    }

    /// Time between reports in milliseconds, 0 for none; nil for adaptive.
    public var statsPeriod: Override<UInt64?>?
    /// When the balloon yields without being asked: the number on the wire.
    public var deflateOnOom: Override<Int32>?
    /// Time without a controller after which the balloon is released, in milliseconds; nil keeps it.
    public var releaseAfter: Override<UInt64?>?

    /// Nothing was set.
    public init() {}

    /// Whether nothing was set.
    public var isEmpty: Bool { self == PolicyOverrides() }
}
