import Foundation
import Testing

@testable import Hypervisor

@Suite struct VMMProcessTests {
    private let maps = """
        55b8ef718000-55b8efb1f000 r--p 00000000 fe:00 16236707                   /usr/bin/qemu-system-x86_64
        7fb213fff000-7fb333fff000 rw-s 00000000 00:01 33                         /memfd:memory-backend-memfd (deleted)
        7fb333fff000-7fb334000000 ---p 00000000 00:00 0 \n
        """

    private func withRoot(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = "/tmp/ballast-proc-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(root)/77/fd", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/77/\(name)")) }
        try FileManager.default.createSymbolicLink(
            atPath: "\(root)/77/fd/12", withDestinationPath: "/memfd:memory-backend-memfd (deleted)")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/77/fd/3", withDestinationPath: "/dev/vfio/vfio")
        try body(root)
    }

    private func stat(state: String = "S", start: Int = 4_711) -> String {
        "77 (qemu (x) y) \(state) " + (1...18).map(String.init).joined(separator: " ") + " \(start) 0 0\n"
    }

    @Test("a process is read from a tree of fixtures")
    func fixtures() throws {
        let status = "Name:\tqemu\nVmLck:\t    2048 kB\nVmPin:\t       0 kB\n"
        try withRoot(["stat": stat(), "maps": maps, "status": status]) { root in
            let process = try VMMProcess(pid: 77, procRoot: root)
            #expect(process.startTime == 4_711 && process.isAlive)
            let facts = try process.facts()
            #expect(facts.lockedBytes == 2 << 20 && facts.pinnedBytes == 0)
            #expect(facts.descriptorLinks == ["/dev/vfio/vfio", "/memfd:memory-backend-memfd (deleted)"])
            let mappings = try process.mappings()
            #expect(mappings.count == 3)
            #expect(
                mappings[1].isShared && mappings[1].isWritable && mappings[1].inode == 33 && mappings[1].device == 1)
            #expect(mappings[1].path == "/memfd:memory-backend-memfd (deleted)")
            #expect(!mappings[2].isShared && mappings[2].path == "")
            #expect(mappings[0].device == 0xFE00)
            // The same id, another process.
            try Data(stat(start: 4_712).utf8).write(to: URL(fileURLWithPath: "\(root)/77/stat"))
            #expect(!process.isAlive)
            try Data(stat(state: "Z").utf8).write(to: URL(fileURLWithPath: "\(root)/77/stat"))
            #expect(!process.isAlive)
            #expect(throws: VMMProcessError.self) { try VMMProcess(pid: 77, procRoot: root) }
        }
    }

    @Test("processes that are gone, and files of unknown form, are errors")
    func errors() throws {
        #expect(throws: VMMProcessError.self) { try VMMProcess(pid: 0) }
        #expect(throws: VMMProcessError.self) { try VMMProcess(pid: .max) }
        try withRoot(["stat": stat(), "maps": "nonsense\n", "status": "VmLck:\t1 MB\n"]) { root in
            let process = try VMMProcess(pid: 77, procRoot: root)
            #expect(throws: VMMProcessError.self) { try process.mappings() }
            #expect(throws: VMMProcessError.self) { try process.facts() }
        }
        for line in [
            "", "1-0 rw-p 0 0:0 0", "0-1 rw-p 0 0 0", "0-1 rw 0 0:0 0", "0-1 rw-p 0 0:0 x", "zz-1 rw-p 0 0:0 0",
        ] {
            #expect(MemoryMapping(line: line[...]) == nil, "\(line)")
        }
    }

    @Test("this very process is readable")
    func own() throws {
        let process = try VMMProcess(pid: getpid())
        #expect(process.isAlive)
        #expect(try !process.mappings().isEmpty)
        #expect(try !process.descriptors().isEmpty)
    }
}
