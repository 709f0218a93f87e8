/// The guest's RAM by guest physical address. The guest may change any of it at any time, so whatever was read once
/// counts and is not read again; an address may be anything, so every access can fail.
public protocol GuestMemory {
    /// Two bytes at an even address; nil where that is no RAM.
    func load16(_ address: UInt64) -> UInt16?
    /// Eight bytes at an address that is a multiple of 4; nil where that is no RAM.
    func load64(_ address: UInt64) -> UInt64?
    /// Writes two bytes at an even address; false where that is no RAM.
    func store16(_ value: UInt16, at address: UInt64) -> Bool
    /// Writes eight bytes at an address that is a multiple of 4; false where that is no RAM.
    func store64(_ value: UInt64, at address: UInt64) -> Bool
    /// Fills that part of the span from guest memory; false where any of it is no RAM. The range lies in the span.
    func copy(from address: UInt64, into bytes: inout MutableSpan<UInt8>, at range: Range<Int>) -> Bool
    /// Writes bytes into guest memory; false where any of that is no RAM, and then a part may be written.
    func copy(_ bytes: Span<UInt8>, to address: UInt64) -> Bool
    /// Whether all of a range is RAM.
    func contains(_ address: UInt64, byteCount: UInt64) -> Bool
}
