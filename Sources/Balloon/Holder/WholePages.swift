import Glibc
import Linux
import SystemPackage

/// Whole, aligned frames of 2 MiB: what a host can discard whose guest RAM lies on huge pages. One pinned or busy page
/// in each 2 MiB of the guest leaves none of them, so what cannot be assembled is given back at once.
@safe
final class WholePages {
    private static let pieceBytes = Memory.hugePageBytes
    private static let piecePages = pieceBytes / Pagemap.pageBytes

    private let pagemap: Pagemap
    private let frames: UnsafeMutableBufferPointer<UInt64>
    private let whole: UnsafeMutableBufferPointer<Bool>

    init(_ pagemap: Pagemap) {
        self.pagemap = pagemap
        unsafe frames = UnsafeMutableBufferPointer.allocate(capacity: Self.piecePages)
        unsafe frames.initialize(repeating: 0)
        unsafe whole = UnsafeMutableBufferPointer.allocate(capacity: ChunkBuilder.maximumBytes / Self.pieceBytes)
        unsafe whole.initialize(repeating: false)
    }

    deinit {
        unsafe frames.deallocate()
        unsafe whole.deallocate()
    }

    /// Looks at one piece of a populated chunk. One that is not whole is collapsed, which makes the kernel compact
    /// memory for it; where that fails it is unmapped, and the last piece takes its place. True after the last.
    func assemble(_ chunk: inout HolderChunk, at offset: inout Int) throws(LinuxError) -> Bool {
        guard offset < chunk.bytes else { return true }
        let piece = unsafe piece(of: chunk.memory, at: offset)
        if unsafe isWhole(piece) || collapse(piece) {
            offset += Self.pieceBytes
        } else {
            let last = unsafe self.piece(of: chunk.memory, at: chunk.bytes - Self.pieceBytes)
            if unsafe last.baseAddress == piece.baseAddress {
                try unsafe Memory.unmap(piece)
            } else {
                try unsafe Memory.move(last, over: piece)
            }
            chunk.bytes -= Self.pieceBytes
        }
        return offset >= chunk.bytes
    }

    /// Makes what the kernel took apart since it was held whole again, as far as it lets itself.
    func repair(_ memory: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        var broken = false
        for offset in stride(from: 0, to: memory.count, by: Self.pieceBytes) {
            let piece = unsafe piece(of: memory, at: offset)
            if unsafe isWhole(piece) { continue }
            if !broken { try unsafe Memory.advise(memory, .hugePage) }
            broken = true
            _ = unsafe collapse(piece)
        }
        // khugepaged must not touch what is held.
        if broken { try unsafe Memory.advise(memory, .noHugePage) }
    }

    /// Remembers which pieces are whole; returns how many are not.
    func judge(_ frames: UnsafeBufferPointer<UInt64>) -> Int {
        var broken = 0
        for index in 0..<(frames.count / Self.piecePages) {
            let start = index * Self.piecePages
            let piece = unsafe UnsafeBufferPointer(rebasing: frames[start..<(start + Self.piecePages)])
            let isWhole = unsafe Self.areWhole(piece)
            unsafe whole[index] = isWhole
            if !isWhole { broken += 1 }
        }
        return broken
    }

    /// Whether the page lies in a piece that was whole when it was judged.
    func isWhole(page: Int) -> Bool { unsafe whole[page / Self.piecePages] }

    /// Whether the frames are one aligned run.
    static func areWhole(_ frames: UnsafeBufferPointer<UInt64>) -> Bool {
        guard let first = unsafe frames.first, first % UInt64(piecePages) == 0, frames.count == piecePages else {
            return false
        }
        for index in 1..<piecePages where unsafe frames[index] != first + UInt64(index) { return false }
        return true
    }

    private func piece(of memory: UnsafeMutableRawBufferPointer, at offset: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset..<(offset + Self.pieceBytes)])
    }

    private func isWhole(_ piece: UnsafeMutableRawBufferPointer) -> Bool {
        // A page that is not there for a moment makes its piece no less whole, but there is no need to wait for it.
        guard (try? unsafe pagemap.readFrames(at: UInt(bitPattern: piece.baseAddress), into: frames)) != nil else {
            return false
        }
        return unsafe Self.areWhole(UnsafeBufferPointer(frames))
    }

    private func collapse(_ piece: UnsafeMutableRawBufferPointer) -> Bool {
        // Before kernel 6.1 there is no such call.
        guard (try? unsafe Memory.advise(piece, .collapse)) != nil else { return false }
        return unsafe isWhole(piece)
    }
}
