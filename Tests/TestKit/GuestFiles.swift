/// The paths of one guest: a short-lived folder for sockets, and a folder of logs that stays.
struct GuestFiles: Sendable {
    var folder: String
    var logs: String
    /// Files that back the RAM, by backend; empty where the backend has no name.
    var ramFiles: [String]

    var console: String { "\(logs)/console.log" }
    var agentLog: String { "\(logs)/agent.log" }
    var qemuLog: String { "\(logs)/qemu.log" }
    var kitQMP: String { "\(folder)/kit.qmp" }
    var ballastQMP: String { "\(folder)/ballast.qmp" }
    var agentSocket: String { "\(folder)/agent.sock" }
    var testSocket: String { "\(folder)/test.sock" }
    var disk: String { "\(folder)/disk.img" }
    var snapshotDisk: String { "\(folder)/snapshots.qcow2" }

    init(options: GuestOptions, logs: String) throws {
        let folder = try Scratch.folder()
        self.folder = folder
        self.logs = logs
        let count = max(options.nodes.count, 1)
        ramFiles =
            switch options.backing {
            case .sharedMemoryFile, .privateFile: (0..<count).map { _ in Scratch.sharedMemoryPath() }
            case .diskFile: (0..<count).map { "\(folder)/ram\($0)" }
            case .hugePageFiles(let mount): (0..<count).map { "\(mount)/ram\($0)" }
            default: []
            }
        // fw_cfg takes no empty file, and a shell sources all of this: one comment is always there.
        let assignments = options.agentEnvironment.sorted { $0.key < $1.key }.map { name, value in
            "\(name)='\(value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'\n"
        }
        try write("# \n" + Self.withoutGrace(options.agentConfiguration), to: "\(folder)/agent.toml")
        try write("# \n" + assignments.joined(), to: "\(folder)/agent.env")
        try write("# \n" + options.setup, to: "\(folder)/setup.sh")
        // A VM takes a snapshot only when all of its disks can.
        if let disk = options.disk {
            try options.snapshots ? Disk.qcow2(at: self.disk, bytes: disk) : Disk.raw(at: self.disk, bytes: disk)
        }
        if options.snapshots { try Disk.qcow2(at: snapshotDisk, bytes: 64 << 20) }
    }

    /// A configuration that lets the balloon grow right after boot, unless it says otherwise.
    private static func withoutGrace(_ configuration: String) -> String {
        if configuration.contains("boot-grace") { return configuration }
        let key = "boot-grace = \"0s\"\n"
        let header = "[policy]\n"
        return configuration.contains(header)
            ? configuration.replacing(header, with: header + key, maxReplacements: 1) : header + key + configuration
    }

    func remove() {
        ramFiles.forEach(Scratch.remove)
        Scratch.remove(folder)
    }
}
