import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let chunk = 32 * ByteSize.mebibyte

@Suite("When the balloon may grow")
struct GovernorGrowTests {
    /// 2 GiB and two processors: the watermark is 102.4 MiB, the floor 360 MiB.
    private let governor = Governor(
        configuration: GovernorConfiguration(memoryTotalBytes: 2048 * mebibyte, processors: 2))

    private func permission(_ inputs: GovernorInputs, wanted: UInt64 = 512 * mebibyte) -> Permission {
        governor.mayInflate(wanted: wanted, inputs: inputs, now: 0)
    }

    /// The allowed MiB, or the reason.
    private func outcome(_ permission: Permission) -> String {
        switch permission {
        case .allowed(let bytes): "\(bytes / mebibyte)"
        case .refused(let refusal): refusal.reason.name
        }
    }

    @Test(
        "A step is a multiple of 2 MiB up to one chunk, and leaves the floor available",
        arguments: [
            // available KiB, unpopulated MiB, wanted MiB, expected
            (1024 * 1024, 0, 512, "32"), (1024 * 1024, 0, 31, "30"), (1024 * 1024, 0, 2, "2"),
            (1024 * 1024, 0, 1, "none"), (1024 * 1024, 0, 0, "none"), ((360 + 32) * 1024, 0, 512, "32"),
            ((360 + 32) * 1024 - 1, 0, 512, "30"), (362 * 1024, 0, 512, "2"), (362 * 1024 - 1, 0, 512, "floor"),
            (360 * 1024, 0, 512, "floor"), (424 * 1024, 32, 512, "32"), (424 * 1024, 62, 512, "2"),
            (424 * 1024, 63, 512, "floor"), (424 * 1024, 5000, 512, "floor"), (103 * 1024, 0, 512, "floor"),
            (102 * 1024, 0, 512, "watermark"), (0, 0, 512, "watermark"),
        ] as [(UInt64, UInt64, UInt64, String)])
    func floorBounds(available: UInt64, unpopulated: UInt64, wanted: UInt64, expected: String) {
        let inputs = GovernorInputs(
            availableBytes: available * 1024, unpopulatedBytes: unpopulated * mebibyte,
            unpinnedBytes: unpopulated * mebibyte)
        #expect(outcome(permission(inputs, wanted: wanted * mebibyte)) == expected)
    }

    private static func zones(
        dma32Free: UInt64 = 0, normal: ZoneState, movable: UInt64 = 1024
    ) -> [ZoneState] {
        [
            ZoneState(name: "DMA", managedBytes: 15 * mebibyte, freeBytes: 15 * mebibyte),
            ZoneState(name: "DMA32", managedBytes: 500 * mebibyte, freeBytes: dma32Free * mebibyte),
            normal,
            ZoneState(name: "Movable", managedBytes: movable * mebibyte, freeBytes: movable * mebibyte),
            ZoneState(name: "Device", managedBytes: 0, freeBytes: 0),
        ]
    }

    private static func normal(
        free: UInt64, file: UInt64 = 0, high: UInt64 = 0, reserve: UInt64 = 0, freeCMA: UInt64 = 0, cma: UInt64 = 0
    ) -> ZoneState {
        ZoneState(
            name: "Normal", managedBytes: 1024 * mebibyte, freeBytes: free * mebibyte, freeCMABytes: freeCMA * mebibyte,
            cmaBytes: cma * mebibyte, inactiveFileBytes: file * mebibyte / 2, activeFileBytes: file * mebibyte / 2,
            highBytes: high * mebibyte, reserveBytes: reserve * mebibyte)
    }

    @Test(
        "With ZONE_MOVABLE the zones that pins come from keep one chunk above their high watermarks",
        arguments: [
            (zones(normal: normal(free: 64)), 0, "32"), (zones(normal: normal(free: 63)), 0, "30"),
            (zones(normal: normal(free: 34)), 0, "2"), (zones(normal: normal(free: 33)), 0, "zone"),
            (zones(normal: normal(free: 0)), 0, "zone"), (zones(dma32Free: 64, normal: normal(free: 0)), 0, "32"),
            (zones(dma32Free: 40, normal: normal(free: 24)), 0, "32"),
            (zones(normal: normal(free: 20, file: 44)), 0, "32"),
            (zones(normal: normal(free: 74, high: 10)), 0, "32"),
            (zones(normal: normal(free: 74, high: 10, reserve: 10)), 0, "22"),
            (zones(normal: normal(free: 96)), 32, "32"), (zones(normal: normal(free: 96)), 64, "zone"),
            // A zone below its watermark takes nothing from another one's headroom.
            (zones(dma32Free: 64, normal: normal(free: 0, high: 500)), 0, "32"),
            // Without ZONE_MOVABLE and CMA the zones do not count.
            (zones(normal: normal(free: 0), movable: 0), 0, "32"),
            // Free CMA memory serves no pin.
            (zones(normal: normal(free: 300, freeCMA: 256, cma: 256), movable: 0), 0, "12"),
            (zones(normal: normal(free: 256, freeCMA: 256, cma: 256), movable: 0), 0, "zone"),
        ] as [([ZoneState], UInt64, String)])
    func zoneBounds(zones: [ZoneState], unpinned: UInt64, expected: String) {
        let inputs = GovernorInputs(
            availableBytes: 1500 * mebibyte, unpinnedBytes: unpinned * mebibyte, zones: zones)
        #expect(outcome(permission(inputs)) == expected)
    }

