/// The mark at the start of every 4 KiB page that a guest offers: it ties the page's contents to its address, the
/// session and the chunk, so that the host can tell before it discards whether the page is the one that was meant.
///
/// Layout, little-endian: magic (8), frame address in bytes (8), session nonce (16), chunk (8), CRC-32C of the first
/// 40 bytes (4), zero (4).
public enum Stamp {
    /// Bytes that a stamp takes.
    public static let size = 48
    /// "BLSTAMP1".
    static let magic: UInt64 = 0x3150_4D41_5453_4C42

    /// Writes the stamp of the page whose guest-physical address is `address` (bytes) to `page`, which has at least
    /// ``size`` bytes.
    public static func write(
        to page: UnsafeMutableRawPointer, address: UInt64, nonce: Nonce, chunk: UInt64
    ) {
        StampSeries(nonce: nonce, chunk: chunk).write(to: page, address: address)
    }

    /// Whether `bytes` begin with exactly the stamp of that page, session and chunk.
    public static func verify(
        _ bytes: UnsafeRawBufferPointer, address: UInt64, nonce: Nonce, chunk: UInt64
    ) -> Bool {
        StampSeries(nonce: nonce, chunk: chunk).verify(bytes, address: address)
    }
}
