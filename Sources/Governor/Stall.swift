/// Time that tasks waited for memory, as PSI counts it since boot, in microseconds.
public struct Stall: Sendable, Equatable {
    /// At least one task waited (`some … total=`).
    public var someMicroseconds: UInt64
    /// All tasks that were not idle waited (`full … total=`).
    public var fullMicroseconds: UInt64

    /// Two totals.
    public init(someMicroseconds: UInt64 = 0, fullMicroseconds: UInt64 = 0) {
        self.someMicroseconds = someMicroseconds
        self.fullMicroseconds = fullMicroseconds
    }
}
