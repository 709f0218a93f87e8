/// The typed calls of one VM's monitor. Sizes are bytes throughout.
public struct VirtualMachineMonitor: Sendable {
    /// The connection beneath.
    public let client: QMPClient

    /// A monitor over a connected client.
    public init(_ client: QMPClient) {
        self.client = client
    }

    /// The run state.
    public func status() async throws(QMPError) -> RunState {
        try Self.runState(await client.execute("query-status"))
    }

    /// Pauses the guest. Returns when it is paused.
    public func stop() async throws(QMPError) {
        _ = try await client.execute("stop")
    }

    /// Lets the guest run.
    public func cont() async throws(QMPError) {
        _ = try await client.execute("cont")
    }

    /// Migration and its capabilities.
    public func migration() async throws(QMPError) -> MigrationState {
        let answers = await client.execute([.init("query-migrate"), .init("query-migrate-capabilities")])
        return try MigrationState(migrate: answers[0].get(), capabilities: answers[1].get())
    }

    /// All jobs.
    public func jobs() async throws(QMPError) -> [VMMJob] {
        try Self.jobs(await client.execute("query-jobs"))
    }

    /// Status, migration, jobs and devices, asked together.
    public func safetySnapshot(timeout: Duration? = nil) async throws(QMPError) -> SafetySnapshot {
        let answers = await client.execute(
            [
                .init("query-status"), .init("query-migrate"), .init("query-migrate-capabilities"),
                .init("query-jobs"), .init("qom-list", ["path": "/machine/peripheral"]),
                .init("qom-list", ["path": "/machine/peripheral-anon"]),
                .init("human-monitor-command", ["command-line": "info network"]),
            ], timeout: timeout)
        return SafetySnapshot(
            runState: try Self.runState(answers[0].get()),
            migration: try MigrationState(migrate: answers[1].get(), capabilities: answers[2].get()),
            jobs: try Self.jobs(answers[3].get()),
            devices: try QOMObject.children(of: "/machine/peripheral", in: answers[4].get())
                + QOMObject.children(of: "/machine/peripheral-anon", in: answers[5].get()),
            networkBackends: Self.networkBackends(try Self.text("info network", answers[6].get())))
    }

    /// The memory's size.
    public func memorySize() async throws(QMPError) -> MachineMemory {
        let answer = try await client.execute("query-memory-size-summary")
        guard let base = answer["base-memory"]?.uint64Value else {
            throw .unexpected("query-memory-size-summary", answer)
        }
        return MachineMemory(baseBytes: base, pluggedBytes: answer["plugged-memory"]?.uint64Value ?? 0)
    }

    /// The memory backends.
    public func memoryBackends() async throws(QMPError) -> [MemoryBackend] {
        let answer = try await client.execute("query-memdev")
        guard let list = answer.arrayValue else { throw .unexpected("query-memdev", answer) }
        var backends: [MemoryBackend] = []
        for entry in list {
            guard let size = entry["size"]?.uint64Value else { throw .unexpected("query-memdev", answer) }
            // Backends of old configurations may have no id; nothing can be bound to them by name.
            guard let id = entry["id"]?.stringValue else { continue }
            // `share` is always told since 6.1; where it is not, private is the safe reading.
            backends.append(MemoryBackend(id: id, size: size, shared: entry["share"]?.boolValue ?? false))
        }
        return backends
    }

    /// The plugged memory devices: kind (`dimm`, `nvdimm`, `virtio-pmem`, `virtio-mem`, ...) and backend path.
    public func memoryDevices() async throws(QMPError) -> [(kind: String, backend: String)] {
        let answer = try await client.execute("query-memory-devices")
        guard let list = answer.arrayValue else { throw .unexpected("query-memory-devices", answer) }
        return list.compactMap { device in
            guard let kind = device["type"]?.stringValue, let backend = device["data"]?["memdev"]?.stringValue else {
                return nil
            }
            return (kind, backend)
        }
    }

    /// Runs a command of the human monitor and returns its text.
    public func hmp(_ command: String) async throws(QMPError) -> String {
        try Self.text(command, await client.execute("human-monitor-command", ["command-line": .string(command)]))
    }

    /// The guest-physical memory map, as text for `MemoryTreeParser`.
    public func flatViews() async throws(QMPError) -> String {
        try await hmp("info mtree -f")
    }

    /// The addresses in the VMM's own address space at which guest-physical addresses are mapped; nil for those that
    /// are no RAM. Asked together.
    public func hostAddresses(of addresses: [UInt64]) async throws(QMPError) -> [HostAddress?] {
        let answers = await client.execute(
            addresses.map {
                .init("human-monitor-command", ["command-line": .string("gpa2hva 0x\(String($0, radix: 16))")])
            })
        var translated: [HostAddress?] = []
        for answer in answers {
            translated.append(HostAddress(gpa2hva: try Self.text("gpa2hva", answer.get())))
        }
        return translated
    }

    /// One property of QEMU's object tree.
    public func property(_ name: String, of path: String) async throws(QMPError) -> JSONValue {
        try await client.execute("qom-get", ["path": .string(path), "property": .string(name)])
    }

    /// The children of an object.
    public func children(of path: String) async throws(QMPError) -> [QOMObject] {
        try QOMObject.children(of: path, in: await client.execute("qom-list", ["path": .string(path)]))
    }

    /// The machine type, such as `pc-q35-7.2`.
    public func machineType() async throws(QMPError) -> String {
        let answer = try await property("type", of: "/machine")
        guard let type = answer.stringValue else { throw .unexpected("qom-get type", answer) }
        return type.hasSuffix("-machine") ? String(type.dropLast(8)) : type
    }

    /// The VM's name, nil where it has none.
    public func name() async throws(QMPError) -> String? {
        try await client.execute("query-name")["name"]?.stringValue
    }

    /// The VM's UUID; all zeros where none was configured.
    public func uuid() async throws(QMPError) -> String {
        let answer = try await client.execute("query-uuid")
        guard let uuid = answer["UUID"]?.stringValue else { throw .unexpected("query-uuid", answer) }
        return uuid
    }

    private static func runState(_ answer: JSONValue) throws(QMPError) -> RunState {
        guard let status = answer["status"]?.stringValue else { throw .unexpected("query-status", answer) }
        return RunState(rawValue: status)
    }

    private static func jobs(_ answer: JSONValue) throws(QMPError) -> [VMMJob] {
        guard let list = answer.arrayValue else { throw .unexpected("query-jobs", answer) }
        var jobs: [VMMJob] = []
        for entry in list {
            guard let id = entry["id"]?.stringValue, let type = entry["type"]?.stringValue,
                let status = entry["status"]?.stringValue
            else { throw .unexpected("query-jobs", answer) }
            jobs.append(VMMJob(id: id, type: type, status: status))
        }
        return jobs
    }

    private static func text(_ command: String, _ answer: JSONValue) throws(QMPError) -> String {
        guard let text = answer.stringValue else { throw .unexpected(command, answer) }
        return text
    }

    /// The `type=` words of `info network`.
    static func networkBackends(_ text: String) -> [String] {
        var kinds: [String] = []
        for field in text.split(whereSeparator: { " ,\r\n".contains($0) }) where field.hasPrefix("type=") {
            let kind = String(field.dropFirst(5))
            if kind != "nic" { kinds.append(kind) }
        }
        return kinds
    }
}
