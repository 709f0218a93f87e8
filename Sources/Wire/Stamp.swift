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
        page.storeBytes(of: magic.littleEndian, as: UInt64.self)
        page.storeBytes(of: address.littleEndian, toByteOffset: 8, as: UInt64.self)
        page.storeBytes(of: nonce.low.littleEndian, toByteOffset: 16, as: UInt64.self)
        page.storeBytes(of: nonce.high.littleEndian, toByteOffset: 24, as: UInt64.self)
        page.storeBytes(of: chunk.littleEndian, toByteOffset: 32, as: UInt64.self)
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(start: page, count: 40))
        page.storeBytes(of: checksum.littleEndian, toByteOffset: 40, as: UInt32.self)
        page.storeBytes(of: 0, toByteOffset: 44, as: UInt32.self)
    }

    /// Whether `bytes` begin with exactly the stamp of that page, session and chunk.
    public static func verify(
        _ bytes: UnsafeRawBufferPointer, address: UInt64, nonce: Nonce, chunk: UInt64
    ) -> Bool {
        guard bytes.count >= size else { return false }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard word(0) == magic, word(8) == address, word(16) == nonce.low, word(24) == nonce.high, word(32) == chunk
        else { return false }
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[0..<40]))
        return word(40) == UInt64(checksum)
    }
}
