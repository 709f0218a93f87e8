import HostAPI
import Testing

@Suite("Sizes, periods and times")
struct SizeTests {
    @Test(
        "Sizes are read as people type them",
        arguments: [
            ("512M", 512 << 20), ("1.5GiB", 3 << 29), ("4096", 4096), ("64 KiB", 64 << 10), ("2g", 2 << 30),
            ("0", 0), ("0.25G", 1 << 28), ("1T", 1 << 40), ("16777215.999999T", UInt64(18_446_744_073_708_452_104)),
        ])
    func parses(text: String, bytes: UInt64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(
        "What is no size is none",
        arguments: [
            "", "M", "1.M", ".5G", "1.5", "1..5G", "-1", "1X", "99999999999T", "16777216T", "18446744073709551616",
            "1e3",
            "1.0000001G", "５M", "1 2M",
        ])
    func refuses(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test("Sizes are shown in the largest fitting unit and never rounded up")
    func formats() {
        #expect(ByteSize.format(0) == "0 B")
        #expect(ByteSize.format(1023) == "1023 B")
        #expect(ByteSize.format(512 << 20) == "512 MiB")
        #expect(ByteSize.format(3 << 29) == "1.50 GiB")
        #expect(ByteSize.format((1 << 30) - 1) == "1023 MiB")
        #expect(ByteSize.format((2 << 30) - 1) == "1.99 GiB")
        #expect(ByteSize.format(.max) == "16777215.99 TiB")
    }

    @Test("Targets are bytes or a share of the whole")
    func targets() {
        #expect(TargetSize("50%")?.bytes(of: 4 << 30) == 2 << 30)
        #expect(TargetSize("33.3%")?.bytes(of: 1000) == 333)
        #expect(TargetSize("100%")?.bytes(of: .max) == .max)
        #expect(TargetSize("99.9999999999999999%")?.bytes(of: .max) == .max)
        #expect(TargetSize("1.5GiB") == .bytes(3 << 29))
        for text in ["101%", "-1%", "nan%", "inf%", "%", "x"] { #expect(TargetSize(text) == nil) }
    }

    @Test("Periods are read with their unit")
    func periods() {
        #expect(PeriodText.parse("5s") == 5000)
        #expect(PeriodText.parse("500ms") == 500)
        #expect(PeriodText.parse("0") == 0)
        #expect(PeriodText.parse("2m") == 120_000)
        for text in ["", "s", "-1s", "1.5s", "5x", "18446744073709551615h"] { #expect(PeriodText.parse(text) == nil) }
    }

    @Test("Times are written and read as RFC 3339")
    func times() {
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: 1_772_368_205_250).description == "2026-03-01T12:30:05.250Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        for milliseconds in stride(from: -3_000_000_000_000, through: 9_000_000_000_000, by: 12_345_678_901) {
            let time = Timestamp(milliseconds: Int64(milliseconds))
            #expect(Timestamp(time.description) == time)
        }
        #expect(Timestamp("2024-02-29T23:59:59Z")?.description == "2024-02-29T23:59:59.000Z")
        for text in ["", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T23:59:59.Z", "2024-02-29 23:59:59Z"] {
            #expect(Timestamp(text) == nil)
        }
    }
}
