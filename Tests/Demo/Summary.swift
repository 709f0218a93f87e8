import FoundationEssentials
import TestKit

/// What the demo found out; `build/demo/summary.json`.
struct Summary: Codable, Sendable {
    var kernel = ""
    var accelerator = ""
    var actuator = ""
    var guestBytes: UInt64 = 0
    var targetBytes: UInt64 = 0
    var askedBytes: UInt64 = 0
    var residentBeforeBytes: UInt64 = 0
    var residentAfterBytes: UInt64 = 0
    var reclaimedFraction = 0.0
    var overshootBytes: UInt64 = 0
    var reclaimSeconds = 0.0
    /// Bytes that a program of the guest used again after the release.
    var regainedBytes: UInt64 = 0
    /// Bytes that a program demanded in the last act, and what the guest had available then.
    var demandedBytes: UInt64 = 0
    var availableBeforeDemandBytes: UInt64 = 0
    var emergencyReleases: UInt64 = 0
    var guestCorruption: UInt64 = 0
    var pagesVerified: UInt64 = 0
    /// Whether an administrator's query over vsock was answered.
    var vsockQuery = false
    var innocentOomKills = 0
    var holderOomKills = 0
    var ok = false

    /// Writes the file and returns its text.
    func write() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self)
        let folder = "\(Layout.repository)/build/demo"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: URL(filePath: "\(folder)/summary.json"))
        return text
    }
}