    @Test(
        "A cgroup's limit keeps 16 MiB",
        arguments: [
            (nil, "32"), (1024, "32"), (48, "32"), (47, "30"), (18, "2"), (17, "cgroup-limit"), (0, "cgroup-limit"),
        ] as [(UInt64?, String)])
    func cgroupBounds(headroom: UInt64?, expected: String) {
        let inputs = GovernorInputs(
            availableBytes: 1500 * mebibyte, cgroupHeadroomBytes: headroom.map { $0 * mebibyte })
        #expect(outcome(permission(inputs)) == expected)
    }

    @Test(
        "Strict overcommit keeps the floor's share of the commit limit",
        arguments: [
            // limit, committed MiB, expected; the share is 360 MiB of a limit as large as memory, 180 of half of it
            (2048, 2048 - 360 - 32, "32"), (2048, 2048 - 360 - 31, "30"), (2048, 2048 - 360 - 1, "overcommit"),
            (1024, 1024 - 180 - 32, "32"), (1024, 1024 - 180, "overcommit"), (1024, 5000, "overcommit"),
            (9000, 9000 - 360 - 32, "32"), (0, 0, "overcommit"),
        ] as [(UInt64, UInt64, String)])
    func overcommitBounds(limit: UInt64, committed: UInt64, expected: String) {
        let inputs = GovernorInputs(
            availableBytes: 1500 * mebibyte,
            commit: .init(limitBytes: limit * mebibyte, committedBytes: committed * mebibyte))
        #expect(outcome(permission(inputs)) == expected)
    }

