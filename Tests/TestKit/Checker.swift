import FoundationEssentials

/// The corruption checker in a guest: patterns in memory, verified round after round, freed and taken again.
public struct Checker: Sendable {
    /// What it has seen.
    public struct Report: Sendable, Codable {
        /// `filling`, `running`, `stopping` or `stopped`; nil in the last report.
        public var state: String?
        /// Pages verified so far, 4 KiB each; a page counts each time.
        public var pagesVerified: UInt64
        /// Pages whose pattern was wrong.
        public var wrongPages: UInt64
        /// Pages that were not zero when they were new.
        public var notZeroPages: UInt64
        /// Pages that were freed and filled anew.
        public var refilledPages: UInt64
        /// Rounds over all of its memory.
        public var rounds: UInt64
        /// The first wrong page in detail.
        public var firstWrong: JSON?

        /// All pages that were not as they have to be. Zero, or memory was corrupted.
        public var corruptPages: UInt64 { wrongPages + notZeroPages }

        enum CodingKeys: String, CodingKey {
            case state, rounds
            case pagesVerified = "pages_verified"
            case wrongPages = "wrong_pages"
            case notZeroPages = "not_zero_pages"
            case refilledPages = "refilled_pages"
            case firstWrong = "first_wrong"
        }
    }

    /// The checker's process in the guest.
    public let process: GuestProcess
    let statusPath: String

    /// The same checker in the guest that its VM has migrated into.
    public func moved(to guest: Guest) -> Checker {
        Checker(process: GuestProcess(guest: guest, pid: process.pid, path: process.path), statusPath: statusPath)
    }

    /// What it has seen so far.
    public func report() async throws -> Report {
        let text = try await process.guest.sh("cat \(statusPath)")
        return try Self.decode(text)
    }

    /// Waits until it has verified that many pages in all.
    public func waitForPages(_ pages: UInt64, timeout: Duration = .seconds(300)) async throws {
        try await eventually("the checker verifies \(pages) pages", within: timeout) {
            if let code = try await process.exitCode() {
                throw KitError("the checker ended with \(code): \(try await process.log())")
            }
            return (try? await report())?.pagesVerified ?? 0 >= pages
        }
    }

    /// Verifies everything a last time, ends it and returns the sums.
    public func stop(timeout: Duration = .seconds(300)) async throws -> Report {
        try await process.signal("TERM")
        let code = try await process.wait(timeout: timeout)
        let log = try await process.log()
        guard code == 0 || code == 2, let line = log.split(separator: "\n").last else {
            throw KitError("the checker ended with \(code) (137: it was killed): \(log)")
        }
        return try Self.decode(String(line))
    }

    static func decode(_ text: String) throws -> Report {
        do {
            return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
        } catch {
            throw KitError("not a report of the checker: '\(text.prefix(300))'")
        }
    }
}

extension Guest {
    /// Starts a corruption checker.
    /// - Parameters:
    ///   - bytes: Anonymous memory that it keeps.
    ///   - fileBytes: Page cache (of a file in the guest's root file system) that it keeps.
    ///   - oomScore: Its `oom_score_adj`.
    ///   - pause: How long it sleeps every few megabytes, so that others get their turn.
    public func startChecker(
        bytes: UInt64, fileBytes: UInt64 = 0, seed: UInt64 = 1, oomScore: Int = 0,
        pause: Duration = .milliseconds(20)
    ) async throws -> Checker {
        let status = "/run/check-\(seed)-\(bytes)-\(fileBytes).status"
        let milliseconds = pause.components.seconds * 1000 + pause.components.attoseconds / 1_000_000_000_000_000
        let process = try await spawn(
            """
            guest-tool check --bytes \(bytes) --file-bytes \(fileBytes) --file /tmp/checked-\(seed) --seed \(seed) \
            --adj \(oomScore) --pause-ms \(milliseconds) --status \(status)
            """)
        return Checker(process: process, statusPath: status)
    }
}
