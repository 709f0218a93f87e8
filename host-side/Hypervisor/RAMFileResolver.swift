import FoundationEssentials
public import Linux
import SystemPackage

/// Binds every range of guest RAM to a file and an offset, with proof from QEMU and from the kernel.
public struct RAMFileResolver: Sendable {
    private let monitor: VirtualMachineMonitor
    private let process: VMMProcess

    /// A resolver for one VM.
    public init(monitor: VirtualMachineMonitor, process: VMMProcess) {
        self.monitor = monitor
        self.process = process
    }

    /// What was bound, and why the rest was not.
    public struct Resolution: Sendable {
        /// The backends that carry RAM, with what was found of their files.
        public var backends: [VMMFacts.Backend] = []
        /// The sections, ascending by guest address; incomplete where there are refusals.
        public var sections: [ResolvedSection] = []
        /// The files.
        public var files: [FileKey: RAMFile] = [:]
        /// Why something could not be bound.
        public var refusals: [RefusalReason] = []
    }

    /// Looks at the memory map and binds it.
    public func resolve() async throws(QMPError) -> Resolution {
        var resolution = Resolution()
        do {
            let (ram, translations, mappings) = try await stableMap()
            let backends = try await monitor.memoryBackends()
            let size = try await monitor.memorySize()
            try check(ram, against: size, backends: backends)
            for name in Set(ram.map(\.backend)).sorted() {
                let sections = ram.filter { $0.backend == name }
                guard let backend = backends.first(where: { $0.id == Self.id(of: name) }) else { continue }
                resolution.backends.append(VMMFacts.Backend(id: backend.id, shared: backend.shared, file: nil))
                guard backend.shared else { continue }
                try await bind(sections, of: backend, translations: translations, mappings: mappings, into: &resolution)
            }
            try RAMBinder.checkOverlap(resolution.sections)
            resolution.sections.sort { $0.guestAddress < $1.guestAddress }
        } catch let error as QMPError {
            throw error
        } catch let error as RefusalReason {
            resolution.refusals.append(error)
        } catch let error as MemoryTreeError {
            resolution.refusals.append(RefusalReason(.unknownLayout, error.description))
        } catch let error as VMMProcessError {
            resolution.refusals.append(RefusalReason(.vmmProcess, error.description))
        } catch {
            resolution.refusals.append(RefusalReason(.unknownLayout, "\(error)"))
        }
        return resolution
    }

