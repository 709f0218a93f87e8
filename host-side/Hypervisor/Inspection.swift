import Linux

/// Decides from facts alone whether a VM's memory may be discarded behind its VMM's back. QEMU's own guard against
/// discards does not protect an outsider, and fails silently.
public enum Inspection {
    /// VmLck or VmPin beyond this means locked guest memory; below it are rings and other small buffers.
    public static let lockedTolerance: UInt64 = 1 << 20

    /// Every reason against, in a stable order; empty when the agent actuator may be used.
    public static func refusals(of facts: VMMFacts) -> [RefusalReason] {
        var reasons: [RefusalReason] = []
        if facts.guestArchitecture != "x86_64" || facts.hostPageSize != 4_096 {
            reasons.append(
                RefusalReason(
                    .platform,
                    "Ballast handles x86-64 guests on hosts with 4 KiB pages; this is \(facts.guestArchitecture) with "
                        + "\(facts.hostPageSize)-byte pages"))
        }
        reasons += confidential(facts)
        if facts.blockDrivers.contains("nvme") {
            reasons.append(
                RefusalReason(
                    .nvmeUserspace,
                    "a disk uses QEMU's userspace NVMe driver, which maps guest memory for DMA; use the kernel's "
                        + "driver (host_device) instead"))
        }
        reasons += refusals(snapshot: facts.snapshot, process: facts.process)
        for backend in facts.backends { reasons += refusals(backend: backend) }
        return unique(reasons)
    }

    /// The part that must be asked again before each batch of discards.
    public static func refusals(snapshot: SafetySnapshot, process: ProcessFacts) -> [RefusalReason] {
        unique(
            devices(snapshot, process) + migration(snapshot)
                + locked(process))
    }

    private static func devices(_ snapshot: SafetySnapshot, _ process: ProcessFacts) -> [RefusalReason] {
        var reasons: [RefusalReason] = []
        let types = snapshot.devices.map(\.type)
        let links = process.descriptorLinks
        if let device = types.first(where: { $0.hasPrefix("vfio-") })
            ?? links.first(where: {
                $0.hasPrefix("/dev/vfio/") || $0 == "/dev/iommu" || $0.hasPrefix("anon_inode:kvm-vfio")
                    || $0.hasPrefix("anon_inode:[vfio")
            })
        {
            reasons.append(
                RefusalReason(
                    .vfioDevice,
                    "the VM has a passed-through or mediated device (\(device)), whose DMA would go to memory already "
                        + "freed; remove it, or use no balloon on this VM"))
        }
        if let device = types.first(where: { $0.hasPrefix("vhost-vdpa") })
            ?? links.first(where: { $0.hasPrefix("/dev/vhost-vdpa") })
            ?? snapshot.networkBackends.first(where: { $0 == "vhost-vdpa" })
        {
            reasons.append(
                RefusalReason(
                    .vdpaDevice,
                    "the VM has a vDPA device (\(device)), whose DMA would go to memory already freed; remove it, or "
                        + "use no balloon on this VM"))
        }
        // virtiofsd, and the back ends of vsock, map the same file shared and keep nothing pinned or copied beyond a
        // request, so they see discards as the guest does.
        let coherent = ["vhost-user-fs", "vhost-user-vsock"]
        if let backend = types.first(where: { type in
            type.hasPrefix("vhost-user-") && !coherent.contains(where: type.hasPrefix)
        })
            ?? snapshot.networkBackends.first(where: { $0 == "vhost-user" })
        {
            reasons.append(
                RefusalReason(
                    .vhostUserBackend,
                    "the VM has a vhost-user back end (\(backend)) that may keep guest memory pinned or copied; of "
                        + "these only virtiofsd and vsock are known to be safe"))
        }
        return reasons
    }

