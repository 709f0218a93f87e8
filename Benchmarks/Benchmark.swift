/// Something that is measured, beside a peer.
protocol Benchmark: Sendable {
    /// The names of its results.
    var names: [String] { get }

    /// Measures it.
    func run(_ options: BenchOptions) async throws -> [BenchResult]
}
