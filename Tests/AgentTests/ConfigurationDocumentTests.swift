import Linux
import SystemPackage
import Testing

@testable import Agent

@Suite("The configuration's documents")
struct ConfigurationDocumentTests {
    private let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    @Test("The packaged file is good, and shows each key with its default")
    func packagedFile() throws {
        let text = try SmallFile.readText(repository.appending("packaging/etc/agent.toml"))
        #expect(try AgentConfiguration.parse(Array(text.utf8), file: "agent.toml") == AgentConfiguration())
        // A comment that starts without a blank is a key that waits to be changed.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
        }
        let shown = lines.joined(separator: "\n")
        #expect(try AgentConfiguration.parse(Array(shown.utf8), file: "agent.toml") == AgentConfiguration())
        let keys = Set(try TOMLDocument(Array(shown.utf8), file: "agent.toml").tables.flatMap(\.entries).map(\.key))
        #expect(keys == Set(ConfigurationKeys.all.flatMap(\.keys)))
    }

    @Test("The page describes every key")
    func page() throws {
        let text = try SmallFile.readText(repository.appending("docs/agent-configuration.md"))
        for (table, keys) in ConfigurationKeys.all {
            #expect(text.contains("### `[\(table)]`"))
            for key in keys { #expect(text.contains("| `\(key)` |"), "\(key) is described") }
        }
    }
}