    private static func migration(_ snapshot: SafetySnapshot) -> [RefusalReason] {
        var reasons: [RefusalReason] = []
        if snapshot.migration.postcopy {
            reasons.append(
                RefusalReason(
                    .postcopy,
                    "the migration capability postcopy-ram is on, under which discarded memory would be filled again "
                        + "from elsewhere; switch it off with migrate-set-capabilities"))
        }
        if snapshot.migration.backgroundSnapshot {
            reasons.append(
                RefusalReason(
                    .backgroundSnapshot,
                    "the migration capability background-snapshot is on, whose snapshot would miss discarded memory; "
                        + "switch it off with migrate-set-capabilities"))
        }
        if snapshot.migration.isActive || snapshot.runState == .inMigrate {
            reasons.append(
                RefusalReason(
                    .migrationActive,
                    "a migration is under way (\(snapshot.migration.status ?? snapshot.runState.rawValue)); wait until "
                        + "it has ended"))
        }
        if let job = snapshot.jobs.first(where: \.touchesMemory) {
            reasons.append(
                RefusalReason(
                    .snapshotJob, "job \(job.id) (\(job.type)) is \(job.status); wait until it has ended"))
        }
        return reasons
    }

    private static func locked(_ process: ProcessFacts) -> [RefusalReason] {
        guard process.lockedBytes > lockedTolerance || process.pinnedBytes > lockedTolerance else { return [] }
        return [
            RefusalReason(
                .memoryLocked,
                "the VMM holds \(process.lockedBytes >> 20) MiB locked and \(process.pinnedBytes >> 20) MiB pinned; "
                    + "start it without -overcommit mem-lock (libvirt: without <locked/>)")
        ]
    }

    private static func confidential(_ facts: VMMFacts) -> [RefusalReason] {
        let types: Set<String> = ["sev-guest", "sev-snp-guest", "tdx-guest"]
        let object = facts.objectTypes.first(where: { types.contains($0) })
        guard object != nil || !facts.confidentialGuestSupport.isEmpty || facts.sevEnabled else { return [] }
        return [
            RefusalReason(
                .confidentialGuest,
                "the guest's memory is encrypted (\(object ?? "confidential-guest-support")) and cannot be checked or "
                    + "discarded from outside")
        ]
    }

    private static func refusals(backend: VMMFacts.Backend) -> [RefusalReason] {
        guard backend.shared else {
            return [
                RefusalReason(
                    .memoryPrivate,
                    "memory backend \(backend.id) is private to the VMM; start the VM with -object "
                        + "memory-backend-memfd,id=mem0,size=...,share=on -machine memory-backend=mem0 (libvirt: "
                        + "<source type='memfd'/><access mode='shared'/>)")
            ]
        }
        guard let file = backend.file else {
            return [
                RefusalReason(
                    .noDescriptor,
                    "memory backend \(backend.id) has no file behind it; use memory-backend-memfd with share=on")
            ]
        }
        var reasons: [RefusalReason] = []
        switch file.fileSystem {
        case .tmpfs: break
        case .hugetlbfs(pageBytes: let pageBytes) where pageBytes >= 1 << 30:
            reasons.append(
                RefusalReason(
                    .gigapages,
                    "memory backend \(backend.id) uses 1 GiB pages, which Ballast cannot take; use 4 KiB pages"))
        case .hugetlbfs(pageBytes: 2 << 20): break
        case .hugetlbfs(pageBytes: let pageBytes):
            reasons.append(
                RefusalReason(
                    .hugetlb,
                    "memory backend \(backend.id) uses huge pages of \(pageBytes >> 10) KiB, which Ballast does "
                        + "not take; use 2 MiB, or 4 KiB pages with transparent huge pages"))
        case .other(magic: let magic):
            reasons.append(
                RefusalReason(
                    .fileSystem,
                    "memory backend \(backend.id) lies on a file system (magic 0x\(String(magic, radix: 16))) that is "
                        + "neither tmpfs nor hugetlbfs; use memory-backend-memfd, or a mem-path in /dev/shm"))
        }
        if file.isWriteSealed {
            reasons.append(
                RefusalReason(
                    .writeSealed, "the file of memory backend \(backend.id) is sealed against writing"))
        }
        return reasons
    }

    private static func unique(_ reasons: [RefusalReason]) -> [RefusalReason] {
        var seen: Set<RefusalReason> = []
        return reasons.filter { seen.insert($0).inserted }
    }
}
