import Governor
import Testing

private let mebibyte = ByteSize.mebibyte
private let gibibyte = ByteSize.gibibyte

@Suite("Floor and watermark")
struct FloorAndWatermarkTests {
    @Test(
        "The curve follows hv_balloon's at and around each of its corners",
        arguments: [
            (0, 8 * mebibyte), (64, 40 * mebibyte), (127, 71 * mebibyte + mebibyte / 2), (128, 72 * mebibyte),
            (511, 40 * mebibyte + 511 * mebibyte / 4), (512, 168 * mebibyte),
            (2047, 104 * mebibyte + 2047 * mebibyte / 8),
            (2048, 360 * mebibyte), (8191, 232 * mebibyte + 8191 * mebibyte / 16), (8192, 744 * mebibyte),
            (32768, 1512 * mebibyte), (1 << 20, 488 * mebibyte + 32 * gibibyte),
        ] as [(UInt64, UInt64)])
    func curve(mebibytes: UInt64, floor: UInt64) {
        #expect(GuestFloor.curve(memoryTotalBytes: mebibytes * mebibyte) == floor)
    }

    @Test("The curve never traps")
    func curveOfAnything() {
        #expect(GuestFloor.curve(memoryTotalBytes: .max) > 0)
        #expect(GuestFloor.curve(memoryTotalBytes: 128 * mebibyte - 1) == 72 * mebibyte - 1)
    }

    @Test("The floor is the largest of curve, configuration and watermark with one chunk")
    func floorIsTheLargest() {
        func floor(_ configured: UInt64, _ watermark: UInt64, _ chunk: UInt64 = 32 * mebibyte) -> UInt64 {
            GuestFloor.bytes(
                memoryTotalBytes: 2 * gibibyte, configuredBytes: configured, watermarkBytes: watermark,
                chunkBytes: chunk)
        }
        #expect(floor(0, 64 * mebibyte) == 360 * mebibyte)
        #expect(floor(500 * mebibyte, 64 * mebibyte) == 500 * mebibyte)
        #expect(floor(0, 328 * mebibyte) == 360 * mebibyte)
        #expect(floor(0, 329 * mebibyte) == 361 * mebibyte)
        #expect(floor(0, .max) == .max)
    }

    @Test(
        "The watermark is what can be allocated in 25 ms, at least 64 MiB or 3 %, the rate's part at most a quarter",
        arguments: [
            // MemTotal, processors, rate, expected
            (2 * gibibyte, 1, 2 * gibibyte, 64 * mebibyte),
            (2 * gibibyte, 2, 2 * gibibyte, 2 * gibibyte / 20),
            (2 * gibibyte, 64, 2 * gibibyte, 512 * mebibyte),
            (128 * mebibyte, 4, 2 * gibibyte, 64 * mebibyte),
            (256 * mebibyte, 4, 2 * gibibyte, 64 * mebibyte),
            (1 << 40, 1, 2 * gibibyte, (1 << 40) * 3 / 100),
            (64 * gibibyte, 64, 2 * gibibyte, 64 * gibibyte / 20),
            (4 * gibibyte, 0, 4 * gibibyte, 4 * gibibyte * 3 / 100),
            (UInt64.max, Int.max, UInt64.max, 553_402_322_211_286_548),
        ] as [(UInt64, Int, UInt64, UInt64)])
    func watermark(total: UInt64, processors: Int, rate: UInt64, expected: UInt64) {
        #expect(
            Watermark.bytes(memoryTotalBytes: total, processors: processors, fillRate: rate) == expected)
    }

    @Test("A configured watermark replaces the rate's, but not the least one")
    func configuredWatermark() {
        var configuration = GovernorConfiguration(memoryTotalBytes: 8 * gibibyte, processors: 16)
        #expect(configuration.effectiveWatermark == 16 * 2 * gibibyte / 40)
        configuration.watermarkBytes = 300 * mebibyte
        #expect(configuration.effectiveWatermark == 300 * mebibyte)
        configuration.watermarkBytes = 1
        #expect(configuration.effectiveWatermark == 8 * gibibyte * 3 / 100)
    }

    @Test(
        "The next look comes before the headroom can be used up, between 10 ms and 1 s",
        arguments: [
            // available, watermark, processors, nanoseconds
            (100, 100, 1, 10_000_000), (0, 100, 1, 10_000_000), (148, 128, 1, 10_000_000),
            (64 + 512, 64, 1, 250_000_000), (64 + 512, 64, 2, 125_000_000), (64 + 2048, 64, 1, 1_000_000_000),
            (1 << 30, 64, 1, 1_000_000_000),
        ] as [(UInt64, UInt64, Int, UInt64)])
    func nextLook(available: UInt64, watermark: UInt64, processors: Int, expected: UInt64) {
        let look = Watermark.nextLook(
            availableBytes: available * mebibyte, watermarkBytes: watermark * mebibyte, processors: processors)
        #expect(look == expected)
    }

    @Test("A next look never traps")
    func nextLookOfAnything() {
        let rates: [UInt64] = [0, 1, .max]
        for rate in rates {
            for processors in [Int.min, 0, Int.max] {
                let look = Watermark.nextLook(
                    availableBytes: .max, watermarkBytes: 0, processors: processors, fillRate: rate)
                #expect((Watermark.shortestLook...Watermark.longestLook).contains(look))
            }
        }
    }
}
