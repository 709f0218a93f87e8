import Glibc
import TestKit
import Testing

/// The programs that measure others are measured themselves; on this machine, without a guest.
@Suite("Workloads")
struct WorkloadTests {
    private static let mebibyte: Int64 = 1 << 20

    /// Runs a tool for a while, ends it, and returns what it reports last.
    private static func run(_ words: [String], seconds: Double, _ body: (ChildProcess) async throws -> Void = { _ in })
        async throws -> JSON
    {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let files = ["--file", "\(folder)/touched", "--folder", "\(folder)/served", "--status", "\(folder)/status"]
        let tool = try ChildProcess.start("guest-tool", words + files, log: "\(folder)/log")
        try await Task.sleep(for: .seconds(seconds))
        try await body(tool)
        #expect(await tool.stop() == .code(0), "\(tool.log)")
        return try JSON(parsing: tool.log)
    }

    @Test(
        "Sets that are touched at intervals: what was touched within a time is known",
        arguments: ["anon", "read", "mmap"])
    func steps(kind: String) async throws {
        let report = try await Self.run(
            ["touch", "steps", "--kind", kind, "--bytes", "16M", "--plan", "0.2:4M,100:12M"], seconds: 3)
        #expect(report["total_bytes"].integer == 16 * Self.mebibyte)
        // The rest was touched once, when it began.
        #expect(report["touched"]["1"].integer == 4 * Self.mebibyte, "\(report.text)")
        #expect(report["touched"]["60"].integer == 16 * Self.mebibyte)
        #expect(report["by_second"].elements.count == 128)
    }

    @Test("A hot set at random places, a pass over everything, and a window that moves")
    func patterns() async throws {
        let random = try await Self.run(
            ["touch", "random", "--bytes", "16M", "--hot", "2M", "--interval-ms", "200"], seconds: 2.5)
        #expect(random["touched"]["1"].integer == 2 * Self.mebibyte, "\(random.text)")
        let scan = try await Self.run(
            ["touch", "scan", "--bytes", "16M", "--hot", "2M", "--speed", "64M", "--interval-ms", "200"], seconds: 2.5)
        #expect(scan["touched"]["1"].integer == 2 * Self.mebibyte, "\(scan.text)")
        #expect(scan["touched"]["30"].integer == 16 * Self.mebibyte)
        let window = try await Self.run(
            ["touch", "window", "--bytes", "16M", "--hot", "2M", "--speed", "1M", "--interval-ms", "200"], seconds: 2.5)
        let touched = window["touched"]["1"].integer ?? 0
        #expect(touched >= 2 * Self.mebibyte && touched <= 4 * Self.mebibyte, "\(window.text)")
    }

    @Test("A file server counts by phase and reads all again when asked", arguments: ["read", "mmap"])
    func server(kind: String) async throws {
        let report = try await Self.run(
            ["serve", "--kind", kind, "--hot", "32M", "--cold", "16M", "--pause-us", "1000"], seconds: 1
        ) { tool in
            tool.signal(SIGUSR1)
            try await Task.sleep(for: .milliseconds(1200))
            tool.signal(SIGUSR2)
            try await Task.sleep(for: .milliseconds(300))
        }
        let phases = report["phases"].elements
        #expect(phases.count == 2, "\(report.text)")
        #expect(phases.allSatisfy { $0["bytes"].integer ?? 0 > 0 && $0["pieces"].integer ?? 0 > 0 }, "\(report.text)")
        #expect(phases.last?["windows"].elements.isEmpty == false, "\(report.text)")
    }
}
