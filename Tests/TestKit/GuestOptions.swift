/// What a guest is made of. Everything has a default that suits most tests.
public struct GuestOptions: Sendable {
    /// QEMU's machine type.
    public enum Machine: String, Sendable, CaseIterable {
        /// i440fx, the default.
        case pc
        /// Q35 with PCI Express.
        case q35
        /// The minimal machine, devices on virtio-mmio.
        case microvm
    }

    /// Where the guest's RAM lives on the host.
    public enum Backing: Sendable, Equatable {
        /// `memory-backend-memfd,share=on`, the default.
        case memfd
        /// A shared file on the host's tmpfs.
        case sharedMemoryFile
        /// A shared file on a disk file system; Ballast refuses it.
        case diskFile
        /// Private anonymous memory; Ballast refuses it.
        case privateMemory
        /// A private mapping of a file on tmpfs; Ballast refuses it.
        case privateFile
        /// A memfd of huge pages of that many bytes, from the host's pool.
        case hugePages(UInt64)
        /// Shared files in this folder, where a hugetlbfs is mounted.
        case hugePageFiles(String)
    }

    /// A virtio-balloon device.
    public struct BalloonDevice: Sendable {
        /// Whether it deflates when the guest runs out of memory.
        public var deflateOnOOM: Bool
        /// Properties on top, such as `free-page-reporting=on`.
        public var properties: [String]

        /// A balloon device.
        public init(deflateOnOOM: Bool = true, properties: [String] = []) {
            self.deflateOnOOM = deflateOnOOM
            self.properties = properties
        }
    }

    /// What runs in the guest.
    public enum System: Sendable, Equatable {
        /// Busybox and the agent of this build, all in the initramfs.
        case busybox
        /// A Debian with systemd and udev on a disk, with that `.deb` of the agent installed. Fail points are not
        /// built into packages, and logs are in the journal, which the console shows.
        case debian(package: String)
    }

    /// RAM in bytes.
    public var memory: UInt64
    /// Virtual processors.
    public var processors: Int
    /// What runs in it.
    public var system: System
    /// Kernel and QEMU.
    public var kernel: KernelRow
    /// Machine type.
    public var machine: Machine
    /// What backs the RAM.
    public var backing: Backing
    /// Sizes in bytes of several memory backends, each a NUMA node; empty means one backend and no nodes. Their sum is
    /// the guest's RAM.
    public var nodes: [UInt64]
    /// The virtio-balloon device, if any; its id is `balloon0`.
    public var balloonDevice: BalloonDevice?
    /// Bytes of an empty disk, /dev/vda in the guest: for reading through the page cache, or for swap.
    public var disk: UInt64?
    /// Whether there is a disk that takes snapshots, so that savevm and loadvm work.
    public var snapshots: Bool
    /// The device that is the guest's vsock, if any; see `VsockDevice`. It needs memory that is shared.
    public var vsock: VsockDevice?
    /// Whether the guest starts the agent by itself. Else `guest.startAgent()` does.
    public var startsAgent: Bool
    /// The agent's configuration file.
    public var agentConfiguration: String
    /// Variables of the agent's environment, such as fail points.
    public var agentEnvironment: [String: String]
    /// A shell script that runs in the guest before the agent starts.
    public var setup: String
    /// Words for the kernel's command line.
    public var kernelArguments: [String]
    /// Further arguments of QEMU.
    public var qemuArguments: [String]
    /// The address where this VM waits for a migration (`unix:PATH` or `defer`), instead of booting.
    public var incoming: String?
    /// How long the guest may take to boot.
    public var bootTimeout: Duration

    /// A guest of that much memory.
    public init(
        memory: UInt64 = 1 << 30, kernel: KernelRow = .v6_1, processors: Int = 2, system: System = .busybox,
        machine: Machine = .pc,
        backing: Backing = .memfd, nodes: [UInt64] = [], balloonDevice: BalloonDevice? = nil, disk: UInt64? = nil,
        snapshots: Bool = false, vsock: VsockDevice? = nil, startsAgent: Bool = true,
        agentConfiguration: String = "", agentEnvironment: [String: String] = [:], setup: String = "",
        kernelArguments: [String] = [],
        qemuArguments: [String] = [], incoming: String? = nil, bootTimeout: Duration = .seconds(600)
    ) {
        self.memory = nodes.isEmpty ? memory : nodes.reduce(0, +)
        self.processors = processors
        self.system = system
        self.kernel = kernel
        self.machine = machine
        self.backing = backing
        self.nodes = nodes
        self.balloonDevice = balloonDevice
        self.disk = disk
        self.snapshots = snapshots
        self.vsock = vsock
        self.startsAgent = startsAgent
        self.agentConfiguration = agentConfiguration
        self.agentEnvironment = agentEnvironment
        self.setup = setup
        self.kernelArguments = kernelArguments
        self.qemuArguments = qemuArguments
        self.incoming = incoming
        self.bootTimeout = bootTimeout
    }
}

extension GuestOptions: CustomStringConvertible {
    /// What differs from the default, for the names of test cases.
    public var description: String {
        var words = ["\(memory >> 20) MiB", "kernel \(kernel)", machine.rawValue]
        if backing != .memfd { words.append("\(backing)") }
        if !nodes.isEmpty { words.append("\(nodes.count) nodes") }
        if balloonDevice != nil { words.append("balloon device") }
        if let disk { words.append("disk of \(disk >> 20) MiB") }
        if snapshots { words.append("snapshots") }
        if vsock != nil { words.append("vsock") }
        return (words + kernelArguments + qemuArguments).joined(separator: ", ")
    }
}
