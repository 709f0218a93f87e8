import Glibc

/// Finds one number in a file of lines of a name and a number, without allocating.
enum NumberLine {
    /// The number on the line that starts with this name and a colon or a blank, in bytes where its unit is kB; nil
    /// where there is no such line or no number that fits.
    static func value(_ name: StaticString, in text: UnsafeRawBufferPointer) -> UInt64? {
        let length = name.utf8CodeUnitCount
        let count = text.count
        var start = 0
        while start < count, let base = text.baseAddress {
            let rest = count - start
            if rest > length, unsafe memcmp(base + start, name.utf8Start, length) == 0 {
                let end = unsafe text[start + length]
                if end == UInt8(ascii: ":") || end == UInt8(ascii: " ") {
                    return unsafe number(in: text, from: start + length + 1)
                }
            }
            guard let newline = unsafe memchr(base + start, Int32(UInt8(ascii: "\n")), rest) else { return nil }
            start = unsafe UnsafeRawPointer(newline) - base + 1
        }
        return nil
    }

    private static func number(in text: UnsafeRawBufferPointer, from start: Int) -> UInt64? {
        let count = text.count
        var index = start
        while index < count, unsafe text[index] == UInt8(ascii: " ") { index += 1 }
        var value: UInt64 = 0
        var digits = 0
        while index < count {
            let byte = unsafe text[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !tooLarge, !carry else { return nil }
            value = sum
            digits += 1
            index += 1
        }
        guard digits > 0 else { return nil }
        // A number at the very end of the buffer may be cut.
        guard index < count else { return nil }
        guard index + 2 < count, unsafe text[index] == UInt8(ascii: " "), unsafe text[index + 1] == UInt8(ascii: "k")
        else { return value }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: 1024)
        return overflow ? nil : bytes
    }
}
