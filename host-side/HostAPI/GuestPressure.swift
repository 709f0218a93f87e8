/// Pressure stall information of a guest's memory.
public struct GuestPressure: Codable, Sendable, Equatable {
    /// Shares of time, as averages, and their sum since boot.
    public struct Stall: Codable, Sendable, Equatable {
        /// Share of the last 10 s, in percent.
        public var avg10Percent: Double
        /// Share of the last 60 s, in percent.
        public var avg60Percent: Double
        /// Share of the last 300 s, in percent.
        public var avg300Percent: Double
        /// Stalled since boot, in microseconds.
        public var totalMicroseconds: UInt64

        /// Makes a stall account.
        public init(
            avg10Percent: Double = 0, avg60Percent: Double = 0, avg300Percent: Double = 0,
            totalMicroseconds: UInt64 = 0
        ) {
            self.avg10Percent = avg10Percent
            self.avg60Percent = avg60Percent
            self.avg300Percent = avg300Percent
            self.totalMicroseconds = totalMicroseconds
        }
    }

    /// False where the guest's kernel has no PSI or it is switched off; the rest is zero then.
    public var available: Bool
    /// At least one task stalled on memory.
    public var some: Stall
    /// All tasks stalled on memory.
    public var full: Stall

    /// Makes a pressure account.
    public init(available: Bool, some: Stall = Stall(), full: Stall = Stall()) {
        self.available = available
        self.some = some
        self.full = full
    }
}
