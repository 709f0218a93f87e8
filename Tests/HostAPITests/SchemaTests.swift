import HostAPI
import Testing
import Wire

@testable import ballastctl

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The documented schema of what ballastctl guest prints")
struct SchemaTests {
    private static func schema() throws -> JSONSchema {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let path = parts.joined(separator: "/") + "/docs/guest-report.schema.json"
        let file = try #require(fopen(path, "r"), "no \(path)")
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return JSONSchema(root: try JSONValue(parsing: Array(bytes[..<count])))
    }

    private static func document(_ value: some Encodable) throws -> JSONValue {
        try JSONValue(parsing: try APIJSON.encode(value))
    }

    @Test("A report with everything is valid, and shows every key of the schema")
    func complete() throws {
        let schema = try Self.schema()
        let report = try Self.document(GuestReport(Sample.wireReport, vm: "web1", time: Sample.time))
        #expect(try schema.problems(report) == [])
        #expect(try schema.properties().subtracting(JSONSchema.keys(report)) == [])
    }

    @Test("Reports on each topic, empty ones and those of a device are valid")
    func reports() throws {
        let schema = try Self.schema()
        var empty = Report(uptimeMilliseconds: 1)
        empty.memory = MemoryReport()
        empty.pressure = PressureReport()
        empty.balloon = BalloonReport()
        empty.policy = PolicyState(deflateOnOom: .off)
        empty.prices = PriceList(prices: [Price()])
        empty.workingSet = WorkingSetReport(buckets: [IdleBucket()])
        empty.top = TopReport(consumers: [Consumer()], leaks: [Leak()])
        empty.sensors = SensorList(sensors: [])
        let reports = [
            Sample.report, GuestReport(empty, vm: nil, time: Sample.time),
            GuestReport(Report(), vm: nil, time: Sample.time), GuestReport(source: .device, time: Sample.time),
        ]
        for report in reports { #expect(try schema.problems(Self.document(report)) == []) }
    }

    @Test("Policies, holds and events are valid")
    func others() throws {
        let schema = try Self.schema()
        for change in [
            GuestPolicyChange(), GuestPolicyChange(adaptive: true, deflateOnOom: .off),
            GuestPolicyChange(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 600_000),
        ] {
            #expect(try schema.problems(Self.document(change.expected), definition: "policy") == [])
        }
        for remaining: UInt64 in [0, 5, .max] {
            let hold = try Self.document(GuestHold(remaining: remaining))
            #expect(try schema.problems(hold, definition: "hold") == [])
        }
        for event in [
            Event(),
            Event(kind: .pressureRelease, reason: .memoryPressure, bytes: 5, detail: "d", uptimeMilliseconds: 7),
        ] {
            let told = try Self.document(GuestEvent(event, time: Sample.time))
            #expect(try schema.problems(told, definition: "event") == [])
        }
    }

    @Test("What is wrong is found")
    func wrong() throws {
        let schema = try Self.schema()
        let texts = [
            "{}", "{\"source\":\"agent\"}", "{\"source\":\"nobody\",\"time\":\"t\"}",
            "{\"source\":\"agent\",\"time\":\"t\",\"secret\":1}",
            "{\"source\":\"agent\",\"time\":\"t\",\"sensors\":[5]}",
            "{\"source\":\"agent\",\"time\":\"t\",\"uptime_milliseconds\":-1}", "[]",
        ]
        for text in texts {
            #expect(try !schema.problems(JSONValue(parsing: Array(text.utf8))).isEmpty, "\(text)")
        }
    }
}
