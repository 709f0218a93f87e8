import Linux
import Testing

@testable import Hypervisor

@Suite struct InspectionTests {
    static let sound = VMMFacts(
        guestArchitecture: "x86_64", hostPageSize: 4_096,
        snapshot: SafetySnapshot(
            runState: .running, migration: MigrationState(status: nil, capabilities: ["events"]), jobs: [],
            devices: [QOMObject(path: "/machine/peripheral/net0", type: "virtio-net-pci")], networkBackends: ["tap"]),
        process: ProcessFacts(
            descriptorLinks: ["/dev/kvm", "anon_inode:kvm-vm", "anon_inode:kvm-vcpu:0", "/dev/vhost-net"],
            lockedBytes: 0, pinnedBytes: 0),
        objectTypes: ["memory-backend-memfd", "iothread"], blockDrivers: ["qcow2", "file"],
        confidentialGuestSupport: "", sevEnabled: false,
        backends: [
            .init(id: "mem0", shared: true, file: RAMFileFacts(fileSystem: .tmpfs, seals: 7, size: 1 << 31))
        ])

    private func codes(_ change: (inout VMMFacts) -> Void) -> [RefusalReason.Code] {
        var facts = Self.sound
        change(&facts)
        return Inspection.refusals(of: facts).map(\.code)
    }

    private func plug(_ type: String) -> [RefusalReason.Code] {
        codes {
            $0.snapshot = SafetySnapshot(
                runState: .running, migration: $0.snapshot.migration, jobs: [],
                devices: [QOMObject(path: "/machine/peripheral/x", type: type)], networkBackends: [])
        }
    }

    private func snapshot(
        state: RunState = .running, status: String? = nil, capabilities: Set<String> = [], jobs: [VMMJob] = [],
        network: [String] = []
    ) -> [RefusalReason.Code] {
        codes {
            $0.snapshot = SafetySnapshot(
                runState: state, migration: MigrationState(status: status, capabilities: capabilities), jobs: jobs,
                devices: [], networkBackends: network)
        }
    }

    @Test("an ordinary VM on a shared memfd is accepted")
    func accepted() {
        #expect(codes { _ in } == [])
        #expect(plug("vhost-user-fs-pci") == [])
        #expect(plug("vhost-user-vsock-pci") == [])
        #expect(snapshot(status: "completed") == [])
        #expect(snapshot(jobs: [VMMJob(id: "b", type: "backup", status: "running")]) == [])
        #expect(snapshot(jobs: [VMMJob(id: "s", type: "snapshot-save", status: "concluded")]) == [])
    }

    @Test("devices that reach guest memory on their own are refused")
    func devices() {
        #expect(plug("vfio-pci") == [.vfioDevice])
        #expect(plug("vfio-pci-nohotplug") == [.vfioDevice])
        #expect(plug("vfio-user-pci") == [.vfioDevice])
        #expect(plug("vhost-vdpa-device-pci") == [.vdpaDevice])
        for type in ["vhost-user-blk-pci", "vhost-user-net", "vhost-user-gpu", "vhost-user-scsi-pci"] {
            #expect(plug(type) == [.vhostUserBackend])
        }
        #expect(snapshot(network: ["vhost-user"]) == [.vhostUserBackend])
        #expect(snapshot(network: ["vhost-vdpa"]) == [.vdpaDevice])
        for link in ["/dev/vfio/vfio", "/dev/vfio/12", "/dev/vfio/devices/vfio0", "/dev/iommu", "anon_inode:kvm-vfio"] {
            #expect(codes { $0.process.descriptorLinks.append(link) } == [.vfioDevice], "\(link)")
        }
        #expect(codes { $0.process.descriptorLinks.append("/dev/vhost-vdpa-0") } == [.vdpaDevice])
        #expect(codes { $0.blockDrivers.append("nvme") } == [.nvmeUserspace])
    }

    @Test("encrypted guests are refused")
    func confidential() {
        for type in ["sev-guest", "sev-snp-guest", "tdx-guest"] {
            #expect(codes { $0.objectTypes.append(type) } == [.confidentialGuest])
        }
        #expect(codes { $0.confidentialGuestSupport = "/objects/cgs0" } == [.confidentialGuest])
        #expect(codes { $0.sevEnabled = true } == [.confidentialGuest])
    }

    @Test("locked memory, migration and snapshots are refused")
    func states() {
        #expect(codes { $0.process.lockedBytes = 2 << 30 } == [.memoryLocked])
        #expect(codes { $0.process.pinnedBytes = 2 << 30 } == [.memoryLocked])
        #expect(codes { $0.process.lockedBytes = 64 << 10 } == [])
        #expect(snapshot(capabilities: ["postcopy-ram"]) == [.postcopy])
        #expect(snapshot(capabilities: ["background-snapshot"]) == [.backgroundSnapshot])
        for status in ["setup", "active", "postcopy-active", "device", "wait-unplug", "colo", "a word of tomorrow"] {
            #expect(snapshot(status: status) == [.migrationActive])
        }
        #expect(snapshot(state: .inMigrate) == [.migrationActive])
        #expect(snapshot(jobs: [VMMJob(id: "s", type: "snapshot-load", status: "running")]) == [.snapshotJob])
    }

    @Test("RAM that cannot be discarded from outside is refused")
    func memory() {
        #expect(codes { $0.backends[0].shared = false } == [.memoryPrivate])
        #expect(codes { $0.backends[0].file = nil } == [.noDescriptor])
        #expect(codes { $0.backends[0].file?.fileSystem = .hugetlbfs(pageBytes: 2 << 20) } == [])
        #expect(codes { $0.backends[0].file?.fileSystem = .hugetlbfs(pageBytes: 64 << 10) } == [.hugetlb])
        #expect(codes { $0.backends[0].file?.fileSystem = .hugetlbfs(pageBytes: 1 << 30) } == [.gigapages])
        #expect(codes { $0.backends[0].file?.fileSystem = .other(magic: 0xEF53) } == [.fileSystem])
        #expect(codes { $0.backends[0].file?.seals = 0x8 } == [.writeSealed])
        #expect(codes { $0.backends[0].file?.seals = 0x10 } == [.writeSealed])
        #expect(codes { $0.guestArchitecture = "aarch64" } == [.platform])
        #expect(codes { $0.hostPageSize = 65_536 } == [.platform])
    }

    @Test("every reason has its own word and says more than the word")
    func sentences() {
        var facts = Self.sound
        facts.blockDrivers.append("nvme")
        facts.sevEnabled = true
        facts.process.lockedBytes = 1 << 30
        facts.backends.append(.init(id: "mem1", shared: false, file: nil))
        let reasons = Inspection.refusals(of: facts)
        #expect(reasons.map(\.code) == [.confidentialGuest, .nvmeUserspace, .memoryLocked, .memoryPrivate])
        for reason in reasons { #expect(reason.description.count > 40) }
        for code in RefusalReason.Code.allCases {
            #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
        }
    }
}
