import Foundation
import Testing

@testable import Hypervisor

/// The fixtures are what QEMU itself printed, 7.2 with software emulation and with KVM.
@Suite struct MemoryTreeParserTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    static func fixture(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent("mtree-\(name).txt"), encoding: .utf8)
    }

    static let all: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasPrefix("mtree-") }.map { String($0.dropFirst(6).dropLast(4)) }.sorted()

    private static func bytes(_ size: Substring) -> UInt64 {
        let number = UInt64(size.dropLast()) ?? 0
        return size.hasSuffix("G") ? number << 30 : number << 20
    }

    @Test("every fixture is understood: sections ascend, and no two share bytes of a backend", arguments: all)
    func understood(_ name: String) throws {
        let sections = try MemoryTreeParser.parse(Self.fixture(name))
        #expect(sections.contains { $0.kind == .ram })
        for (one, next) in zip(sections, sections.dropFirst()) {
            #expect(one.guestAddress + one.length <= next.guestAddress)
        }
        let ram = sections.filter { $0.kind == .ram && $0.backend != "pc.bios" }
        for (_, group) in Dictionary(grouping: ram, by: \.backend) {
            let ordered = group.sorted { $0.offset < $1.offset }
            for (one, next) in zip(ordered, ordered.dropFirst()) { #expect(one.offset + one.length <= next.offset) }
        }
    }

    @Test(
        "low RAM ends where the machine's rules say, high RAM goes on at 4 GiB",
        arguments: all.filter { $0.firstMatch(of: /(pc|q35|microvm)-[0-9]+[GM](-vga)?$/) != nil })
    func split(_ name: String) throws {
        let words = name.split(separator: "-").drop { !["pc", "q35", "microvm"].contains($0) }
        let machine = try #require(words.first)
        let size = Self.bytes(words[words.startIndex + 1])
        let low: UInt64 =
            switch machine {
            case "pc": size < 0xE000_0000 ? size : 3 << 30
            case "q35": size < 0xB000_0000 ? size : 2 << 30
            default: min(size, 3 << 30)
            }
        let ram = try MemoryTreeParser.parse(Self.fixture(name)).filter { $0.kind == .ram && $0.backend == "mem0" }
        // QEMU 7.2 brings 64 KiB of firmware for microvm, 10.0 brings 128 KiB.
        let firmware: UInt64 = name.hasPrefix("7.2") ? 0xF_0000 : 0xE_0000
        let hole: UInt64 =
            machine == "microvm" ? firmware : words.last == "vga" ? 0xA_0000 : 0xC_0000
        var expected = [(UInt64(0), hole, UInt64(0)), (1 << 20, low - 1 << 20, 1 << 20)]
        if size > low { expected.append((4 << 30, size - low, low)) }
        #expect(ram.count == expected.count)
        for (section, (address, length, offset)) in zip(ram, expected) {
            #expect(section.guestAddress == address && section.length == length && section.offset == offset)
        }
    }

    @Test("several backends, hot-plugged and persistent memory, device memory and old names keep their own names")
    func names() throws {
        func ram(_ name: String) throws -> [String] {
            try MemoryTreeParser.parse(Self.fixture(name)).filter { $0.kind == .ram }.map {
                "\($0.backend) \(String($0.guestAddress, radix: 16))+\(String($0.length, radix: 16))"
                    + "@\(String($0.offset, radix: 16))"
            }
        }
        #expect(
            try ram("7.2-pc-numa-equal-4G") == [
                "m0 0+c0000@0", "m0 100000+7ff00000@100000", "m1 80000000+40000000@0",
                "m1 100000000+40000000@40000000",
            ])
        #expect(try ram("7.2-q35-dimm-2G").last == "dm1 100000000+40000000@0")
        #expect(try ram("7.2-pc-3.1-canonical-2G").first == "/objects/mem0 0+c0000@0")
        #expect(try ram("7.2-kvm-pc-8G").last == "mem0 100000000+140000000@c0000000")
        let mixed = try MemoryTreeParser.parse(Self.fixture("7.2-q35-nvdimm-virtiomem"))
        #expect(mixed.first { $0.backend == "nv1" }?.kind == .other("nv-ram"))
        // What the chipset write-protects is the backend's, but no RAM.
        #expect(mixed.contains { $0.backend == "mem0" && $0.kind == .rom })
    }

    @Test("anything unknown is refused with its line")
    func refused() throws {
        let good = try Self.fixture("7.2-q35-4608M")
        func code(_ text: String) -> MemoryTreeError.Code? {
            do {
                _ = try MemoryTreeParser.parse(text)
                return nil
            } catch { return error.code }
        }
        #expect(code(good) == nil)
        #expect(code("") == .noSystemView)
        #expect(code(good.replacingOccurrences(of: "AS \"memory\", root: system", with: "AS \"x\"")) == .noSystemView)
        #expect(code(good + good) == .severalSystemViews)
        let line = "  0000000000100000-000000007fffffff (prio 0, ram): mem0 @0000000000100000"
        #expect(good.contains(line))
        for (wrong, expected) in [
            ("  0000000000100000-000000007fffffff (prio 0, ram): mem0 @100000", .unknownLine),
            ("  0000000000100000-000000007fffffff (prio 0, ram): mem0 @0000000000100000 WHPX", .unknownLine),
            ("  0000000000100000-000000007fffffff (prio 0, alias): mem0 @0000000000100000", .unknownLine),
            ("  0000000000100000-000000007fffffff (prio 0, ram): ", .unknownLine),
            ("  100000-7fffffff (prio 0, ram): mem0", .unknownLine),
            ("  +000000000100000-000000007fffffff (prio 0, ram): mem0", .unknownLine),
            ("  0000000000100000-0000000000000fff (prio 0, ram): mem0", .badRange),
            ("  0000000000100000-ffffffffffffffff (prio 0, ram): mem0 @0000000000100000", .badRange),
            ("  0000000000100000-000000007fffffff (prio 0, ram): mem0 @ffffffffffff0000", .badRange),
            ("  0000000000090000-000000007fffffff (prio 0, ram): mem0", .overlap),
            ("  0000000000100000-00000000ffffffff (prio 0, ram): mem0 @0000000000100000", .overlap),
        ] as [(String, MemoryTreeError.Code)] {
            #expect(code(good.replacingOccurrences(of: line, with: wrong)) == expected, "\(wrong)")
        }
    }

    @Test("a bad offset is reported with its whole line")
    func wholeLine() throws {
        for tail in ["", "100000", "0000000000100000 WHPX"] {
            let line = "  0000000000100000-000000007fffffff (prio 0, ram): mem0 @\(tail)"
            #expect(throws: MemoryTreeError(code: .unknownLine, line: line)) {
                try MemoryTreeParser.parse("FlatView #1\n AS \"memory\", root: system\n\(line)\n")
            }
        }
    }

    @Test("no text crashes it")
    func fuzz() throws {
        var random = SplitMix(state: 7)
        let seed = Array(try Self.fixture("7.2-kvm-q35-4608M-vga").utf8)
        for _ in 0..<100 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? MemoryTreeParser.parse(String(decoding: bytes, as: UTF8.self))
        }
    }
}
