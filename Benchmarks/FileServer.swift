import TestKit

/// `guest-tool serve`: a program that lives on the page cache.
struct FileServer {
    /// How it reads files.
    enum Kind: String, CaseIterable {
        case read
        case mmap
    }

    let guest: Guest
    let kind: Kind
    let process: GuestProcess

    private var folder: String { "\(BenchDisk.folder)/\(kind.rawValue)" }
    private var status: String { "/run/serve-\(kind.rawValue).status" }

    /// Starts it and waits until it serves; then all of its files have been read once.
    init(_ kind: Kind, hot: UInt64, cold: UInt64, in guest: Guest) async throws {
        self.guest = guest
        self.kind = kind
        process = try await guest.spawn(
            """
            guest-tool serve --folder \(BenchDisk.folder)/\(kind.rawValue) --kind \(kind.rawValue) \
            --hot \(hot) --cold \(cold) --status /run/serve-\(kind.rawValue).status
            """)
    }

    /// Waits until all of its files have been read once and the first pieces were served.
    func ready() async throws {
        try await eventually("the file server serves", within: .seconds(180)) {
            if let code = try await process.exitCode() {
                throw BenchError("the file server ended with \(code): \(try await process.log())")
            }
            return try await progress().seconds > 0
        }
    }

    /// What it has served so far, in bytes and in seconds.
    func progress() async throws -> (bytes: Double, seconds: Double) {
        let report = try JSON(parsing: try await guest.sh("cat \(status)"))
        let bytes = Double(report["phase_bytes"].integer ?? 0)
        return (bytes, Double(report["phase_elapsed_us"].integer ?? 0) / 1e6)
    }

    /// What of the files of one set is in the page cache, in bytes.
    func residentBytes(of set: String) async throws -> UInt64 {
        let report = try JSON(parsing: try await guest.sh("guest-tool resident \(folder)/\(set)-*"))
        guard let bytes = report["resident_bytes"].integer else { throw BenchError("resident: \(report.text)") }
        return UInt64(clamping: bytes)
    }

    /// Ends it.
    func stop() async throws {
        try await process.signal("TERM")
        let code = try await process.wait()
        guard code == 0 else { throw BenchError("the file server ended with \(code): \(try await process.log())") }
    }

    /// Bytes a second of each server over that many seconds, all at the same time.
    static func throughput(_ servers: [FileServer], seconds: Int) async throws -> [Kind: Double] {
        var before: [(bytes: Double, seconds: Double)] = []
        for server in servers { before.append(try await server.progress()) }
        try await Task.sleep(for: .seconds(seconds))
        var result: [Kind: Double] = [:]
        for (server, start) in zip(servers, before) {
            let now = try await server.progress()
            guard now.seconds > start.seconds else { throw BenchError("the file server stands still") }
            result[server.kind] = (now.bytes - start.bytes) / (now.seconds - start.seconds)
        }
        return result
    }
}
