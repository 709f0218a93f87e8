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
            GuestPolicyChange(adaptive: true, onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 600_000))
        try check(GuestReport(Sample.wireReport, vm: "web1", time: Sample.time))
        try check(GuestHold(remaining: 5))
        try check(GuestEvent(Event(kind: .held, bytes: 5), time: Sample.time))
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

    @Test("What an agent senses is told in the API's words; what is not known is left out")
    func sensesFromWire() throws {
        let report = GuestReport(Sample.wireReport, vm: nil, time: Sample.time)
        #expect(report.prices?.prices.map(\.class) == ["free", "cache", "anonymous"])
        #expect(report.prices?.prices.map(\.minimumIdleMilliseconds) == [nil, 600_000, nil])
        #expect(report.workingSet?.method == "mglru")
        #expect(report.workingSet?.confidence == "high")
        #expect(report.workingSet?.buckets.last?.maximumIdleMilliseconds == nil)
        #expect(report.top?.consumers.map(\.limitBytes) == [2 << 30, nil])
        #expect(report.top?.leaks.first?.bytesPerHour == 90 << 20)
        #expect(report.sensors?.map(\.available) == [true, false])
        #expect(report.policy?.onControllerLoss == .releaseAfter)
        #expect(report.policy?.observeOnly == true)
        #expect(report.balloon?.holdMilliseconds == .max)
        let older = GuestPolicy(PolicyState(statsPeriodMilliseconds: 5000, deflateOnOom: .oom))
        #expect(older.onControllerLoss == nil && older.maximumPeriodMilliseconds == nil && !older.adaptive)
        let ask = try #require(GuestAsk(Ask(bytes: 5, holdMilliseconds: .max), time: Timestamp(milliseconds: 0)))
        #expect(ask.expires == Timestamp(milliseconds: 86_400_000))
        #expect(GuestAsk(Ask(reason: .demand), time: Sample.time) == nil)
    }

    @Test("Topics are asked for by name, and a report without them is refused with the agent's version")
    func topics() {
        for topic in GuestTopic.allCases {
            #expect(GuestTopic(word: topic.rawValue) == topic)
            #expect(topic.query.topics.map(\.name) == (topic == .all ? [] : [topic.rawValue]))
            let whole = GuestReport(Sample.wireReport, vm: nil, time: Sample.time)
            #expect(topic.problem(with: whole, agent: "0.2.0") == nil)
            let problem = topic.problem(with: GuestReport(source: .agent, time: Sample.time), agent: "0.2.0")
            #expect((problem == nil) == (topic == .all))
            #expect(problem?.message.contains("0.2.0") != false && problem?.code ?? .refused == .refused)
        }
        #expect(GuestTopic(word: "workingset") == .workingSet)
        #expect(GuestTopic(word: "hold") == nil)
    }

    @Test("A change of policies goes over an earlier one, value by value, and what belongs together stays so")
    func changes() {
        let file = GuestPolicyChange(
            statsPeriodMilliseconds: 5000, deflateOnOom: .oom, onControllerLoss: .releaseAfter,
            releaseAfterMilliseconds: 60_000)
        #expect(GuestPolicyChange().over(file) == file)
        let adaptive = GuestPolicyChange(adaptive: true).over(file)
        #expect(adaptive.statsPeriodMilliseconds == nil && adaptive.adaptive == true && adaptive.deflateOnOom == .oom)
        #expect(adaptive.problem == nil)
        let hold = GuestPolicyChange(onControllerLoss: .hold).over(file)
        #expect(hold.onControllerLoss == .hold && hold.releaseAfterMilliseconds == nil && hold.problem == nil)
        #expect(GuestPolicyChange(statsPeriodMilliseconds: 0).over(adaptive).adaptive == nil)
        #expect(file.parts.count == 3 && file.parts.allSatisfy { $0.problem == nil })
        #expect(GuestPolicyChange().parts.isEmpty)
    }

    @Test("Changes that make no sense are told by their key")
    func wrongChanges() {
        let wrong: [(GuestPolicyChange, GuestPolicyChange.Key)] = [
            (.init(statsPeriodMilliseconds: 99), .statsPeriod),
            (.init(statsPeriodMilliseconds: 0, adaptive: true), .statsPeriod),
            (.init(onControllerLoss: .releaseAfter), .onControllerLoss),
            (.init(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 999), .releaseAfter),
            (.init(onControllerLoss: .hold, releaseAfterMilliseconds: 5000), .releaseAfter),
            (.init(releaseAfterMilliseconds: 5000), .releaseAfter),
        ]
        for (change, key) in wrong { #expect(change.problems.map(\.key) == [key]) }
        #expect(GuestPolicyChange(statsPeriodMilliseconds: 0, adaptive: false).problem == nil)
    }

    @Test("What an older agent ignored is noticed")
    func ignored() {
        let change = GuestPolicyChange(adaptive: true, deflateOnOom: .oom, onControllerLoss: .hold)
        let older = GuestPolicy(statsPeriodMilliseconds: 0, deflateOnOom: .oom)
        #expect(change.ignored(by: older) == [.statsPeriod, .onControllerLoss])
        #expect(change.ignored(by: change.expected) == [])
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