    @Test("The order of authority: watermark, floor, hold-off, hold, zone, cgroup, overcommit")
    func authority() {
        var governor = governor
        var inputs = GovernorInputs(
            availableBytes: 0, zones: Self.zones(normal: Self.normal(free: 0)), cgroupHeadroomBytes: 0,
            commit: .init(limitBytes: 0, committedBytes: 0))
        var seen: [String] = []
        func ask() { seen.append(outcome(governor.mayInflate(wanted: chunk, inputs: inputs, now: 0))) }
        governor.holdOff(for: 10, because: .watermark, now: 0)
        governor.hold(for: 10, now: 0)
        ask()
        inputs.availableBytes = 200 * mebibyte
        ask()
        inputs.availableBytes = 1024 * mebibyte
        ask()
        governor = self.governor
        governor.hold(for: 10, now: 0)
        ask()
        governor.endHold()
        ask()
        inputs.zones = []
        ask()
        inputs.cgroupHeadroomBytes = nil
        ask()
        inputs.commit = nil
        ask()
        #expect(
            seen == ["watermark", "floor", "hold-off", "hold", "zone", "cgroup-limit", "overcommit", "32"])
    }

    @Test("A refusal is one sentence with the numbers")
    func sentences() {
        func detail(_ inputs: GovernorInputs) -> String? {
            guard case .refused(let refusal) = permission(inputs) else { return nil }
            return refusal.detail
        }
        #expect(
            detail(GovernorInputs(availableBytes: 300 * mebibyte))
                == "300 MiB available, and 360 MiB must stay available")
        #expect(
            detail(GovernorInputs(availableBytes: 64 * mebibyte))
                == "64 MiB available, below the watermark of 102.4 MiB")
        #expect(
            detail(
                GovernorInputs(
                    availableBytes: 1024 * mebibyte, zones: Self.zones(normal: Self.normal(free: 20, high: 10))))
                == "the zones that pinned memory comes from have 10 MiB above their watermarks, and 32 MiB are kept")
        #expect(
            detail(GovernorInputs(availableBytes: 1024 * mebibyte, cgroupHeadroomBytes: mebibyte))
                == "1 MiB left below the memory limit of the holders' cgroup or an ancestor, and 16 MiB are kept")
        #expect(
            detail(
                GovernorInputs(
                    availableBytes: 1024 * mebibyte,
                    commit: .init(limitBytes: 1024 * mebibyte, committedBytes: 1000 * mebibyte)))
                == "vm.overcommit_memory=2 leaves 24 MiB to commit, and 180 MiB are kept for programs")
    }

    @Test(
        "A target is accepted, answered in part or refused",
        arguments: [
            // target, balloon, available MiB, expected outcome, reachable MiB, reason
            (1024, 0, 1800, .accepted, 1024, .noReason), (2048, 512, 0, .accepted, 2048, .noReason),
            (5000, 512, 1000, .accepted, 5000, .noReason), (1536, 512, 0, .accepted, 1536, .noReason),
            (1024, 512, 872, .accepted, 1024, .noReason), (1024, 512, 871, .partly, 1026, .floor),
            (0, 512, 1400, .partly, 496, .floor), (1024, 512, 361, .refused, 1536, .floor),
            (1024, 512, 90, .refused, 1536, .watermark), (2047, 0, 1800, .accepted, 2047, .noReason),
        ] as [(UInt64, UInt64, UInt64, TargetAnswer.Outcome, UInt64, Reason)])
    func answers(
        target: UInt64, balloon: UInt64, available: UInt64, outcome: TargetAnswer.Outcome, reachable: UInt64,
        reason: Reason
    ) {
        let answer = governor.answer(
            target: target * mebibyte, vmBytes: 2048 * mebibyte, balloonBytes: balloon * mebibyte,
            inputs: GovernorInputs(availableBytes: available * mebibyte), now: 0)
        #expect(answer.outcome == outcome)
        #expect(answer.reachableBytes == reachable * mebibyte)
        #expect(answer.reason == reason)
        #expect(answer.detail.isEmpty == (outcome == .accepted))
    }

    @Test("A target in part names the tightest bound; a hold-off refuses it")
    func answerReasons() {
        let inputs = GovernorInputs(
            availableBytes: 1500 * mebibyte, zones: Self.zones(normal: Self.normal(free: 232)),
            cgroupHeadroomBytes: 500 * mebibyte)
        var governor = governor
        let answer = governor.answer(
            target: 1024 * mebibyte, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: inputs, now: 0)
        #expect(answer.outcome == .partly)
        #expect(answer.reason == .zone)
        #expect(answer.reachableBytes == (2048 - 200) * mebibyte)

        governor.holdOff(for: 10, because: .oomKill, now: 0)
        let later = governor.answer(
            target: 1024 * mebibyte, vmBytes: 2048 * mebibyte, balloonBytes: chunk, inputs: inputs, now: 3)
        #expect(later.outcome == .refused)
        #expect(later.reason == .holdOff)
        #expect(later.reachableBytes == (2048 - 32) * mebibyte)
        #expect(later.detail == "no inflation for another 7 ns after an OOM kill in the guest")
    }

    @Test("Numbers from outside never trap")
    func extremes() {
        let numbers: [UInt64] = [0, 1, ByteSize.hugePage, 1 << 63, .max]
        for total in numbers {
            for number in numbers {
                var governor = Governor(
                    configuration: GovernorConfiguration(
                        memoryTotalBytes: total, processors: Int.max, chunkBytes: number, floorBytes: number,
                        fillRate: number, holdOff: number, holdOffAfterOOM: number))
                let zone = ZoneState(
                    name: "Normal", managedBytes: number, freeBytes: number, freeCMABytes: number, cmaBytes: number,
                    inactiveFileBytes: number, activeFileBytes: number, highBytes: number, reserveBytes: number)
                let inputs = GovernorInputs(
                    availableBytes: number, unpopulatedBytes: number, unpinnedBytes: number, zones: [zone, zone],
                    cgroupHeadroomBytes: number, commit: .init(limitBytes: number, committedBytes: total))
                for other in numbers {
                    let sample = Sample(
                        availableBytes: number, oomKills: other, heldBytes: other, inFlightBytes: number)
                    _ = governor.observe(sample, now: other)
                    _ = governor.nextLook(after: sample)
                    governor.hold(for: number, now: other)
                    _ = governor.mayInflate(wanted: other, inputs: inputs, now: number)
                    _ = governor.answer(
                        target: other, vmBytes: number, balloonBytes: total, inputs: inputs, now: other)
                }
            }
        }
    }
}
