import HostAPI
import Testing
import Wire

@Suite("JSON of the API")
struct RoundTripTests {
    @Test("Everything survives the way to JSON and back")
    func roundTrips() throws {
        try check(Sample.detail)
        try check(VMList(vms: [VMSummary(Sample.detail)]))
        try check(Sample.report)
        try check(Sample.status)
        try check(SetTargetRequest(target: .bytes(5)))
        try check(SetTargetRequest(target: .percent(12.5)))
        try check(SetTargetResponse(targetBytes: 7, vm: Sample.detail))
        try check(GuestPolicyChange(statsPeriodMilliseconds: 0))
        try check(
            ReleaseAllResponse(results: [.init(vm: "a", releasedBytes: 1, error: .init(code: .refused, message: "no"))])
        )
        try check(EventPage(events: [Sample.event], next: 9, lost: true))
        for code in APIError.Code.allCases { try check(APIError(code: code, message: "m", remedy: "r")) }
    }

    private func check<Value: Codable & Equatable>(_ value: Value) throws {
        #expect(try APIJSON.decode(Value.self, from: APIJSON.encode(value)) == value)
    }

    @Test("Keys are snake_case, sizes are whole numbers, times are RFC 3339")
    func dialect() throws {
        var detail = Sample.detail
        detail.maxBytes = .max
        let text = try APIJSON.text(detail, pretty: false)
        #expect(text.contains("\"max_bytes\":18446744073709551615"))
        #expect(text.contains("\"boot_id\":\"b\""))
        #expect(text.contains("\"refused_chunks\":{\"refused-stamp\":2}"))
        #expect(text.contains("\"time\":\"1970-01-01T00:00:00.001Z\""))
        let report = try APIJSON.text(Sample.report, pretty: false)
        #expect(report.contains("\"avg10_percent\":12.34"))
        #expect(report.contains("\"deflate_on_oom\":\"pressure\""))
        #expect(try APIJSON.text(SetTargetRequest(target: .bytes(5)), pretty: false) == "{\"target\":{\"bytes\":5}}")
    }

    @Test("A target with both, neither or wild values is refused with a reason")
    func badTargets() {
        for text in [
            "{\"target\":{}}", "{\"target\":{\"bytes\":1,\"percent\":1}}", "{\"target\":{\"percent\":101}}",
            "{\"target\":{\"bytes\":-1}}", "{\"target\":{\"bytes\":1e30}}", "{\"target\":3}", "{}", "[]", "",
        ] {
            let error = #expect(throws: (any Error).self) {
                _ = try APIJSON.decode(SetTargetRequest.self, from: Array(text.utf8))
            }
            if let error { #expect(!APIJSON.explain(error).isEmpty) }
        }
    }

    @Test("An agent's report is told in the API's words")
    func fromWire() {
        let wire = Report(
            uptimeMilliseconds: 5, memory: MemoryReport(totalBytes: 10, availableBytes: 4),
            pressure: PressureReport(available: true, some: .init(average10Seconds: 1234, totalMicroseconds: 9)),
            balloon: BalloonReport(heldBytes: 3, limit: .floor, limitDetail: "too low"),
            policy: PolicyState(statsPeriodMilliseconds: 1000, deflateOnOom: .pressure))
        let report = GuestReport(wire, vm: "web1", time: Timestamp(milliseconds: 1))
        #expect(report.memory?.availableBytes == 4)
        #expect(report.pressure?.some.avg10Percent == 12.34)
        #expect(report.balloon?.limit == Explanation(code: "floor", message: "too low"))
        #expect(report.balloon?.targetBytes == nil)
        #expect(report.policy == GuestPolicy(statsPeriodMilliseconds: 1000, deflateOnOom: .pressure))
        #expect(GuestReport(Report(), vm: nil, time: Timestamp(milliseconds: 1)).memory == nil)
    }
}
