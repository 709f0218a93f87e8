import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import Agent

@Suite("What a restarted agent has to know")
struct RuntimeStateTests {
    private static let boot = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"

    private static var full: RuntimeState {
        var overrides = PolicyOverrides()
        overrides.statsPeriod = .init(value: 2000, source: .host)
        overrides.deflateOnOom = .init(value: DeflateOnOom.off.rawValue, source: .administrator)
        overrides.releaseAfter = .init(value: nil, source: .host)
        var holds = HoldBook()
        holds.apply(Hold(milliseconds: .max), peer: AgentClient.hibernationPeer, now: 0)
        return RuntimeState(
            overrides: overrides, holds: holds, holdOff: RuntimeState.HoldOff(reason: .oomKill, until: 456))
    }

    @Test("It is found again within a boot, and not after one")
    func roundTrip() throws {
        let folder = TemporaryDirectory()
        var file = RuntimeStateFile(directory: folder.path, bootID: Self.boot)
        #expect(file.load() == RuntimeState())
        try file.save(Self.full)
        var again = RuntimeStateFile(directory: folder.path, bootID: Self.boot)
        #expect(again.load() == Self.full)
        var adaptive = Self.full
        adaptive.overrides.statsPeriod = .init(value: nil, source: .administrator)
        adaptive.overrides.releaseAfter = .init(value: 60_000, source: .host)
        adaptive.holds.apply(Hold(milliseconds: 5), peer: "ballastctl", now: 7)
        try again.save(adaptive)
        var third = RuntimeStateFile(directory: folder.path, bootID: Self.boot)
        #expect(third.load() == adaptive)
        var otherBoot = RuntimeStateFile(directory: folder.path, bootID: "x")
        #expect(otherBoot.load() == RuntimeState())
    }

    @Test("The file is root's alone, and goes when there is nothing left to know")
    func rights() throws {
        let folder = TemporaryDirectory()
        var file = RuntimeStateFile(directory: folder.path, bootID: Self.boot)
        try file.save(Self.full)
        var status = stat()
        #expect(unsafe file.path.withPlatformString { unsafe stat($0, &status) } == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        try file.save(RuntimeState())
        #expect(!SmallFile.exists(file.path))
        // Nothing to remove is fine as well, and so is garbage that somebody left.
        try file.save(RuntimeState())
        try folder.write("garbage", to: "state")
        var fresh = RuntimeStateFile(directory: folder.path, bootID: Self.boot)
        #expect(fresh.load() == RuntimeState())
        try fresh.save(RuntimeState())
        #expect(!SmallFile.exists(file.path))
    }

    @Test("A text that is changed in any bit, cut anywhere or followed by anything is none")
    func damage() {
        let text = RuntimeStateText.encode(Self.full, bootID: Self.boot)
        #expect(RuntimeStateText.decode(text, bootID: Self.boot) == Self.full)
        for index in text.indices {
            for bit in 0..<8 {
                var bad = text
                bad[index] ^= 1 << bit
                #expect(RuntimeStateText.decode(bad, bootID: Self.boot) == nil)
            }
            #expect(RuntimeStateText.decode(Array(text[..<index]), bootID: Self.boot) == nil)
        }
        #expect(RuntimeStateText.decode(text + text, bootID: Self.boot) == nil)
        #expect(RuntimeStateText.decode(text + [0x0A], bootID: Self.boot) == nil)
    }

    @Test(
        "A text with the right checksum and wrong content is none",
        arguments: [
            "ballast-state 2\nboot b\n", "boot b\n", "ballast-state 1\n", "ballast-state 1\nboot c\n",
            "ballast-state 1\nboot b\nhold hibernation\n", "ballast-state 1\nboot b\nhold x 5\n",
            "ballast-state 1\nboot b\nhold administrator 99999999999999999999\n",
            "ballast-state 1\nboot b\nstats-period configuration 5\n", "ballast-state 1\nboot b\nstats-period host x\n",
            "ballast-state 1\nboot b\ndeflate-on-oom host adaptive\n",
            "ballast-state 1\nboot b\nrelease-after host -1\n",
            "ballast-state 1\nboot b\nmagic host 1\n", "ballast-state 1\nboot b\n\n",
        ])
    func content(text: String) {
        let body = Array(text.utf8)
        let bytes = body + Array("crc32c \(String(CRC32C.checksum(body), radix: 16))\n".utf8)
        #expect(RuntimeStateText.decode(bytes, bootID: "b") == nil)
    }

    @Test("Garbage of any kind never traps", arguments: 0..<20)
    func garbage(seed: UInt64) {
        var chance = CorpusChance(state: seed)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0..<300, using: &chance)).map { _ in
                UInt8.random(in: .min ... .max, using: &chance)
            }
            #expect(RuntimeStateText.decode(bytes, bootID: "b") == nil)
        }
    }
}
