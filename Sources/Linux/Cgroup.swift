public import SystemPackage

/// Our cgroup (version 2) and what limits its ancestors set.
public struct Cgroup: Sendable, Equatable {
    /// The memory numbers of one group, in bytes.
    public struct Limits: Sendable, Equatable {
        /// The group's path below the cgroup root, beginning with `/`.
        public let path: String
        /// memory.max; nil is no limit.
        public let max: UInt64?
        /// memory.high; nil is no limit.
        public let high: UInt64?
        /// memory.current.
        public let current: UInt64

        /// Describes a group.
        public init(path: String, max: UInt64?, high: UInt64?, current: UInt64) {
            self.path = path
            self.max = max
            self.high = high
            self.current = current
        }

        /// How much more the group may use before either limit; nil is no limit.
        public var room: UInt64? {
            guard let limit = [max, high].compactMap({ $0 }).min() else { return nil }
            return limit > current ? limit - current : 0
        }
    }

    /// The path below the cgroup root, beginning with `/`.
    public let path: String
    private let root: FilePath

    /// Finds the group of a process; nil where there is no version 2 hierarchy.
    /// - Parameters:
    ///   - processID: whose; nil is this process.
    ///   - procRoot: where /proc is.
    ///   - cgroupRoot: where the version 2 hierarchy is mounted.
    public init?(processID: Int32? = nil, procRoot: FilePath = "/proc", cgroupRoot: FilePath = "/sys/fs/cgroup") {
        let file = procRoot.appending(processID.map(String.init) ?? "self").appending("cgroup")
        guard let text = try? SmallFile.readText(file) else { return nil }
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        path = String(line.dropFirst(3))
        // A group outside our cgroup namespace is shown with "..", and cannot be read.
        guard !path.contains("..") else { return nil }
        let unified = cgroupRoot.appending("unified")
        root = SmallFile.exists(unified.appending("cgroup.procs")) ? unified : cgroupRoot
    }

    /// The group and its ancestors, own first; groups without a memory controller (the root among them) are left out.
    public func limits() -> [Limits] {
        var found: [Limits] = []
        var names = path.split(separator: "/").map(String.init)
        while !names.isEmpty {
            let directory = names.reduce(root) { $0.appending($1) }
            if let current = Self.number(directory.appending("memory.current")) {
                found.append(
                    Limits(
                        path: "/" + names.joined(separator: "/"), max: Self.number(directory.appending("memory.max")),
                        high: Self.number(directory.appending("memory.high")), current: current))
            }
            names.removeLast()
        }
        return found
    }

    private static func number(_ file: FilePath) -> UInt64? {
        (try? SmallFile.readText(file)).flatMap { UInt64($0) }
    }
}
