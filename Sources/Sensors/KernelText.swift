/// Lines, words and numbers of the kernel's text files. On bytes: Swift's strings compare and split by grapheme
/// clusters, which made each look at `/proc/zoneinfo` cost the agent more than taking a chunk cost a holder.
enum KernelText {
    /// The lines that are not empty.
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"))
    }

    /// What lies between blanks and tabs.
    static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// A decimal number without sign; nil where it is none or does not fit.
    static func number(_ word: ArraySlice<UInt8>) -> UInt64? {
        guard !word.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in word {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !tooLarge, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// The word as a string.
    static func text(_ word: ArraySlice<UInt8>) -> String { String(decoding: word, as: UTF8.self) }
}
