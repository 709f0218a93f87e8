/// The stamps of one chunk: what its pages have in common is worked out once.
///
/// A CRC is linear over exclusive or: the checksum of a stamp is that of the same stamp with address 0, combined with
/// one value for each byte of the address, which depends on nothing but that byte and its place. So a page costs eight
/// look-ups instead of forty.
public struct StampSeries: Sendable {
    /// `changes[256 * place + byte]`: how a byte of the address changes the checksum.
    private static let changes: [UInt32] = {
        let without = plainChecksum(address: 0, nonce: Nonce(low: 0, high: 0), chunk: 0)
        return (0..<8).flatMap { place in
            (0..<256).map { byte in
                let address = UInt64(byte) << UInt64(8 * place)
                return plainChecksum(address: address, nonce: Nonce(low: 0, high: 0), chunk: 0) ^ without
            }
        }
    }()

    private let nonce: Nonce
    private let chunk: UInt64
    private let withoutAddress: UInt32
    private let changes: [UInt32]

    /// The stamps of a chunk in a session.
    public init(nonce: Nonce, chunk: UInt64) {
        self.nonce = nonce
        self.chunk = chunk
        withoutAddress = Self.plainChecksum(address: 0, nonce: nonce, chunk: chunk)
        changes = Self.changes
    }

    /// Writes the stamp of the page whose guest-physical address is `address` (bytes) to `page`, which has at least
    /// ``Stamp/size`` bytes.
    public func write(to page: UnsafeMutableRawPointer, address: UInt64) {
        Self.write(to: page, address: address, nonce: nonce, chunk: chunk)
        page.storeBytes(of: checksum(address).littleEndian, toByteOffset: 40, as: UInt32.self)
        page.storeBytes(of: 0, toByteOffset: 44, as: UInt32.self)
    }

    /// Whether `bytes` begin with exactly the stamp of that page.
    public func verify(_ bytes: UnsafeRawBufferPointer, address: UInt64) -> Bool {
        guard bytes.count >= Stamp.size else { return false }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return word(0) == Stamp.magic && word(8) == address && word(32) == chunk
            && word(16) == nonce.low && word(24) == nonce.high && word(40) == UInt64(checksum(word(8)))
    }

    private func checksum(_ address: UInt64) -> UInt32 {
        var sum = withoutAddress
        var rest = address
        var place = 0
        while rest != 0 {
            sum ^= changes[place &+ Int(truncatingIfNeeded: rest & 0xFF)]
            rest >>= 8
            place &+= 256
        }
        return sum
    }

    private static func write(to page: UnsafeMutableRawPointer, address: UInt64, nonce: Nonce, chunk: UInt64) {
        page.storeBytes(of: Stamp.magic.littleEndian, as: UInt64.self)
        page.storeBytes(of: address.littleEndian, toByteOffset: 8, as: UInt64.self)
        page.storeBytes(of: nonce.low.littleEndian, toByteOffset: 16, as: UInt64.self)
        page.storeBytes(of: nonce.high.littleEndian, toByteOffset: 24, as: UInt64.self)
        page.storeBytes(of: chunk.littleEndian, toByteOffset: 32, as: UInt64.self)
    }

    /// The checksum by its definition.
    private static func plainChecksum(address: UInt64, nonce: Nonce, chunk: UInt64) -> UInt32 {
        withUnsafeTemporaryAllocation(byteCount: 40, alignment: 8) { bytes in
            if let base = bytes.baseAddress { write(to: base, address: address, nonce: nonce, chunk: chunk) }
            return CRC32C.checksum(UnsafeRawBufferPointer(bytes))
        }
    }
}
