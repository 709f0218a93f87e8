import Foundation
import Linux
import SystemPackage
import Testing

@testable import Hypervisor

/// Guest RAM of a real QEMU bound to files, or refused.
@Suite(.serialized) struct LiveMemoryTests {
    private func inspect(
        _ arguments: [String], pid: Int32? = nil, commands: [QMPClient.Command] = [], firmware: Duration? = nil,
        _ body: (QEMU, InspectionResult) async throws -> Void
    ) async throws {
        try await withQEMU(arguments) { qemu in
            // With locked memory QEMU first fills a gigabyte of its own.
            let client = try await qemu.connect()
            for result in await client.execute(commands) { _ = try result.get() }
            if let firmware {
                // The firmware gives PCI memory its addresses.
                _ = try await client.execute("cont")
                try await Task.sleep(for: firmware)
                _ = try await client.execute("stop")
            }
            let inspector = VMMInspector(monitor: VirtualMachineMonitor(client), configuredPID: pid)
            try await body(qemu, try await inspector.inspect())
        }
    }

    /// Writes through QEMU's own view of guest memory and reads the file, which proves the binding end to end.
    private func prove(_ qemu: QEMU, _ result: InspectionResult) async throws {
        for (index, section) in result.sections.enumerated() {
            let file = try #require(result.files[section.file])
            for offset in [0, section.length - 4_096] {
                let mark = UInt64(0xB000_0000 + index) << 16 | (offset & 0xFFFF)
                try file.descriptor.writeAll(
                    toAbsoluteOffset: Int64(section.fileOffset + offset),
                    (0..<8).map { UInt8(truncatingIfNeeded: mark >> (8 * $0)) }
                )
                let text = try await hmp(qemu, "xp /1gx 0x\(String(section.guestAddress + offset, radix: 16))")
                let word = text.split(separator: " ").last?.filter(\.isHexDigit)
                #expect(word.flatMap { UInt64($0.dropFirst(0), radix: 16) } == mark, "\(section) \(text)")
            }
        }
    }

    private func hmp(_ qemu: QEMU, _ command: String) async throws -> String {
        let client = try await QMPClient.connect(path: "\(qemu.folder)/qmp2")
        let text = try await VirtualMachineMonitor(client).hmp(command)
        await client.close()
        return text.replacingOccurrences(of: "0x", with: "")
    }

    @Test(
        "RAM of every machine type is bound to its file, below and above 4 GiB",
        arguments: [("pc", 4_608), ("q35", 4_608), ("microvm", 4_608), ("pc", 2_048), ("q35", 2_048)])
    func machines(_ machine: String, _ megabytes: UInt64) async throws {
        try await withQEMU(QEMU.machine(machine, "\(megabytes)M"), secondMonitor: true) { qemu in
            let client = try await qemu.connect()
            let result = try await VMMInspector(monitor: VirtualMachineMonitor(client)).inspect()
            #expect(result.refusals == [])
            #expect(result.files.count == 1)
            #expect(result.process?.pid == qemu.pid)
            #expect(result.memory.totalBytes == megabytes << 20)
            let sum = result.sections.reduce(0) { $0 + $1.length }
            // Firmware lies over the rest: 64 KiB of it on microvm in QEMU 7.2, 128 KiB in 10.0.
            let hidden: Set<UInt64> = machine == "microvm" ? [64 << 10, 128 << 10] : [256 << 10]
            #expect(hidden.contains((megabytes << 20) - sum))
            #expect(result.sections.contains { $0.guestAddress == 4 << 30 } == (megabytes > 3_072))
            try await prove(qemu, result)
        }
    }

    @Test("two backends of equal size and name are told apart by their inodes")
    func twoBackends() async throws {
        let arguments =
            ["-machine", "pc", "-m", "4G", "-smp", "2"] + QEMU.memfd("m0", "2G") + QEMU.memfd("m1", "2G")
            + ["-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1"]
        try await withQEMU(arguments, secondMonitor: true) { qemu in
            let client = try await qemu.connect()
            let result = try await VMMInspector(monitor: VirtualMachineMonitor(client)).inspect()
            #expect(result.refusals == [])
            #expect(result.files.count == 2)
            #expect(Set(result.sections.map { "\($0.backend) \($0.file)" }).count == 2)
            try await prove(qemu, result)
        }
    }

