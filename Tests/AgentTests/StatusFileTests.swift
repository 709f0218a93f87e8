import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import Agent

@Suite("The status file")
struct StatusFileTests {
    private let second: UInt64 = 1_000_000_000
    private let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    private var status: GuestStatus {
        var status = GuestStatus()
        status.vmBytes = 4 << 30
        status.targetBytes = 3 << 30
        status.memoryTotalBytes = 3900 << 20
        status.ballooned = 992 << 20
        status.inFlightBytes = 32 << 20
        status.availableBytes = 2 << 30
        status.askedBy = "ballast-host 0.2 \"x\""
        status.limit = .floor
        status.limitDetail = "744 MiB must stay"
        status.holdUntilMilliseconds = .max
        status.policy = PolicyState(deflateOnOom: .pressure, onControllerLoss: .holdBalloon, deflateOnOomByHost: true)
        status.events = [Event(kind: .inflated, bytes: 5, detail: "d", uptimeMilliseconds: 9)]
        return status
    }

    @Test("Its numbers say what the guest really has")
    func numbers() throws {
        let value = try JSONReader.read(status.json(agentVersion: "1", now: 77).indented)
        #expect(value["effective_total_bytes"] == .integer((3900 - 1024) << 20))
        #expect(value["asked_by"] == .string("ballast-host 0.2 \"x\""))
        #expect(value["limit"] == .string("floor"))
        #expect(value["hold_until_ms"] == .string("forever"))
        #expect(value["hold_off_until_ms"] == .null)
        #expect(value["uptime_ms"] == .integer(77))
        #expect(value["policy"]?["deflate_on_oom"] == .string("pressure"))
        #expect(value["policy"]?["set_at_run_time"] == .array([.string("deflate_on_oom")]))
        let none = GuestStatus().json(agentVersion: "1", now: 0)
        #expect(none["vm_bytes"] == .null && none["target_bytes"] == .null && none["asked_by"] == .null)
        var impossible = status
        impossible.ballooned = .max
        #expect(impossible.effectiveTotalBytes == 0)
    }

    @Test("The page describes every member")
    func page() throws {
        let text = try SmallFile.readText(repository.appending("docs/status-file.md"))
        let value = status.json(agentVersion: "1", now: 0)
        guard case .object(let members) = value, case .object(let policy)? = value["policy"] else {
            Issue.record("no object")
            return
        }
        for member in members { #expect(text.contains("| `\(member.name)` |"), "\(member.name) is described") }
        for member in policy { #expect(text.contains("`\(member.name)`"), "\(member.name) is described") }
        let described = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.count
        #expect(described == members.count)
    }

    @Test("It is written on change only, and at most once a second")
    func schedule() {
        var schedule = StatusSchedule()
        var status = status
        #expect(schedule.wants(status, now: 0) == true)
        schedule.wrote(status, now: 0)
        #expect(schedule.wants(status, now: 100 * second) == false)
        #expect(schedule.due == nil)
        status.ballooned += 1
        #expect(schedule.wants(status, now: 100 * second) == true)
        schedule.wrote(status, now: 100 * second)
        status.ballooned += 1
        #expect(schedule.wants(status, now: 100 * second + second / 2) == false)
        #expect(schedule.due == 101 * second)
        #expect(schedule.wants(status, now: 101 * second) == true)
        schedule.wrote(status, now: 101 * second)
        #expect(schedule.due == nil)
        // A change that is taken back before its time is none.
        status.ballooned += 1
        #expect(schedule.wants(status, now: 101 * second + 1) == false)
        status.ballooned -= 1
        #expect(schedule.wants(status, now: 101 * second + 2) == false)
        #expect(schedule.due == nil)
    }

    @Test("Available memory alone counts from a sixty-fourth part on")
    func available() {
        var schedule = StatusSchedule()
        var status = status
        schedule.wrote(status, now: 0)
        status.availableBytes += status.memoryTotalBytes / 64
        #expect(schedule.wants(status, now: 9 * second) == false)
        #expect(schedule.due == nil)
        status.availableBytes += 1
        #expect(schedule.wants(status, now: 9 * second) == true)
    }

    @Test("It is replaced as a whole, everyone may read it, and it goes with the agent")
    func file() throws {
        let folder = TemporaryDirectory()
        let path = folder.path.appending("status.json")
        var file = StatusFile(path: path.string, agentVersion: "9.9")
        let old = umask(0o077)
        defer { umask(old) }
        #expect(file.update(status, now: 5 * second) == nil)
        var info = stat()
        #expect(unsafe path.withPlatformString { unsafe stat($0, &info) } == 0)
        #expect(info.st_mode & 0o7777 == 0o644)
        let first = try JSONReader.read(try SmallFile.read(path))
        #expect(first["agent_version"] == .string("9.9") && first["uptime_ms"] == .integer(5000))
        // Somebody who has the old file open goes on reading the old one.
        let reader = try SmallFile.open(path, flags: O_RDONLY)
        var changed = status
        changed.ballooned = 0
        #expect(file.update(changed, now: 6 * second) == nil)
        var text = [UInt8](repeating: 0, count: 8192)
        let count = unsafe Glibc.read(reader.rawValue, &text, text.count)
        #expect(try JSONReader.read(text[..<count]) == first)
        #expect(try JSONReader.read(try SmallFile.read(path))["ballooned_bytes"] == .integer(0))
        #expect(SmallFile.names(in: folder.path) == ["status.json"])
        file.remove()
        #expect(SmallFile.names(in: folder.path).isEmpty)
    }

    @Test("A file that cannot be written is told once")
    func broken() {
        var file = StatusFile(path: "/nonexistent/status.json", agentVersion: "1")
        var status = status
        #expect(file.update(status, now: 0)?.contains("status file") == true)
        status.ballooned += 1
        #expect(file.update(status, now: 2 * second) == nil)
        var none = StatusFile(path: "", agentVersion: "1")
        #expect(none.update(status, now: 0) == nil && none.due == nil)
    }
}
