/// One line of the results: a figure of Ballast's, and the same of a peer.
struct BenchResult: Codable, Sendable, CustomStringConvertible {
    /// One repetition: both contenders, measured one right after the other.
    struct Run: Codable, Sendable {
        var value: Double
        var peerValue: Double?
        /// What was measured in this run, where the runs differ in more than their time.
        var label: String?
    }

    var name: String
    var unit: String
    /// Median of Ballast's values, unless the name says otherwise.
    var value: Double
    /// Whom it is compared with; nil where there is nobody.
    var peer: String?
    var peerValue: Double?
    /// `value` / `peer_value`; nil where there is no peer, or its value is 0.
    var ratio: Double?
    /// The least and the most of Ballast's runs, and of the peer's.
    var lowest: Double
    var highest: Double
    var peerLowest: Double?
    var peerHighest: Double?
    var runs: [Run]

    init(
        _ name: String, unit: String, peer: String?, runs: [Run], summary: ([Double]) -> Double = Statistics.median
    ) {
        self.name = name
        self.unit = unit
        self.peer = peer
        self.runs = runs
        let own = runs.map(\.value)
        let value = summary(own)
        self.value = value
        let values = runs.compactMap(\.peerValue)
        peerValue = values.isEmpty ? nil : summary(values)
        ratio = peerValue.flatMap { $0 == 0 ? nil : value / $0 }
        lowest = own.min() ?? 0
        highest = Statistics.highest(own)
        peerLowest = values.min()
        peerHighest = values.max()
    }

    /// The least and the most of its runs and of the peer's, as text.
    var spread: (own: String, peer: String?) {
        let own = "\(Statistics.text(lowest)) ... \(Statistics.text(highest))"
        guard let peerLowest, let peerHighest else { return (own, nil) }
        return (own, "\(Statistics.text(peerLowest)) ... \(Statistics.text(peerHighest))")
    }

    var description: String {
        let beside = peerValue.map { ", \(peer ?? "peer") \(Statistics.text($0))" } ?? ""
        return "\(name): \(Statistics.text(value)) \(unit)\(beside)"
    }
}
