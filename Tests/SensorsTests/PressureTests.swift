import AllocationCounter
import SystemPackage
import Testing
import Wire

@testable import Sensors

private func totals(_ probe: borrowing PressureProbe) -> PressureTotals? { try? probe.totals() }

@Suite("Pressure of spans and of cgroups")
struct PressureTests {
    @Test("Two totals give the pressure of the span between them")
    func spans() {
        let before = PressureTotals(someMicroseconds: 1000, fullMicroseconds: 500)
        let after = PressureTotals(someMicroseconds: 51_000, fullMicroseconds: 1500)
        // 50 ms and 1 ms of one second.
        #expect(after.some(since: before, nanoseconds: 1_000_000_000) == 500)
        #expect(after.full(since: before, nanoseconds: 1_000_000_000) == 10)
        #expect(after.some(since: before, nanoseconds: 0) == 0)
        #expect(after.some(since: before, nanoseconds: 1) == 10_000)
        #expect(before.some(since: after, nanoseconds: 1_000_000_000) == 0)
        let most = PressureTotals(someMicroseconds: .max, fullMicroseconds: .max)
        #expect(most.some(since: PressureTotals(), nanoseconds: .max) <= 10_000)
        #expect(most.full(since: PressureTotals(), nanoseconds: 1) == 10_000)
    }

    @Test("The pressure of the system and of a cgroup is read", arguments: KernelFixture.allCases)
    func cgroups(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        #expect(
            PressureSensor.totals(tree.roots) == PressureTotals(someMicroseconds: 250_000, fullMicroseconds: 90_000))
        let path = "/system.slice/nginx.service"
        #expect(PressureSensor.read(cgroup: path, roots: tree.roots).some?.average10Seconds == 50)
        #expect(
            PressureSensor.totals(cgroup: path, roots: tree.roots)
                == PressureTotals(someMicroseconds: 700, fullMicroseconds: 70))
        let probe = try PressureProbe(cgroup: path, roots: tree.roots)
        #expect(try probe.totals() == PressureTotals(someMicroseconds: 700, fullMicroseconds: 70))
    }

    @Test("A cgroup that is not there, or outside the hierarchy, has no pressure")
    func noCgroup() throws {
        let tree = try FixtureTree(KernelFixture.v6_1.files)
        for path in ["/gone", "/../../proc", "/system.slice/../..", String(repeating: "/a", count: 300)] {
            #expect(!PressureSensor.read(cgroup: path, roots: tree.roots).available)
            #expect(PressureSensor.totals(cgroup: path, roots: tree.roots) == nil)
        }
        #expect(PressureSensor.file(ofCgroup: "/../x", roots: tree.roots) == nil)
        let bare = try FixtureTree()
        #expect(PressureSensor.file(ofCgroup: "/x", roots: bare.roots) == nil)
        #expect(PressureSensor.totals(bare.roots) == nil)
        var code: SensorError.Code?
        do throws(SensorError) {
            _ = try PressureProbe(cgroup: "/x", roots: bare.roots)
        } catch { code = error.code }
        #expect(code == .unreadable)
    }

    @Test("The probe sees new totals, and garbage is an error")
    func probe() throws {
        let tree = try FixtureTree(["proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"])
        let probe = try PressureProbe(tree.roots)
        #expect(try probe.totals() == PressureTotals(someMicroseconds: 7))
        try tree.write(
            "proc/pressure/memory",
            "some avg10=0.00 total=18446744073709551615\nfull avg10=0.00 total=00000000000000000000000000009\n")
        #expect(try probe.totals() == PressureTotals(someMicroseconds: .max, fullMicroseconds: 9))
        for text in [
            "", "\n", "s", "some", "some total=\n", "some total=1", "full total=1\n",
            "some total=18446744073709551616\n",
            "some total=100000000000000000000\n", "some 5\n", "=\n", String(repeating: "9", count: 600),
        ] {
            try tree.write("proc/pressure/memory", text)
            #expect(throws: SensorError.self) { try probe.totals() }
        }
    }

    @Test("10,000 looks at pressure allocate nothing")
    func allocatesNothing() throws {
        let tree = try FixtureTree(KernelFixture.v6_1.files)
        let probe = try PressureProbe(tree.roots)
        #expect(totals(probe) != nil)
        var seen = 0
        let before = allocation_count()
        for _ in 0..<10_000 where totals(probe)?.someMicroseconds == 250_000 { seen += 1 }
        #expect(allocation_count() == before)
        #expect(seen == 10_000)
    }
}
