import HostAPI
import Testing
import Wire

@Suite("What people read about a guest")
struct GuestTextTests {
    private static func lines(_ change: (inout Report) -> Void, on canvas: Canvas = Canvas()) -> [String] {
        var report = Report()
        change(&report)
        return GuestReportText.lines(GuestReport(report, vm: nil, time: Sample.time), on: canvas)
    }

    @Test("The working set is a histogram of block characters, anonymous and file apart, on one scale")
    func histogram() {
        let lines = Self.lines({ $0.workingSet = Sample.workingSet }, on: Canvas(columns: 80, blocks: true))
        #expect(
            lines
                == [
                    "Working set: 500 MiB used within 10 s, of 1.31 GiB that the method sees",
                    "Method:      mglru",
                    "Confidence:  high (aged every 10 s)",
                    "Measured:    4 s ago, for 12 ms of processor time",
                    "",
                    "  UNUSED FOR  ANONYMOUS                   FILE",
                    "      < 10 s    400 MiB  ███████████▌  100 MiB  ██▉",
                    "10 s - 1 min      1 MiB  ▏              50 MiB  █▌",
                    "    >= 5 min        0 B                800 MiB  ███████████████████████",
                ])
    }

    @Test("Without block characters it is plain ASCII, and what is not 0 is seen")
    func ascii() {
        let lines = Self.lines { $0.workingSet = Sample.workingSet }
        let drawn = lines.joined(separator: "\n")
        #expect(drawn.utf8.allSatisfy { $0 < 128 })
        #expect(lines.contains { $0.contains("10 s - 1 min") && $0.contains("1 MiB  .") })
        #expect(lines.contains { $0.contains(">= 5 min") && $0.hasSuffix("#####") })
    }

    @Test("No line is wider than the terminal", arguments: [40, 60, 80, 132, 200])
    func width(columns: Int) {
        for blocks in [false, true] {
            let lines = Self.lines({ $0.workingSet = Sample.workingSet }, on: Canvas(columns: columns, blocks: blocks))
            let table = lines.drop { !$0.isEmpty }
            #expect(table.allSatisfy { $0.count <= max(columns, 64) }, "\(table.map(\.count))")
        }
    }

    @Test("Nodes are drawn apart, and memory of a kind that is not known has a column of its own")
    func nodes() {
        let lines = Self.lines { report in
            report.workingSet = WorkingSetReport(
                method: .damonStat,
                buckets: [0, 1].map { node in
                    IdleBucket(maximumIdleMilliseconds: 1500, node: node, unknownBytes: 5 << 20)
                })
        }
        #expect(lines.contains("Node 0") && lines.contains("Node 1"))
        #expect(lines.contains { $0.contains("ANONYMOUS OR FILE") })
        #expect(lines.contains { $0.contains("< 1.5 s") })
        #expect(!lines.contains { $0.contains("FILE") && !$0.contains("OR") })
    }

    @Test("Where nothing measures it, the reason is told")
    func unmeasured() {
        let lines = Self.lines { $0.workingSet = WorkingSetReport(detail: "no MGLRU, no DAMON") }
        #expect(lines == ["Nothing measures the working set of this guest: no MGLRU, no DAMON"])
    }

    @Test("Numbers beyond all bounds are drawn too")
    func wild() {
        let lines = Self.lines { report in
            report.workingSet = WorkingSetReport(
                method: .mglru,
                buckets: [
                    IdleBucket(
                        minimumIdleMilliseconds: .max, maximumIdleMilliseconds: .max, anonymousBytes: .max,
                        fileBytes: .max, node: .max, unknownBytes: .max), IdleBucket(),
                ], workingSetBytes: .max, windowMilliseconds: .max, ageMilliseconds: .max, costMicroseconds: .max)
            report.prices = PriceList(prices: [Price(bytes: .max), Price(bytes: .max)], reserveBytes: .max)
            report.top = TopReport(
                consumers: [Consumer(currentBytes: .max, growthBytesPerHour: .max)], cgroupVersion: 9,
                leaks: [Leak(grownBytes: .max, windowMilliseconds: .max, bytesPerHour: .max)], leftOut: .max)
            report.balloon = BalloonReport(
                holdOffMilliseconds: .max, holdMilliseconds: .max - 1, bootGraceMilliseconds: .max,
                stepBytesPerSecond: .max)
        }
        #expect(lines.count > 10)
    }

    @Test("The top consumers are a table with their pressure, limits and growth; leaks follow")
    func top() {
        let lines = Self.lines { $0.top = Sample.wireReport.top }
        #expect(lines[0].hasPrefix("CGROUP"))
        #expect(lines[1].hasPrefix("/system.slice/db.service  1.50 GiB  1 GiB  512 MiB"))
        #expect(lines[1].hasSuffix("2 GiB  12.34 %          1  90 MiB/h"))
        #expect(lines[2].hasSuffix("-        -          0         -"))
        #expect(lines[3] == "7 smaller ones were left out.")
        #expect(
            lines[4]
                == "Leak suspected in /system.slice/db.service: it grew by 180 MiB in 2 h, 90 MiB an hour "
                + "(it never shrank)")
        #expect(Self.lines { $0.top = TopReport() }.count == 1)
    }

    @Test("Prices are a table with their ages and sum")
    func prices() {
        #expect(
            Self.lines { $0.prices = Sample.wireReport.prices } == [
                "Reserve: 64 MiB of free memory must stay",
                "CLASS      UNUSED FOR    BYTES",
                "free                -  100 MiB",
                "cache       >= 10 min  200 MiB",
                "anonymous   not known    8 MiB",
                "Together: 308 MiB",
            ])
        #expect(Self.lines { $0.prices = PriceList() }.last == "The guest has nothing to give.")
    }

    @Test("Policies say who set them, and the bounds of an adaptive period")
    func policies() {
        #expect(
            Self.lines { $0.policy = Sample.wireReport.policy } == [
                "Stats period:       adaptive, now 4 s, between 1 s and 1 min (set at run time)",
                "Deflate on OOM:     pressure (guest's configuration)",
                "On controller loss: release-after=10 min (guest's configuration)",
                "The host may:       only look (guest's configuration)",
            ])
    }

    @Test("Sensors say whether they work, and why not")
    func sensors() {
        #expect(
            Self.lines { $0.sensors = Sample.wireReport.sensors } == [
                "SENSOR             WORKS  DETAIL",
                "psi                yes    /proc/pressure/memory",
                "working-set-damon  no     the kernel has no DAMON",
            ])
    }

    @Test("The balloon tells what keeps it from growing, and until when")
    func balloon() {
        let text = Self.lines { $0.balloon = Sample.wireReport.balloon }.joined(separator: "\n")
        for part in [
            "until the guest's administrator ends the hold", "30 s (after boot)",
            "1.5 min (no controller is connected)",
            "64 MiB more than its target gives", "300 MiB, of it 20 MiB since cache came back", "100 MiB/s",
            "5 MiB reclaimed, 1 compactions",
        ] {
            #expect(text.contains(part), "\(part) is missing in \(text)")
        }
    }

    @Test("Nothing that a guest says commands the terminal")
    func hostile() {
        let evil = "\u{1B}[2J\n\u{202E}"
        let lines = Self.lines { report in
            report.top = TopReport(
                consumers: [Consumer(cgroup: evil)], cgroupVersion: 2, leaks: [Leak(cgroup: evil, detail: evil)])
            report.sensors = SensorList(sensors: [SensorState(name: evil, detail: evil)])
            report.workingSet = WorkingSetReport(method: .mglru, detail: evil)
            report.balloon = BalloonReport(limit: .floor, limitDetail: evil)
        }
        for line in lines { #expect(!line.contains("\u{1B}") && !line.contains("\n") && !line.contains("\u{202E}")) }
        let event = GuestEvent(Event(kind: .asked, detail: evil), time: Sample.time)
        #expect(!EventText.line(event).contains("\u{1B}"))
    }

    @Test("Spans of time are short")
    func spans() {
        let texts: [(UInt64, String)] = [
            (0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (60_000, "1 min"), (5_400_000, "1.5 h"),
            (172_800_000, "2 d"), (.max, "213503982334.6 d"),
        ]
        for (milliseconds, text) in texts { #expect(PeriodText.span(milliseconds) == text) }
    }
}
