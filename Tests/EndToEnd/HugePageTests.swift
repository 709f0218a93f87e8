import HostAPI
import TestKit
import Testing

/// Guests whose RAM lies on huge pages of 2 MiB: whole frames only, and never more than the pool can give back.
@Suite(
    "Huge pages", .serialized,
    .enabled(if: HugePages.canHave(2 << 30), "a pool of huge pages needs root and 4 GiB of free memory"))
struct HugePageTests {
    private static let memory: UInt64 = 1 << 30
    private static let low: UInt64 = 640 << 20
    private static let pages = memory / HugePages.pageBytes

    private static func settle(_ host: HostDaemon) async throws -> UInt64 {
        _ = try await host.api.setTarget("vm", .bytes(low))
        // How far it goes is the guest's fragmentation; it is done when it no longer moves, and says what keeps it.
        var held: UInt64 = 0
        var still = 0
        try await eventually("the balloon comes to rest", within: .seconds(300)) {
            let vm = try await host.api.vm("vm")
            let now = vm.heldBytes
            still = now == held && now > 0 ? still + 1 : 0
            held = now
            return held == memory - low || still > (vm.limit == nil ? 600 : 40)
        }
        return held
    }

    @Test("What can be assembled returns to the pool, and comes back", arguments: KernelRow.available)
    func reclaim(_ row: KernelRow) async throws {
        try await reclaim(GuestOptions(memory: Self.memory, kernel: row, backing: .hugePages(2 << 20)))
    }

    @Test("The same where the guest's RAM is a file on a hugetlbfs")
    func reclaimFile() async throws {
        try await HugePages.withMount { folder in
            try await reclaim(GuestOptions(memory: Self.memory, backing: .hugePageFiles(folder)))
        }
    }

    private func reclaim(_ options: GuestOptions) async throws {
        try await HugePages.with(pages: Self.pages + 96) {
            try await Guest.with(options) { guest in
                try await HostDaemon.with(["vm": guest]) { host in
                    try await guest.fill()
                    let checker = try await guest.startChecker(bytes: 96 << 20)
                    try await checker.waitForPages(1)
                    try await host.waitFor("vm", actuator: .agent)
                    // Memory that the guest never touched is backed as well: what is missing is then the balloon's.
                    try await eventually("all of the guest is backed") {
                        try HugePages.reserved() == 0
                    }
                    let before = try HugePages.free()
                    let held = try await Self.settle(host)
                    let gained = (try HugePages.free() - before) * HugePages.pageBytes
                    let balloon = try await host.balloon("vm")
                    print(
                        "  kernel \(options.kernel): \(held >> 20) MiB assembled, \(balloon.fragmentedBytes >> 20) MiB could not be, "
                            + "\(gained >> 20) MiB returned to the pool")
                    #expect(held > 0)
                    #expect(gained * 100 >= held * 95)
                    #expect(try await host.api.vm("vm").counters.protocolErrors == [:])
                    // The guest needs it at once: the balloon yields, and every page is there.
                    let hog = try await guest.spawn("guest-tool hog --bytes \(640 << 20) --hold 2")
                    #expect(try await hog.wait() == 0)
                    #expect(guest.oomKills().allSatisfy { $0.name == "ballast-holder" })
                    _ = try await host.api.release("vm")
                    try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                    try await eventually("all of the guest is backed again") {
                        try guest.residentBytes() == Self.memory
                    }
                    try await guest.fill()
                    let report = try await checker.stop()
                    #expect(report.wrongPages == 0)
                    #expect(report.notZeroPages == 0)
                }
            }
        }
    }

    @Test("In a fragmented guest the remainders are given back and counted, and the host is told")
    func fragmented() async throws {
        try await HugePages.with(pages: Self.pages + 96) {
            try await Guest.with(GuestOptions(memory: Self.memory, backing: .hugePages(2 << 20))) { guest in
                try await HostDaemon.with(["vm": guest]) { host in
                    try await host.waitFor("vm", actuator: .agent)
                    // Most whole frames are spoilt by a page that nothing can move.
                    let pins = try await guest.spawn("guest-tool pinholes --bytes \(700 << 20)")
                    try await eventually("pages are pinned") { try await pins.log().contains("pinned_pages") }
                    let available = try await guest.meminfo()["MemAvailable"] ?? 0
                    let held = try await Self.settle(host)
                    let balloon = try await host.balloon("vm")
                    print(
                        "  \(held >> 20) MiB of \(available >> 20) MiB available assembled, "
                            + "\(balloon.fragmentedBytes >> 20) MiB could not be")
                    #expect(held < Self.memory - Self.low)
                    #expect(balloon.fragmentedBytes > 0)
                    let vm = try await host.api.vm("vm")
                    #expect(vm.limit?.message.contains("fragmented") == true, "\(vm.limit?.message ?? "no limit")")
                    #expect(vm.counters.protocolErrors == [:])
                    #expect(guest.oomKills().isEmpty)
                }
            }
        }
    }

    @Test("A stranger drains the pool step by step: what was taken is backed in time, guest and VMM live on")
    func drain() async throws {
        try await HugePages.with(pages: Self.pages + 128) {
            try await Guest.with(GuestOptions(memory: Self.memory, backing: .hugePages(2 << 20))) { guest in
                try await HostDaemon.with(["vm": guest]) { host in
                    try await host.waitFor("vm", actuator: .agent)
                    let checker = try await guest.startChecker(bytes: 96 << 20)
                    try await checker.waitForPages(1)
                    let held = try await Self.settle(host)
                    #expect(held > 64 << 20)
                    let taker = HugePageTaker()
                    while taker.take(4) { try await Task.sleep(for: .milliseconds(250)) }
                    print("  the stranger took \(taker.bytes >> 20) MiB until nothing was left")
                    // Nothing is missing any more, though the guest still holds its balloon.
                    #expect(try guest.residentBytes() == Self.memory)
                    #expect(try HugePages.free() == 0)
                    // Another target is refused while the pool is empty, with the reason.
                    _ = try await host.api.release("vm")
                    try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                    try await guest.fill()
                    #expect(guest.qemu.exit == nil)
                    let refused = try await host.api.setTarget("vm", .bytes(Self.low))
                    try await eventually("the reason is told") {
                        try await host.api.vm("vm").limit?.message.contains("pool") == true
                    }
                    #expect(refused.vm.heldBytes < held)
                    let report = try await checker.stop()
                    #expect(report.wrongPages == 0)
                    #expect(report.notZeroPages == 0)
                }
            }
        }
    }
}
