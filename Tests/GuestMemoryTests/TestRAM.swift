import Glibc
import Wire

@testable import GuestMemory

/// A memfd that stands for a VM's RAM, opened by the code under test through `/proc` as the daemon does.
final class TestRAM: Sendable {
    static let page = 4096
    static let mebibyte: UInt64 = 1 << 20

    let descriptor: CInt
    let size: Int
    let file: RAMFile
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    init(size: Int) throws {
        typealias Create = @convention(c) (UnsafePointer<CChar>, CUnsignedInt) -> CInt
        // Swift's Glibc module leaves memfd_create out.
        guard let symbol = unsafe dlsym(nil, "memfd_create") else { throw Errno(rawValue: ENOSYS) }
        let create = unsafe unsafeBitCast(symbol, to: Create.self)
        descriptor = unsafe create("ballast-test-ram", 1)
        self.size = size
        guard descriptor >= 0, ftruncate(descriptor, size) == 0 else { throw Errno(rawValue: errno) }
        file = try RAMFile(path: "/proc/\(getpid())/fd/\(descriptor)")
    }

    deinit { _ = close(descriptor) }

    struct Errno: Error { var rawValue: CInt }

    func write(_ bytes: [UInt8], at offset: UInt64) {
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, Int(offset)) }
        precondition(count == bytes.count)
    }

    func read(at offset: UInt64, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, count, Int(offset)) }
        precondition(got == count)
        return bytes
    }

    /// Fills pages with something that is no stamp.
    func fill(at offset: UInt64 = 0, bytes: Int? = nil, seed: UInt8 = 0xA5) {
        let end = offset + UInt64(bytes ?? size)
        let block = (0..<Self.page).map { UInt8(truncatingIfNeeded: $0 / 7) ^ seed }
        for position in stride(from: offset, to: end, by: Self.page) { write(block, at: position) }
    }

    /// Every byte that the file has, with its place: equal digests mean nothing was written, discarded or allocated.
    func digest() -> [UInt64] {
        var digest: [UInt64] = []
        var position = 0
        while true {
            let data = lseek(descriptor, position, 3)
            guard data >= 0 else { break }
            let hole = lseek(descriptor, data, 4)
            digest += [UInt64(data), UInt64(hole), UInt64(CRC32C.checksum(read(at: UInt64(data), count: hole - data)))]
            position = hole
        }
        return digest
    }

    var residentBytes: UInt64 { (try? file.residentBytes()) ?? .max }

    /// One region from guest address 0 on.
    func flatMap(pageBytes: UInt64 = 4096) throws -> MemoryMap {
        try MemoryMap(regions: [
            MemoryRegion(guestAddress: 0, length: UInt64(size), file: file.key, fileOffset: 0, pageBytes: pageBytes)
        ])
    }

    /// Two regions as on a PC: up to `low`, and the rest from 4 GiB on.
    func splitMap(low: UInt64) throws -> MemoryMap {
        try MemoryMap(regions: [
            MemoryRegion(guestAddress: 0, length: low, file: file.key, fileOffset: 0),
            MemoryRegion(guestAddress: 4 << 30, length: UInt64(size) - low, file: file.key, fileOffset: low),
        ])
    }

    /// Stamps pages as a guest with this map would.
    func stamp(_ extents: [Extent], map: MemoryMap, nonce: Nonce = .test, chunk: UInt64 = 1) throws {
        for extent in extents {
            var address = extent.address
            for range in try map.translate(extent, longest: .max) {
                for offset in stride(from: range.offset, to: range.offset + range.length, by: Self.page) {
                    write(Self.stampedPage(address: address, nonce: nonce, chunk: chunk), at: offset)
                    address += UInt64(Self.page)
                }
            }
        }
    }

    static func stampedPage(address: UInt64, nonce: Nonce = .test, chunk: UInt64 = 1) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x5A, count: page)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress {
                unsafe Stamp.write(to: base, address: address, nonce: nonce, chunk: chunk)
            }
        }
        return bytes
    }
}

extension Nonce {
    static let test = Nonce(low: 0x1122_3344_5566_7788, high: 0x99AA_BBCC_DDEE_FF00)
}

extension Extent {
    /// From byte addresses.
    init(at address: UInt64, bytes: UInt64) { self.init(firstFrame: address / 4096, frames: bytes / 4096) }
}

/// A generator that repeats itself, so that a failing random test can be run again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// What a file should contain, kept beside it. Tests are not optimised, so it works in blocks.
final class Shadow {
    private var bytes: [UInt8]

    init(of ram: TestRAM) { bytes = ram.read(at: 0, count: ram.size) }

    func set(_ values: [UInt8], at offset: Int) {
        unsafe bytes.withUnsafeMutableBytes { all in
            unsafe values.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: all[offset..<offset + $0.count]).copyMemory(from: $0)
            }
        }
    }

    func clear(_ range: Range<Int>) { set([UInt8](repeating: 0, count: range.count), at: range.lowerBound) }

    func isEqual(to ram: TestRAM) -> Bool {
        let actual = ram.read(at: 0, count: ram.size)
        return unsafe bytes.withUnsafeBytes { expected in
            unsafe actual.withUnsafeBytes { actual in
                guard let one = expected.baseAddress, let two = actual.baseAddress else { return false }
                return unsafe memcmp(one, two, expected.count) == 0
            }
        }
    }
}
