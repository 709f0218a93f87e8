import Governor
import Testing

@Suite("Sizes and durations as people type them")
struct ByteSizeTests {
    @Test(
        "A size is read in binary units",
        arguments: [
            ("0", 0), ("4096", 4096), ("12B", 12), ("1K", 1024), ("512M", 536_870_912), ("512MiB", 536_870_912),
            ("1.5GiB", 1_610_612_736), ("1.5 GiB", 1_610_612_736), ("64mib", 67_108_864), ("2g", 2_147_483_648),
            ("1TiB", 1_099_511_627_776), ("0.3K", 307), ("18446744073709551615", UInt64.max),
            ("16777215T", 16_777_215 << 40), ("0.000000001G", 1), ("007M", 7 << 20),
        ] as [(String, UInt64)])
    func parsesSizes(text: String, bytes: UInt64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(
        "What is no size is refused",
        arguments: [
            "", " ", "M", "-1M", "+1M", "1MB", "1GB", "1.M", ".5G", "1.5", "1e9", "1 2", "1  M", "1M ", " 1M", "0x10",
            "18446744073709551616", "16777216T", "99999999999999999999G", "1.0000000001G", "1,5G", "١M", "50%", "1M\n",
        ])
    func refusesSizes(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(
        "A size is written in its largest unit",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1_610_612_736, "1.5 GiB"), (780_140_544, "744 MiB"),
            (1_073_741_823, "1 GiB"), (1_048_575, "1 MiB"), (1_153_434, "1.1 MiB"), (5 << 40, "5 TiB"),
            (UInt64.max, "16777216 TiB"),
        ] as [(UInt64, String)])
    func formatsSizes(bytes: UInt64, text: String) {
        #expect(ByteSize.format(bytes) == text)
    }

    @Test(
        "An exact size is read back as itself",
        arguments: [0, 1, 4097, 1024, 3 << 20, 1536 << 20, 2 << 30, 5 << 40, UInt64.max, UInt64.max - 1023])
    func exactSizesRoundTrip(bytes: UInt64) {
        #expect(ByteSize.parse(ByteSize.exact(bytes)) == bytes)
    }

    @Test(
        "A duration is read in nanoseconds",
        arguments: [
            ("0", 0), ("0s", 0), ("250ms", 250_000_000), ("10s", 10_000_000_000), ("1.5s", 1_500_000_000),
            ("5m", 300_000_000_000), ("5min", 300_000_000_000), ("24h", 86_400_000_000_000), ("1d", 86_400_000_000_000),
            ("7us", 7000), ("9ns", 9), ("10 s", 10_000_000_000),
        ] as [(String, UInt64)])
    func parsesDurations(text: String, nanoseconds: UInt64) {
        #expect(DurationText.parse(text) == nanoseconds)
    }

    @Test("What is no duration is refused", arguments: ["", "5", "s", "-1s", "1S", "1w", "213504d", "1h30m", "1.s"])
    func refusesDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "A duration is written in its largest unit",
        arguments: [
            (0, "0 s"), (999, "999 ns"), (250_000_000, "250 ms"), (999_999_999, "1 s"), (9_540_000_000, "9.5 s"),
            (100_000_000_000, "100 s"), (120_000_000_000, "2 min"), (86_400_000_000_000, "24 h"),
            (172_800_000_000_000, "2 d"), (UInt64.max, "213504 d"),
        ] as [(UInt64, String)])
    func formatsDurations(nanoseconds: UInt64, text: String) {
        #expect(DurationText.format(nanoseconds) == text)
    }

    @Test("An exact duration is read back as itself", arguments: [0, 1, 1000, 250_000_000, 90_000_000_000, UInt64.max])
    func exactDurationsRoundTrip(nanoseconds: UInt64) {
        #expect(DurationText.parse(DurationText.exact(nanoseconds)) == nanoseconds)
    }
}
