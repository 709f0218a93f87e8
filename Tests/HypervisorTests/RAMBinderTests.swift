import Linux
import Testing

@testable import Hypervisor

@Suite struct RAMBinderTests {
    private let base: UInt64 = 0x7FB2_13FF_F000
    private let mapping = MemoryMapping(
        start: 0x7FB2_13FF_F000, end: 0x7FB2_93FF_F000, permissions: "rw-s", offset: 0, device: 1, inode: 33,
        path: "/memfd:memory-backend-memfd (deleted)")

    private func section(_ address: UInt64, _ length: UInt64, _ offset: UInt64) -> RAMSection {
        RAMSection(guestAddress: address, length: length, backend: "mem0", offset: offset, kind: .ram, line: "  line")
    }

    private func translation(_ first: UInt64, _ length: UInt64, region: String = "mem0") -> RAMBinder.Translation {
        .init(
            first: HostAddress(region: region, address: first),
            last: HostAddress(region: region, address: first + length - 4_096))
    }

    private func code(
        _ section: RAMSection, _ translation: RAMBinder.Translation, base: UInt64 = 0, _ mappings: [MemoryMapping]
    ) -> RefusalReason.Code? {
        do {
            _ = try RAMBinder.bind(section, translation: translation, fileBase: base, mappings: mappings)
            return nil
        } catch { return error.code }
    }

    @Test("a section is bound where QEMU and the kernel agree")
    func bound() throws {
        let low = section(1 << 20, 511 << 20, 1 << 20)
        let found = try RAMBinder.bind(
            low, translation: translation(base + 1 << 20, low.length), fileBase: 0, mappings: [mapping])
        #expect(found.file == FileKey(device: 1, inode: 33))
        #expect(found.fileOffset == 1 << 20 && found.guestAddress == 1 << 20 && found.length == 511 << 20)
    }

    @Test("a mapping split by the kernel is followed, a gap or another file in it is not")
    func split() {
        func part(_ from: UInt64, _ to: UInt64, offset: UInt64, inode: UInt64 = 33) -> MemoryMapping {
            MemoryMapping(
                start: base + from, end: base + to, permissions: "rw-s", offset: offset, device: 1, inode: inode,
                path: "")
        }
        let whole = section(0, 1 << 20, 0)
        let where_ = translation(base, 1 << 20)
        let first = part(0, 0x8_0000, offset: 0)
        #expect(code(whole, where_, [first, part(0x8_0000, 0x10_0000, offset: 0x8_0000)]) == nil)
        #expect(code(whole, where_, [first]) == .unknownLayout)
        #expect(code(whole, where_, [first, part(0x8_1000, 0x10_0000, offset: 0x8_1000)]) == .unknownLayout)
        #expect(code(whole, where_, [first, part(0x8_0000, 0x10_0000, offset: 0x9_0000)]) == .unknownLayout)
        #expect(code(whole, where_, [first, part(0x8_0000, 0x10_0000, offset: 0x8_0000, inode: 34)]) == .unknownLayout)
    }

    @Test("maps shifted by a page or a gigabyte, and low and high RAM exchanged, are refused")
    func shifted() {
        let low = section(0, 1 << 30, 0)
        let high = section(4 << 30, 1 << 30, 1 << 30)
        for shift in [UInt64(4_096), 1 << 30] {
            #expect(code(low, translation(base + shift, low.length), [mapping]) == .unknownLayout)
            #expect(code(section(0, 1 << 30, shift), translation(base, low.length), [mapping]) == .unknownLayout)
        }
        #expect(code(low, translation(base + 1 << 30, low.length), [mapping]) == .unknownLayout)
        #expect(code(high, translation(base, high.length), [mapping]) == .unknownLayout)
        #expect(code(low, translation(base, low.length), base: 4_096, [mapping]) == .unknownLayout)
    }

    @Test("another region, no RAM, private, anonymous and read-only mappings are refused")
    func wrong() {
        let low = section(0, 1 << 30, 0)
        #expect(code(low, translation(base, low.length, region: "mem1"), [mapping]) == .unknownLayout)
        #expect(code(low, .init(first: nil, last: nil), [mapping]) == .unknownLayout)
        #expect(code(low, translation(base, low.length), []) == .unknownLayout)
        #expect(code(section(0x800, 1 << 30, 0), translation(base, 1 << 30), [mapping]) == .unknownLayout)
        #expect(code(low, translation(.max - 4_095, low.length.magnitude & 0), [mapping]) == .unknownLayout)
        func with(_ permissions: String, inode: UInt64 = 33) -> MemoryMapping {
            MemoryMapping(
                start: mapping.start, end: mapping.end, permissions: permissions, offset: 0, device: 1, inode: inode,
                path: "")
        }
        #expect(code(low, translation(base, low.length), [with("rw-p")]) == .memoryPrivate)
        #expect(code(low, translation(base, low.length), [with("rw-s", inode: 0)]) == .noDescriptor)
        #expect(code(low, translation(base, low.length), [with("r--s")]) == .unknownLayout)
    }

    @Test("two ranges of guest RAM on the same bytes of a file are refused")
    func aliased() {
        func resolved(_ address: UInt64, _ offset: UInt64, inode: UInt64 = 1) -> ResolvedSection {
            ResolvedSection(
                guestAddress: address, length: 1 << 20, file: FileKey(device: 1, inode: inode), fileOffset: offset,
                backend: "mem0")
        }
        #expect(throws: RefusalReason.self) {
            try RAMBinder.checkOverlap([resolved(0, 0), resolved(1 << 20, (1 << 20) - 4_096)])
        }
        #expect(throws: Never.self) {
            try RAMBinder.checkOverlap([resolved(1 << 20, 0), resolved(0, 1 << 20), resolved(1 << 30, 0, inode: 2)])
        }
    }
}
