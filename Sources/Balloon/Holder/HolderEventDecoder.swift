import SystemPackage
import Wire

/// Puts a holder's messages together, part by part.
struct HolderEventDecoder {
    /// What a message turned out to be.
    enum Outcome: Equatable {
        case event(HolderEvent)
        /// More parts follow.
        case partial
        /// Not a message of this version: the connection is of no more use.
        case garbled
    }

    /// More than the largest chunk in single pages, or than a holder's table.
    private static let maximumRecords = 16384

    private var extents: [Extent] = []
    private var chunks: [AdoptedChunk] = []
    /// Kind and chunk of a message whose last part is missing.
    private var open: (kind: HolderCoding.Kind, chunk: UInt64)?

    mutating func feed(_ message: UnsafeRawBufferPointer) -> Outcome {
        guard let header = unsafe HolderCoding.Header(message) else { return .garbled }
        if let open, open.kind != header.kind || open.chunk != header.chunk { return .garbled }
        switch header.kind {
        case .built, .inventoried:
            guard unsafe takeExtents(header, message) else { return .garbled }
        case .listed:
            guard unsafe takeChunks(header, message) else { return .garbled }
        default: break
        }
        guard header.flags & HolderCoding.lastPart != 0 else {
            open = (header.kind, header.chunk)
            return .partial
        }
        defer {
            open = nil
            extents = []
            chunks = []
        }
        guard let event = event(header) else { return .garbled }
        return .event(event)
    }

    private func event(_ header: HolderCoding.Header) -> HolderEvent? {
        let slot = Int(header.slot)
        switch header.kind {
        case .hello: return .hello(processID: header.value, version: header.detail)
        case .built: return .built(chunk: header.chunk, slot: slot, extents: extents)
        case .failed:
            guard let step = HolderStep(rawValue: header.detail) else { return nil }
            return .failed(chunk: header.chunk, slot: slot, errno: Errno(rawValue: header.value), step: step)
        case .unpinned: return .unpinned(chunk: header.chunk, slot: slot)
        case .released: return .released(chunk: header.chunk, bytes: header.bytes)
        case .releasedAll: return .releasedAll(bytes: header.bytes)
        case .inventoried: return .inventory(chunk: header.chunk, extents: extents)
        case .listed: return .list(chunks)
        case .build, .unpin, .release, .releaseAllHeld, .inventory, .reoffer, .list, .abort, .setScore, .exit:
            return nil
        }
    }

    private mutating func takeExtents(_ header: HolderCoding.Header, _ message: UnsafeRawBufferPointer) -> Bool {
        let count = Int(header.count)
        guard count <= HolderCoding.extentsInPart,
            message.count >= HolderCoding.headerBytes + count * HolderCoding.extentBytes,
            extents.count + count <= Self.maximumRecords
        else { return false }
        for index in 0..<count {
            let offset = HolderCoding.headerBytes + index * HolderCoding.extentBytes
            let first = unsafe HolderCoding.word64(message, offset)
            let frames = unsafe HolderCoding.word64(message, offset + 8)
            guard frames > 0, first <= Extent.maximumFrame, frames <= Extent.maximumFrame else { return false }
            extents.append(Extent(firstFrame: first, frames: frames))
        }
        return true
    }

    private mutating func takeChunks(_ header: HolderCoding.Header, _ message: UnsafeRawBufferPointer) -> Bool {
        let count = Int(header.count)
        guard count <= HolderCoding.chunksInPart,
            message.count >= HolderCoding.headerBytes + count * HolderCoding.chunkBytes,
            chunks.count + count <= Self.maximumRecords
        else { return false }
        for index in 0..<count {
            let offset = HolderCoding.headerBytes + index * HolderCoding.chunkBytes
            let slot = Int(unsafe HolderCoding.word32(message, offset + 20))
            let state: AdoptedChunk.State
            switch unsafe HolderCoding.word32(message, offset + 16) {
            case 0: state = .held
            case 1: state = .pinned(slot: slot)
            case 2: state = .building(slot: slot)
            default: return false
            }
            chunks.append(
                AdoptedChunk(
                    id: unsafe HolderCoding.word64(message, offset),
                    bytes: unsafe HolderCoding.word64(message, offset + 8), state: state))
        }
        return true
    }
}
