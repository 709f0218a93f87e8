import Glibc
import TestKit

// Measures Ballast beside what it is compared with. `scripts/bench` builds and starts this.
do {
    let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()))
    let results = try await BenchRun(options: options).run()
    let path = try ResultsFile.write(results, only: options.only)
    print("\n\(MarkdownTable.text(results))\n")
    Progress.say("results: \(path)")
} catch {
    Progress.say("bench: \(error)")
    exit(1)
}
