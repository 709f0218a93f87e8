import FoundationEssentials
import TestKit

/// `build/bench/results.json`, or another file where only some benchmarks ran.
enum ResultsFile {
    static func write(_ results: [BenchResult], only: [String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let folder = "\(Layout.repository)/build/bench"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/results\(only.isEmpty ? "" : "." + only.joined(separator: "+")).json"
        try TestKit.write(Array(try encoder.encode(results)) + [10], to: path)
        return path
    }
}
