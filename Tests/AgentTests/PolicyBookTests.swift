import Testing
import Wire

@testable import Agent

@Suite("Policies in force")
struct PolicyBookTests {
    private func book(_ text: String = "") throws -> PolicyBook {
        PolicyBook(try AgentConfiguration.parse(Array(text.utf8), file: "a"))
    }

    @Test("Without a change they are the configuration's")
    func configured() throws {
        let book = try book(
            """
            [policy]
            stats-period = "adaptive"
            adaptive-minimum = "2s"
            adaptive-maximum = "20s"
            deflate-on-oom = "off"
            on-controller-loss = "release-after"
            release-after = "5m"
            """)
        #expect(
            book.state(periodInForce: 4000)
                == PolicyState(
                    statsPeriodMilliseconds: 4000, deflateOnOom: .off, adaptive: true, onControllerLoss: .releaseAfter,
                    releaseAfterMilliseconds: 300_000, minimumPeriodMilliseconds: 2000,
                    maximumPeriodMilliseconds: 20_000))
        #expect(book.releaseAfter == 300_000_000_000)
        #expect(book.targetRefusal == nil)
        #expect(try self.book().state(periodInForce: 9).deflateOnOom == .pressure)
        #expect(try self.book().releaseAfter == nil)
    }

    @Test("The host changes all of them, and each shows that it was set at run time")
    func changes() throws {
        var book = try book()
        let texts = try book.apply(
            SetPolicy(
                statsPeriodMilliseconds: 2000, deflateOnOom: .oom, onControllerLoss: .releaseAfter,
                releaseAfterMilliseconds: 60_000), by: .controller, periodInForce: 0)
        #expect(
            texts == [
                "stats-period is 2s (was 0s)", "deflate-on-oom is oom (was pressure)",
                "on-controller-loss is release-after 1m (was hold)",
            ])
        let state = book.state(periodInForce: 0)
        #expect(state.statsPeriodMilliseconds == 2000 && state.statsPeriodByHost)
        #expect(state.deflateOnOom == .oom && state.deflateOnOomByHost)
        #expect(state.onControllerLoss == .releaseAfter && state.releaseAfterMilliseconds == 60_000)
        #expect(state.onControllerLossByHost)
        #expect(book.overrides.deflateOnOom?.source == .host)
        // The field's own pair, by the administrator; what is not named stays.
        let pair = try book.apply(
            SetPolicy(statsPeriodMilliseconds: 0, deflateOnOom: .off), by: .localAdmin, periodInForce: 0)
        #expect(pair == ["stats-period is 0s (was 2s)", "deflate-on-oom is off (was oom)"])
        #expect(book.overrides.deflateOnOom?.source == .administrator)
        #expect(book.releaseAfter == 60_000_000_000)
        #expect(try book.apply(SetPolicy(deflateOnOom: .off), by: .controller, periodInForce: 0).isEmpty)
        #expect(
            try book.apply(SetPolicy(onControllerLoss: .holdBalloon), by: .controller, periodInForce: 0)
                == ["on-controller-loss is hold (was release-after 1m)"])
        #expect(book.releaseAfter == nil && book.state(periodInForce: 0).releaseAfterMilliseconds == 0)
    }

    @Test("Adaptive begins and ends; without a period the one in force becomes fixed")
    func adaptive() throws {
        var book = try book("[policy]\nminimum-stats-period = \"1s\"")
        #expect(
            try book.apply(SetPolicy(adaptive: true), by: .controller, periodInForce: 0)
                == ["stats-period is adaptive (was 0s)"])
        #expect(book.state(periodInForce: 8000).statsPeriodMilliseconds == 8000)
        #expect(book.state(periodInForce: 8000).adaptive)
        var other = book
        #expect(
            try book.apply(SetPolicy(adaptive: false), by: .controller, periodInForce: 8000)
                == ["stats-period is 8s (was adaptive)"])
        #expect(try book.apply(SetPolicy(adaptive: false), by: .controller, periodInForce: 3).isEmpty)
        // Never below the cap.
        _ = try other.apply(SetPolicy(adaptive: false), by: .controller, periodInForce: 100)
        #expect(other.policies.statsPeriodMilliseconds == 1000)
        _ = try other.apply(SetPolicy(adaptive: true), by: .controller, periodInForce: 1000)
        _ = try other.apply(
            SetPolicy(statsPeriodMilliseconds: 0, adaptive: false), by: .controller, periodInForce: 1000)
        #expect(other.policies.statsPeriodMilliseconds == 0 && !other.policies.adaptive)
    }

    @Test(
        "A value that no policy can have is refused, and nothing is changed",
        arguments: [
            (SetPolicy(statsPeriodMilliseconds: 99), "a stats-period is 0, 100 ms to 24 h, or adaptive, not 99 ms"),
            (
                SetPolicy(statsPeriodMilliseconds: .max),
                "a stats-period is 0, 100 ms to 24 h, or adaptive, not 18446744073709551615 ms"
            ),
            (
                SetPolicy(statsPeriodMilliseconds: 1000, adaptive: true),
                "a stats-period is adaptive or a fixed time, not both"
            ),
            (SetPolicy(deflateOnOom: .unspecified), "deflate-on-oom is off, oom or pressure, not unspecified"),
            (
                SetPolicy(deflateOnOom: DeflateOnOom(rawValue: 77)),
                "deflate-on-oom is off, oom or pressure, not unknown-77"
            ),
            (SetPolicy(onControllerLoss: .releaseAfter), "on-controller-loss = release-after needs its time"),
            (
                SetPolicy(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 999),
                "release-after is 1 s to 7 d, not 999 ms"
            ),
            (
                SetPolicy(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: .max),
                "release-after is 1 s to 7 d, not 18446744073709551615 ms"
            ),
            (
                SetPolicy(onControllerLoss: .holdBalloon, releaseAfterMilliseconds: 5000),
                "on-controller-loss = hold has no release-after time"
            ),
            (
                SetPolicy(releaseAfterMilliseconds: 5000),
                "a release-after time needs on-controller-loss = release-after beside it"
            ),
            (SetPolicy(onControllerLoss: .unspecified), "on-controller-loss is hold or release-after, not unspecified"),
        ] as [(SetPolicy, String)])
    func wrongValues(change: SetPolicy, text: String) throws {
        var book = try book()
        let before = book
        var change = change
        // Beside something that is right: all or nothing.
        if change.deflateOnOom == nil { change.deflateOnOom = .off }
        let refusal = #expect(throws: PolicyRefusal.self) {
            try book.apply(change, by: .controller, periodInForce: 0)
        }
        #expect(refusal?.description == text)
        #expect(refusal?.code == .value)
        #expect(book == before)
    }

    @Test(
        "What the configuration does not allow is refused with the key that forbids it",
        arguments: [
            ("host-may = \"observe\"", SetPolicy(deflateOnOom: .off), Role.controller, "policy.host-may"),
            ("allow-policy-change = false", SetPolicy(deflateOnOom: .off), .controller, "policy.allow-policy-change"),
            ("allow-policy-change = false", SetPolicy(adaptive: true), .localAdmin, "policy.allow-policy-change"),
            (
                "allowed-deflate-on-oom = [\"oom\", \"pressure\"]", SetPolicy(deflateOnOom: .off), .controller,
                "policy.allowed-deflate-on-oom"
            ),
            (
                "allowed-deflate-on-oom = [\"pressure\"]", SetPolicy(deflateOnOom: .oom), .localAdmin,
                "policy.allowed-deflate-on-oom"
            ),
            (
                "allowed-on-controller-loss = [\"hold\"]",
                SetPolicy(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 5000), .controller,
                "policy.allowed-on-controller-loss"
            ),
            (
                "minimum-stats-period = \"5s\"", SetPolicy(statsPeriodMilliseconds: 4999), .controller,
                "policy.minimum-stats-period"
            ),
        ] as [(String, SetPolicy, Role, String)])
    func caps(line: String, change: SetPolicy, role: Role, key: String) throws {
        var book = try book("[policy]\n\(line)")
        let before = book
        let refusal = #expect(throws: PolicyRefusal.self) {
            try book.apply(change, by: role, periodInForce: 0)
        }
        #expect(refusal?.description.contains(key) == true)
        #expect(refusal?.code == .configuration)
        #expect(book == before)
    }

    @Test("Within the caps everything can be set; silence always")
    func withinCaps() throws {
        var book = try book("[policy]\nminimum-stats-period = \"5s\"\nallowed-deflate-on-oom = [\"oom\"]")
        _ = try book.apply(
            SetPolicy(statsPeriodMilliseconds: 5000, deflateOnOom: .oom), by: .controller, periodInForce: 0)
        _ = try book.apply(SetPolicy(statsPeriodMilliseconds: 0), by: .controller, periodInForce: 0)
        #expect(book.policies.statsPeriodMilliseconds == 0)
    }

    @Test("A host that may only observe sets no targets; the administrator still sets policies")
    func observing() throws {
        var book = try book("[policy]\nhost-may = \"observe\"")
        #expect(book.targetRefusal?.reason == .notPermitted)
        #expect(book.targetRefusal?.detail.contains("policy.host-may") == true)
        #expect(book.state(periodInForce: 0).observeOnly)
        #expect(
            try book.apply(SetPolicy(deflateOnOom: .oom), by: .localAdmin, periodInForce: 0)
                == ["deflate-on-oom is oom (was pressure)"])
    }

    @Test("An observer changes nothing")
    func observer() throws {
        var book = try book()
        #expect(throws: PolicyRefusal.self) {
            try book.apply(SetPolicy(deflateOnOom: .off), by: .observer, periodInForce: 0)
        }
    }

    @Test("What was set before a restart stays, as far as the new configuration allows it")
    func kept() throws {
        var book = try book()
        _ = try book.apply(
            SetPolicy(statsPeriodMilliseconds: 1000, deflateOnOom: .off), by: .controller, periodInForce: 0)
        _ = try book.apply(
            SetPolicy(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 5000), by: .localAdmin,
            periodInForce: 0)
        let kept = book.overrides

        #expect(PolicyBook(AgentConfiguration(), kept: kept) == book)

        var observing = AgentConfiguration()
        observing.limits.hostMay = .observe
        let left = PolicyBook(observing, kept: kept).overrides
        #expect(left.statsPeriod == nil && left.deflateOnOom == nil && left.releaseAfter == kept.releaseAfter)

        var closed = AgentConfiguration()
        closed.limits.allowChange = false
        #expect(PolicyBook(closed, kept: kept).overrides.isEmpty)

        var narrow = AgentConfiguration()
        narrow.limits.deflateOnOom = [.oom]
        narrow.limits.onControllerLoss = [.holdBalloon]
        narrow.limits.minimumStatsPeriod = 2_000_000_000
        #expect(PolicyBook(narrow, kept: kept).overrides.isEmpty)
    }

    @Test("Kept numbers that no agent wrote are not taken")
    func damaged() {
        var kept = PolicyOverrides()
        kept.statsPeriod = .init(value: 3, source: .host)
        kept.deflateOnOom = .init(value: -4, source: .host)
        kept.releaseAfter = .init(value: .max, source: .administrator)
        #expect(PolicyBook(AgentConfiguration(), kept: kept).overrides.isEmpty)
        kept = PolicyOverrides()
        kept.deflateOnOom = .init(value: 1, source: .configuration)
        #expect(PolicyBook(AgentConfiguration(), kept: kept).overrides.isEmpty)
    }
}
