import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte

/// A guest whose programs take and give memory at will, with a balloon that does what the governor says.
private struct GuestModel {
    let total: UInt64
    var used: UInt64
    var held: UInt64 = 0
    /// Offered chunks come back one look after the release was ordered.
    var inFlight: UInt64 = 0
    var kills: UInt64 = 0

    var available: UInt64 {
        let taken = used + held + inFlight
        return taken < total ? total - taken : 0
    }

    var sample: Sample {
        Sample(availableBytes: available, oomKills: kills, heldBytes: held, inFlightBytes: inFlight)
    }
}

@Suite("A simulated guest")
struct GovernorSimulationTests {
    @Test("never inflates below its floor, always yields under its watermark, respects the hold-off", arguments: 0..<40)
    func invariants(seed: UInt64) {
        var chance = SplitMix64(state: seed)
        let total = UInt64.random(in: 128...16384, using: &chance) * mebibyte
        var governor = Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: total, processors: Int.random(in: 1...16, using: &chance)))
        var guest = GuestModel(total: total, used: UInt64.random(in: 0...total / 2, using: &chance))
        var now: UInt64 = 0
        var noInflationBefore: UInt64 = 0
        var steps = 0
        var releases = 0
        for _ in 0..<4000 {
            // Programs.
            switch UInt8.random(in: 0..<10, using: &chance) {
            case 0..<6: guest.used += min(guest.available, UInt64.random(in: 0...total / 64, using: &chance))
            case 6: guest.used -= min(guest.used, UInt64.random(in: 0...total / 2, using: &chance))
            case 7 where guest.available < governor.watermark / 8: guest.kills += 1
            default: guest.used -= min(guest.used, UInt64.random(in: 0...total / 64, using: &chance))
            }

            let sample = guest.sample
            let low = sample.availableBytes < governor.watermark
            let balloon = guest.held + guest.inFlight
            switch governor.observe(sample, now: now) {
            case .carryOn:
                #expect(!low || balloon == 0, "below the watermark with \(balloon) bytes of balloon")
            case .release: Issue.record("released in steps without pressure or another killer")
            case .releaseEverything(let emergency):
                #expect(low || emergency.reason == .oomKill)
                guest.held = 0
                releases += 1
                noInflationBefore = max(
                    noInflationBefore, now + (emergency.reason == .oomKill ? 100 : 10) * DurationText.second)
            }

            // One chunk in flight lands or, after a release, comes back.
            if guest.inFlight > 0 {
                if now >= noInflationBefore { guest.held += guest.inFlight }
                guest.inFlight = 0
            }
            let inputs = GovernorInputs(availableBytes: guest.available)
            let answer = governor.answer(
                target: 0, vmBytes: total, balloonBytes: guest.held, inputs: inputs, now: now)
            if case .allowed(let bytes) = governor.mayInflate(wanted: total, inputs: inputs, now: now) {
                #expect(bytes > 0 && bytes % ByteSize.hugePage == 0 && bytes <= governor.configuration.chunkBytes)
                #expect(now >= noInflationBefore, "inflated during a hold-off")
                #expect(answer.outcome != .refused)
                guest.inFlight = bytes
                #expect(guest.available >= governor.floor, "inflated below the floor")
                steps += 1
            } else {
                #expect(answer.outcome == .refused)
            }
            now += governor.nextLook(after: guest.sample) ?? DurationText.second
            if UInt8.random(in: 0..<50, using: &chance) == 0 { now += 20 * DurationText.second }
        }
        #expect(steps > 0 || governor.floor >= total / 2)
        #expect(releases > 0 || steps == 0)
    }
}