    @Test("a file in /dev/shm, an old machine type, and memory plugged later are bound")
    func others() async throws {
        let path = "/dev/shm/ballast-hv-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await inspect(
            [
                "-machine", "q35,memory-backend=ram0", "-m", "1G", "-object",
                "memory-backend-file,id=ram0,size=1G,share=on,mem-path=\(path)",
            ]
        ) { _, result in
            #expect(result.refusals == [])
            #expect(result.files.keys.first == RAMFile.key(ofPath: path))
        }
        try await inspect(
            ["-machine", "pc-i440fx-3.1", "-m", "1G"] + QEMU.memfd("mem0", "1G") + ["-numa", "node,memdev=mem0"]
        ) { _, result in
            #expect(result.refusals == [])
            #expect(result.sections.count == 2)
        }
        try await inspect(
            ["-machine", "q35,memory-backend=mem0", "-m", "1G,slots=2,maxmem=4G"] + QEMU.memfd("mem0", "1G")
                + QEMU.memfd("dm1", "1G"),
            commands: [.init("device_add", ["driver": "pc-dimm", "id": "d1", "memdev": "dm1"])]
        ) { _, result in
            #expect(result.refusals == [])
            #expect(result.memory == MachineMemory(baseBytes: 1 << 30, pluggedBytes: 1 << 30))
            #expect(result.sections.last?.backend == "dm1" && result.files.count == 2)
        }
    }

    @Test("memory shared with other VMs and persistent memory are no RAM of this guest")
    func foreign() async throws {
        try await inspect(
            ["-machine", "q35,memory-backend=mem0,nvdimm=on", "-m", "1G,slots=2,maxmem=4G"]
                + QEMU.memfd("mem0", "1G") + QEMU.memfd("iv", "16M") + QEMU.memfd("nv", "256M")
                + ["-device", "ivshmem-plain,memdev=iv", "-device", "nvdimm,memdev=nv"],
            firmware: .seconds(3)
        ) { _, result in
            #expect(!result.sections.contains { $0.backend != "mem0" })
            #expect(result.facts?.backends.map(\.id) == ["mem0"])
        }
    }

    @Test("private RAM, RAM without a file, and RAM on a disk are refused, each with its reason")
    func refused() async throws {
        try await inspect(["-machine", "pc", "-m", "256M"]) { _, result in
            #expect(result.refusals.map(\.code) == [.memoryPrivate])
            #expect(result.sections.isEmpty && result.files.isEmpty)
        }
        try await inspect(
            ["-machine", "q35,memory-backend=mem0", "-m", "256M"] + QEMU.memfd("mem0", "256M", ",share=off")
        ) { _, result in
            #expect(result.refusals.map(\.code) == [.memoryPrivate])
        }
        try await inspect(
            [
                "-machine", "q35,memory-backend=mem0", "-m", "256M", "-object",
                "memory-backend-ram,id=mem0,size=256M,share=on",
            ]
        ) { _, result in
            // QEMU 10.0 backs this with a memfd.
            #expect(result.refusals.isEmpty ? !result.files.isEmpty : result.refusals.map(\.code) == [.noDescriptor])
        }
        let path = "\(FileManager.default.currentDirectoryPath)/.ballast-hv-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await inspect(
            [
                "-machine", "q35,memory-backend=mem0", "-m", "64M", "-object",
                "memory-backend-file,id=mem0,size=64M,share=on,mem-path=\(path)",
            ]
        ) { _, result in
            #expect(result.refusals.map(\.code) == [.fileSystem])
        }
    }

    @Test("locked memory is refused")
    func locked() async throws {
        try await inspect(QEMU.machine("q35", "64M") + ["-overcommit", "mem-lock=on"]) { _, result in
            #expect(result.refusals.map(\.code) == [.memoryLocked])
        }
    }

    @Test("switched on at run time, postcopy and background snapshots are refused")
    func capabilities() async throws {
        for (name, code) in [
            ("postcopy-ram", RefusalReason.Code.postcopy), ("background-snapshot", .backgroundSnapshot),
        ] {
            try await withQEMU(QEMU.machine("q35", "64M")) { qemu in
                let client = try await qemu.connect()
                let answer = await client.execute([
                    .init(
                        "migrate-set-capabilities",
                        ["capabilities": [["capability": .string(name), "state": true]]])
                ])
                // Without userfaultfd QEMU does not take these at all.
                guard case .success = answer[0] else { return }
                let result = try await VMMInspector(monitor: VirtualMachineMonitor(client)).inspect()
                #expect(result.refusals.map(\.code) == [code])
            }
        }
    }

    @Test("another process than the VMM is found out, and one that is gone")
    func wrongProcess() async throws {
        for pid in [getpid(), 1, .max] {
            try await inspect(QEMU.machine("q35", "256M"), pid: pid) { _, result in
                #expect(result.refusals.map(\.code) == [.vmmProcess])
                #expect(result.sections.isEmpty && result.files.isEmpty)
            }
        }
        // Another VM of the same shape.
        try await withQEMU(QEMU.machine("q35", "256M")) { other in
            let pid = try #require(other.pid)
            try await inspect(QEMU.machine("q35", "256M"), pid: pid) { _, result in
                #expect(result.refusals.map(\.code) == [.vmmProcess])
            }
        }
    }

    @Test("the map of one VM does not fit the memory of another")
    func anotherMap() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { other in
            let process = try VMMProcess(pid: #require(other.pid))
            try await withQEMU(QEMU.machine("q35", "256M") + ["-m", "256M"]) { qemu in
                let monitor = VirtualMachineMonitor(try await qemu.connect())
                let resolution = try await RAMFileResolver(monitor: monitor, process: process).resolve()
                #expect(resolution.files.isEmpty && !resolution.refusals.isEmpty)
            }
        }
    }

    @Test("huge pages are bound like others where the host has any to try with")
    func hugetlb() async throws {
        let free =
            (try? String(contentsOfFile: "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", encoding: .utf8))
            .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
        guard free >= 32 else { return }
        try await inspect(
            ["-machine", "q35,memory-backend=mem0", "-m", "64M"]
                + QEMU.memfd("mem0", "64M", ",hugetlb=on,hugetlbsize=2M")
        ) { _, result in
            #expect(result.refusals.isEmpty)
            #expect(result.files.values.allSatisfy { $0.facts.fileSystem == .hugetlbfs(pageBytes: 2 << 20) })
        }
    }
}
