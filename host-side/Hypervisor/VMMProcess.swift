import FoundationEssentials
import SystemPackage

/// The process of a virtual machine monitor, through /proc. It is the process that had this id when the value was
/// made: a later one that got the same id is told apart by its start time.
public struct VMMProcess: Sendable, Equatable {
    /// Process id.
    public let pid: Int32
    /// When it started, in the kernel's clock ticks since boot.
    public let startTime: UInt64
    private let procRoot: String

    /// The living process with this id. `procRoot` stands in for /proc in tests.
    public init(pid: Int32, procRoot: String = "/proc") throws(VMMProcessError) {
        guard pid > 0 else {
            throw VMMProcessError(
                .gone, "the VMM's process id is unknown: it runs in another pid namespace; configure its pid")
        }
        self.pid = pid
        self.procRoot = procRoot
        let stat = try Self.read("\(procRoot)/\(pid)/stat")
        guard let start = Self.startTime(stat) else {
            throw VMMProcessError(.gone, "the VMM's process \(pid) has ended")
        }
        startTime = start
    }

    /// Whether the very same process still lives.
    public var isAlive: Bool {
        guard let stat = try? Self.read("\(procRoot)/\(pid)/stat") else { return false }
        return Self.startTime(stat) == startTime
    }

    /// The path of one of its descriptors in /proc, through which the same file can be opened again.
    public func path(ofDescriptor number: Int32) -> String { "\(procRoot)/\(pid)/fd/\(number)" }

    /// Its descriptors and where they lead.
    public func descriptors() throws(VMMProcessError) -> [(number: Int32, link: String)] {
        let folder = "\(procRoot)/\(pid)/fd"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw VMMProcessError(
                .unreadable,
                "the descriptors of the VMM's process \(pid) cannot be read: run ballast-host as root or as the VMM's "
                    + "user (\(error))")
        }
        return names.compactMap { name in
            // A descriptor may close between listing and reading.
            guard let number = Int32(name),
                let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            else { return nil }
            return (number, link)
        }.sorted { $0.0 < $1.0 }
    }

    /// The ids of its threads as it sees them itself, which differ from the host's in another pid namespace.
    public func threadIDs() throws(VMMProcessError) -> Set<Int32> {
        let folder = "\(procRoot)/\(pid)/task"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw VMMProcessError(.gone, "the VMM's process \(pid) has ended")
        }
        var ids: Set<Int32> = []
        for name in names {
            // A thread may end between listing and reading.
            guard let status = try? Self.read("\(folder)/\(name)/status") else { continue }
            if let own = Self.value("NSpid:", in: status)?.split(separator: "\t").last.flatMap({ Int32($0) }) {
                ids.insert(own)
            }
        }
        return ids
    }

    /// The process that a thread of this host belongs to, nil where there is no such thread.
    static func process(ofThread thread: Int32, procRoot: String) -> Int32? {
        guard let status = try? read("\(procRoot)/\(thread)/status") else { return nil }
        return value("Tgid:", in: status).flatMap { Int32($0) }
    }

    /// Its address space.
    public func mappings() throws(VMMProcessError) -> [MemoryMapping] {
        var mappings: [MemoryMapping] = []
        for line in try Self.read("\(procRoot)/\(pid)/maps").split(separator: "\n") {
            guard let mapping = MemoryMapping(line: line) else {
                throw VMMProcessError(.unknownForm, "a line of \(procRoot)/\(pid)/maps is not understood: \(line)")
            }
            mappings.append(mapping)
        }
        return mappings
    }

    /// Descriptors, locked and pinned memory.
    public func facts() throws(VMMProcessError) -> ProcessFacts {
        let status = try Self.read("\(procRoot)/\(pid)/status")
        guard let locked = Self.kilobytes("VmLck:", in: status), let pinned = Self.kilobytes("VmPin:", in: status)
        else {
            // A process that is ending has no memory lines any more.
            throw VMMProcessError(.gone, "the VMM's process \(pid) has ended")
        }
        return ProcessFacts(
            descriptorLinks: try descriptors().map(\.link), lockedBytes: locked, pinnedBytes: pinned)
    }

    private static func kilobytes(_ key: String, in status: String) -> UInt64? {
        guard let words = value(key, in: status)?.split(separator: " "), words.count == 2, words[1] == "kB",
            let value = UInt64(words[0])
        else { return nil }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: 1_024)
        return overflow ? nil : bytes
    }

    /// What stands behind a key of a status file, blanks around it dropped.
    private static func value(_ key: String, in status: String) -> Substring? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        return line.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }
    }

    /// The 22nd field of stat, nil for a zombie or a form that is not known. The name in parentheses may hold
    /// anything, parentheses too.
    private static func startTime(_ stat: String) -> UInt64? {
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[close...].dropFirst().split(separator: " ")
        guard fields.count >= 20, let state = fields.first, state != "Z", state != "X" else { return nil }
        return UInt64(fields[19])
    }

    private static func read(_ path: String) throws(VMMProcessError) -> String {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    let count = try unsafe chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
                    if count == 0 { break }
                    bytes += chunk[..<count]
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        } catch let error as Errno where error == .noSuchFileOrDirectory || error == .noSuchProcess {
            throw VMMProcessError(.gone, "the VMM's process has ended: there is no \(path)")
        } catch {
            throw VMMProcessError(
                .unreadable, "\(path) cannot be read: run ballast-host as root or as the VMM's user (\(error))")
        }
    }
}
