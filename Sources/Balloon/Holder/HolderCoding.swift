import Wire

/// The layout of messages between an agent and its holders. Both run the same binary on the same machine, or two
/// versions of it across an upgrade, hence the version in each message. All integers are little-endian:
/// magic (4), kind (2), flags (2), chunk (8), bytes (8), slot (4), value (4), detail (4), count (4), nonce (16);
/// then `count` records: extents (first frame 8, frames 8) or chunks (id 8, bytes 8, state 4, slot 4).
enum HolderCoding {
    /// "BLH1".
    static let magic: UInt32 = 0x3148_4C42
    /// Changes when a layout changes.
    static let version: UInt32 = 1
    static let headerBytes = 56
    static let extentBytes = 16
    static let chunkBytes = 24
    /// Records of one part: parts stay below 32 KiB.
    static let extentsInPart = 2000
    static let chunksInPart = 1300
    static let maximumMessageBytes = headerBytes + extentsInPart * extentBytes
    /// Set on the last part of a message, and on every message that has one part.
    static let lastPart: UInt16 = 1
    /// Means `afterUnpin` or `onlyMoved`.
    static let option: UInt16 = 2
    /// Only whole, aligned frames of 2 MiB.
    static let wholePages: UInt16 = 4

    enum Kind: UInt16 {
        case build = 1, unpin, release, releaseAllHeld, inventory, reoffer, list, abort, setScore, exit
        case hello = 101, built, failed, unpinned, released, releasedAll, inventoried, listed
    }

    /// The fixed part of every message.
    struct Header: Equatable {
        var kind: Kind
        var flags: UInt16 = HolderCoding.lastPart
        var chunk: UInt64 = 0
        var bytes: UInt64 = 0
        var slot: UInt32 = 0
        var value: Int32 = 0
        var detail: UInt32 = 0
        var count: UInt32 = 0
        var nonce = Nonce(low: 0, high: 0)

        init(_ kind: Kind) { self.kind = kind }

        /// Reads a header; nil when it is none of ours.
        init?(_ source: UnsafeRawBufferPointer) {
            guard source.count >= headerBytes, unsafe HolderCoding.word32(source, 0) == magic,
                let kind = unsafe Kind(rawValue: UInt16(truncatingIfNeeded: HolderCoding.word32(source, 4)))
            else { return nil }
            self.kind = kind
            flags = unsafe UInt16(truncatingIfNeeded: HolderCoding.word32(source, 4) >> 16)
            chunk = unsafe HolderCoding.word64(source, 8)
            bytes = unsafe HolderCoding.word64(source, 16)
            slot = unsafe HolderCoding.word32(source, 24)
            value = unsafe Int32(bitPattern: HolderCoding.word32(source, 28))
            detail = unsafe HolderCoding.word32(source, 32)
            count = unsafe HolderCoding.word32(source, 36)
            nonce = unsafe Nonce(low: HolderCoding.word64(source, 40), high: HolderCoding.word64(source, 48))
        }

        /// Writes the header to a buffer of at least `headerBytes`.
        func write(to target: UnsafeMutableRawBufferPointer) {
            unsafe HolderCoding.store32(target, 0, magic)
            unsafe HolderCoding.store32(target, 4, UInt32(kind.rawValue) | UInt32(flags) << 16)
            unsafe HolderCoding.store64(target, 8, chunk)
            unsafe HolderCoding.store64(target, 16, bytes)
            unsafe HolderCoding.store32(target, 24, slot)
            unsafe HolderCoding.store32(target, 28, UInt32(bitPattern: value))
            unsafe HolderCoding.store32(target, 32, detail)
            unsafe HolderCoding.store32(target, 36, count)
            unsafe HolderCoding.store64(target, 40, nonce.low)
            unsafe HolderCoding.store64(target, 48, nonce.high)
        }
    }

    static func word32(_ source: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    static func word64(_ source: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    static func store32(_ target: UnsafeMutableRawBufferPointer, _ offset: Int, _ value: UInt32) {
        unsafe target.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    static func store64(_ target: UnsafeMutableRawBufferPointer, _ offset: Int, _ value: UInt64) {
        unsafe target.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
}

extension HolderRequest {
    /// The message as it travels. Allocates nothing.
    var header: HolderCoding.Header {
        func make(
            _ kind: HolderCoding.Kind, chunk: UInt64 = 0, slot: Int = 0, option: Bool = false, wholePages: Bool = false
        ) -> HolderCoding.Header {
            var header = HolderCoding.Header(kind)
            header.chunk = chunk
            header.slot = UInt32(clamping: slot)
            if option { header.flags |= HolderCoding.option }
            if wholePages { header.flags |= HolderCoding.wholePages }
            return header
        }
        switch self {
        case .build(let chunk, let bytes, let slot, let nonce, let wholePages):
            var header = make(.build, chunk: chunk, slot: slot, wholePages: wholePages)
            header.bytes = bytes
            header.nonce = nonce
            return header
        case .unpin(let chunk, let slot): return make(.unpin, chunk: chunk, slot: slot)
        case .release(let chunk, let afterUnpin): return make(.release, chunk: chunk, option: afterUnpin)
        case .releaseAllHeld: return make(.releaseAllHeld)
        case .inventory(let chunk): return make(.inventory, chunk: chunk)
        case .reoffer(let chunk, let slot, let nonce, let onlyMoved, let wholePages):
            var header = make(.reoffer, chunk: chunk, slot: slot, option: onlyMoved, wholePages: wholePages)
            header.nonce = nonce
            return header
        case .list: return make(.list)
        case .abort(let chunk): return make(.abort, chunk: chunk)
        case .setScore(let score):
            var header = make(.setScore)
            header.value = Int32(clamping: score)
            return header
        case .exit: return make(.exit)
        }
    }

    /// The request of a message; nil when it is none.
    init?(_ header: HolderCoding.Header) {
        let slot = Int(header.slot)
        let option = header.flags & HolderCoding.option != 0
        let wholePages = header.flags & HolderCoding.wholePages != 0
        switch header.kind {
        case .build:
            self = .build(
                chunk: header.chunk, bytes: header.bytes, slot: slot, nonce: header.nonce, wholePages: wholePages)
        case .unpin: self = .unpin(chunk: header.chunk, slot: slot)
        case .release: self = .release(chunk: header.chunk, afterUnpin: option)
        case .releaseAllHeld: self = .releaseAllHeld
        case .inventory: self = .inventory(chunk: header.chunk)
        case .reoffer:
            self = .reoffer(
                chunk: header.chunk, slot: slot, nonce: header.nonce, onlyMoved: option, wholePages: wholePages)
        case .list: self = .list
        case .abort: self = .abort(chunk: header.chunk)
        case .setScore: self = .setScore(Int(header.value))
        case .exit: self = .exit
        case .hello, .built, .failed, .unpinned, .released, .releasedAll, .inventoried, .listed: return nil
        }
    }
}