    /// The RAM, where QEMU has mapped it, and QEMU's address space, all of one moment: a guest's firmware remaps the
    /// first megabyte, and devices are plugged, at any time.
    private func stableMap() async throws -> (
        ram: [RAMSection], translations: [RAMSection: RAMBinder.Translation], mappings: [MemoryMapping]
    ) {
        for attempt in 0..<5 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(200)) }
            let ram = try await guestRAM(monitor.flatViews())
            let translations = try await translate(ram)
            let mappings = try process.mappings()
            guard process.isAlive else {
                throw RefusalReason(.vmmProcess, "the VMM's process \(process.pid) has ended")
            }
            if try await guestRAM(monitor.flatViews()) == ram { return (ram, translations, mappings) }
        }
        throw RefusalReason(
            .unknownLayout, "QEMU's memory map keeps changing while it is read; it is tried again later")
    }

    /// The sections of ordinary RAM. Firmware and video memory are RAM to QEMU but no memory backend; backends of
    /// ivshmem, NVDIMM and virtio-pmem devices carry data that outlives or leaves the guest.
    private func guestRAM(_ text: String) async throws -> [RAMSection] {
        let backends = Set(try await monitor.memoryBackends().map(\.id))
        let excluded = try await deviceBackends()
        return try MemoryTreeParser.parse(text).filter { section in
            let id = Self.id(of: section.backend)
            return section.kind == .ram && backends.contains(id) && !excluded.contains(id)
        }
    }

    private func deviceBackends() async throws -> Set<String> {
        let persistent = try await monitor.memoryDevices().filter { $0.kind != "dimm" && $0.kind != "virtio-mem" }
        var paths = persistent.map(\.backend)
        for device in try await monitor.devices() where Self.carriesForeignMemory(device.type) {
            if let path = try await monitor.property("memdev", of: device.path).stringValue { paths.append(path) }
        }
        return Set(paths.map(Self.id))
    }

    private static func carriesForeignMemory(_ type: String) -> Bool {
        type.hasPrefix("ivshmem-plain") || type.hasPrefix("virtio-pmem") || type == "nvdimm"
    }

    /// Machine types before 4.0 name regions by the backend's whole path.
    private static func id(of name: String) -> String {
        name.hasPrefix("/objects/") ? String(name.dropFirst(9)) : name
    }

    private func translate(_ ram: [RAMSection]) async throws -> [RAMSection: RAMBinder.Translation] {
        let addresses = ram.flatMap { [$0.guestAddress, RAMBinder.lastPage(of: $0)] }
        let found = try await monitor.hostAddresses(of: addresses)
        var translations: [RAMSection: RAMBinder.Translation] = [:]
        for (index, section) in ram.enumerated() {
            translations[section] = .init(first: found[2 * index], last: found[2 * index + 1])
        }
        return translations
    }

    private func check(
        _ ram: [RAMSection], against size: MachineMemory, backends: [MemoryBackend]
    ) throws(RefusalReason) {
        guard !ram.isEmpty else { throw RefusalReason(.unknownLayout, "QEMU's memory map shows no RAM") }
        var sum: UInt64 = 0
        for section in ram { sum = sum &+ section.length }
        guard sum <= size.totalBytes else {
            throw RefusalReason(
                .unknownLayout,
                "QEMU's memory map shows \(sum) bytes of RAM, but the guest has \(size.totalBytes)")
        }
        for section in ram {
            guard let backend = backends.first(where: { $0.id == Self.id(of: section.backend) }),
                section.offset + section.length <= backend.size
            else { throw RAMBinder.unknown(section, "it reaches beyond its backend") }
        }
    }

    private func bind(
        _ sections: [RAMSection], of backend: MemoryBackend, translations: [RAMSection: RAMBinder.Translation],
        mappings: [MemoryMapping], into resolution: inout Resolution
    ) async throws {
        let base = try await fileBase(of: backend.id)
        var keys: Set<FileKey> = []
        for section in sections {
            guard let translation = translations[section] else { continue }
            let bound = try RAMBinder.bind(section, translation: translation, fileBase: base, mappings: mappings)
            keys.insert(bound.file)
            resolution.sections.append(bound)
        }
        guard let key = keys.first, keys.count == 1 else {
            throw RefusalReason(.unknownLayout, "memory backend \(backend.id) lies in \(keys.count) files")
        }
        // Without a file the facts say so, and the inspection gives the reason.
        guard let file = try await open(key, backend: backend.id) else { return }
        for section in resolution.sections where section.file == key {
            guard section.fileOffset + section.length <= file.facts.size else {
                throw RefusalReason(
                    .unknownLayout, "the file of memory backend \(backend.id) is shorter than its RAM")
            }
        }
        resolution.files[key] = file
        if let index = resolution.backends.firstIndex(where: { $0.id == backend.id }) {
            resolution.backends[index].file = file.facts
        }
    }

    /// `memory-backend-file` may begin somewhere in its file (QEMU 8.1 and later); other backends have no such
    /// property.
    private func fileBase(of backend: String) async throws -> UInt64 {
        do throws(QMPError) {
            return try await monitor.property("offset", of: "/objects/\(backend)").uint64Value ?? 0
        } catch {
            guard error.code == .command else { throw error }
            return 0
        }
    }

    /// The VMM's own descriptor first, then the backend's path; whichever has the inode that is mapped.
    private func open(_ key: FileKey, backend: String) async throws -> RAMFile? {
        var paths = try process.descriptors().filter { $0.link.hasPrefix("/") && !$0.link.hasPrefix("/dev/vfio") }
            .map { process.path(ofDescriptor: $0.number) }
        do throws(QMPError) {
            if let path = try await monitor.property("mem-path", of: "/objects/\(backend)").stringValue {
                paths.append(path)
            }
        } catch {
            guard error.code == .command else { throw error }
        }
        var failure: (any Error)?
        for path in paths where RAMFile.key(ofPath: path) == key {
            do {
                let file = try RAMFile(path: path)
                if file.key == key { return file }
            } catch {
                failure = error
            }
        }
        if let failure {
            throw RefusalReason(
                .noDescriptor,
                "the file of memory backend \(backend) cannot be opened for writing (\(failure)); run ballast-host as "
                    + "root or as the VMM's user")
        }
        return nil
    }
}
