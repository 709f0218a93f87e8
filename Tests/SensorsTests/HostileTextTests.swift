import SystemPackage
import Testing

@testable import Sensors

/// Numbers that look random and are the same each time.
private struct Noise: RandomNumberGenerator {
    var state: UInt64 = 1
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 11 ^ state << 40
    }
}

@Suite("Hostile text")
struct HostileTextTests {
    /// Changes a few bytes: another byte, a digit more, a cut, a line twice.
    private func damaged(_ bytes: [UInt8], _ noise: inout Noise) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &noise) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &noise)
            switch Int.random(in: 0..<5, using: &noise) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &noise)
            case 1: bytes.insert(contentsOf: Array(repeating: 0x39, count: 21), at: index)
            case 2: bytes.removeSubrange(index...)
            case 3: bytes.remove(at: index)
            default: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
            }
        }
        return bytes
    }

    @Test("Damaged files of every kernel trap no reader", arguments: KernelFixture.allCases)
    func kernelFiles(kernel: KernelFixture) throws {
        var noise = Noise()
        let files = kernel.files
        func text(_ path: String) -> [UInt8] { Array((files[path] ?? "").utf8) }
        let path: FilePath = "/proc/x"
        let own = KernelFixture.v6_12.files
        let stat = Array((own["cgroup/system.slice/memory.stat"] ?? "").utf8)
        for _ in 0..<300 {
            _ = try? MemoryInfo.parse(damaged(text("proc/meminfo"), &noise), path: path).demandBytes()
            _ = VMStat.parse(damaged(text("proc/vmstat"), &noise))
            _ = ZoneInfo.parse(damaged(text("proc/zoneinfo"), &noise)).cmaBytes
            let blocks = BuddyInfo.parse(damaged(text("proc/buddyinfo"), &noise))
            _ = (blocks.hugeBytes, blocks.smallBytes, blocks.joinableBytes)
            _ = NodeInfo.parse(damaged(text("sys/devices/system/node/node0/meminfo"), &noise), node: 0)
            _ = SwapInfo.areas(damaged(text("proc/swaps"), &noise))
            _ = SwapInfo.zram(damaged(text("sys/block/zram0/mm_stat"), &noise), name: "zram0")
            _ = PressureSensor.parse(damaged(text("proc/pressure/memory"), &noise))
            _ = NumberTable(damaged(stat, &noise), dropping: "Node 0 ")
        }
    }

    @Test("Damaged configuration of others traps no reader")
    func configuration() throws {
        var noise = Noise()
        let yaml = Array(
            "a: b\nevictionHard:\n  memory.available: \"5%\"\nevictionSoft: {\"memory.available\": \"1.5Gi\"} # x\n"
                .utf8)
        let span = Array("1h 30min 5s 18446744073709551615ms".utf8)
        let share = Array("12.5%".utf8)
        let amount = Array("'1.5e3Gi'".utf8)
        let arguments = Array("-m 10,5 -M 1000 -s100 -S 5 --prefer x -r 3600 -n -N /x -".utf8)
        for _ in 0..<500 {
            let text = String(decoding: damaged(yaml, &noise), as: UTF8.self)
            for key in ["evictionHard", "evictionSoft", "a", ""] {
                _ = FlatYAML.map(key, in: text)
                _ = FlatYAML.scalar(key, in: text)
            }
            _ = TimeSpan.milliseconds(String(decoding: damaged(span, &noise), as: UTF8.self))
            _ = ConfigurationText.share(String(decoding: damaged(share, &noise), as: UTF8.self))
            _ = Quantity.bytes(String(decoding: damaged(amount, &noise), as: UTF8.self), of: .max)
            let words = String(decoding: damaged(arguments, &noise), as: UTF8.self).split(separator: " ").map(
                String.init)
            _ = EarlyoomArguments.parse(words).rule(
                KillerMeasures(totalBytes: .max, availableBytes: 0, swapTotalBytes: .max, swapFreeBytes: .max))
        }
    }
}
