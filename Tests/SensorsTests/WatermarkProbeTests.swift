import AllocationCounter
import Sensors
import SystemPackage
import Testing

private let kibibyte: UInt64 = 1024

/// Keeps a value from being optimised away.
@inline(never) private func use(_ value: [UInt64]) -> Int { value.count }

private func memoryOf(_ probe: borrowing WatermarkProbe) -> UInt64 { (try? probe.memory().available) ?? 0 }

@Suite("The look that decides whether the balloon yields")
struct WatermarkProbeTests {
    @Test("It sees total, free and available memory and the OOM kills, again and again")
    func reads() throws {
        let tree = try FixtureTree(["proc/meminfo": Fixtures.meminfo612, "proc/vmstat": Fixtures.vmstat61])
        let probe = try WatermarkProbe(tree.roots)
        for _ in 0..<3 {
            let memory = try probe.memory()
            #expect(memory.total == 2_016_540 * kibibyte)
            #expect(memory.free == 1_732_412 * kibibyte)
            #expect(memory.available == 1_787_376 * kibibyte)
            #expect(try probe.oomKills() == 3)
        }
        try tree.write("proc/meminfo", Fixtures.meminfo61.replacing("MemAvailable:    1787376", "MemAvailable:    7"))
        #expect(try probe.memory().available == 7 * kibibyte)
        try tree.write("proc/vmstat", "nr_free_pages 1\noom_kill 18446744073709551615\n")
        #expect(try probe.oomKills() == .max)
    }

    @Test("Missing, cut, garbled and huge numbers are errors, never traps")
    func garbage() throws {
        let tree = try FixtureTree(["proc/meminfo": "", "proc/vmstat": ""])
        let probe = try WatermarkProbe(tree.roots)
        let first = "MemTotal: 1 kB\nMemFree: 1 kB\n"
        for text in [
            "", "\n", "M", "MemAvailable", first, first + "MemAvailable:", first + "MemAvailable: ",
            first + "MemAvailable: 12", first + "MemAvailable: 99999999999999999999 kB\n",
            first + "MemAvailable: 18446744073709551615 kB\n", first + "MemAvailable: -1 kB\n",
            first + "MemAvailableX: 1 kB\n", first + "XMemAvailable: 1 kB\n", "\u{0}\u{0}",
            String(repeating: "x", count: 100_000),
        ] {
            try tree.write("proc/meminfo", text)
            #expect(throws: SensorError.self) { try probe.memory() }
            try tree.write("proc/vmstat", text.replacing("MemAvailable", "oom_kill"))
            #expect(throws: SensorError.self) { try probe.oomKills() }
        }
        // Every prefix of a good file is read or refused.
        var text = ""
        for character in "MemTotal: 3 kB\nMemFree: 2 kB\nMemAvailable: 1 kB\n" {
            text.append(character)
            try tree.write("proc/meminfo", text)
            _ = try? probe.memory()
        }
        #expect(try probe.memory().available == kibibyte)
        #expect(throws: SensorError.self) { try probe.oomKills() }
    }

    @Test("A missing file is an error at the start")
    func missing() throws {
        let tree = try FixtureTree(["proc/meminfo": ""])
        var error: SensorError?
        do throws(SensorError) {
            _ = try WatermarkProbe(tree.roots)
        } catch let caught {
            error = caught
        }
        #expect(error?.errno == .noSuchFileOrDirectory)
        #expect(error?.path == tree.root.appending("proc/vmstat"))
    }

    @Test("10,000 looks at this machine's memory allocate nothing")
    func allocatesNothing() throws {
        let probe = try WatermarkProbe()
        func look() -> Bool {
            do {
                let memory = try probe.memory()
                _ = try probe.oomKills()
                return memory.available > 0 && memory.available <= memory.total
            } catch {
                return false
            }
        }
        #expect(look())
        var before = allocation_count()
        #expect(use([memoryOf(probe), 1, 2]) == 3)
        #expect(allocation_count() > before, "the counter sees an array being made")
        var succeeded = true
        before = allocation_count()
        for _ in 0..<10_000 where !look() { succeeded = false }
        #expect(allocation_count() == before)
        #expect(succeeded)
    }
}
