/// A process that the guest's kernel killed for want of memory.
public struct OOMKill: Sendable, Equatable {
    /// The process's name, as the kernel shortens it.
    public var name: String
    /// Its process id.
    public var pid: Int32
}

extension Guest {
    /// The guest's console: what its kernel says, from the first boot on.
    public var consoleLog: String { text(of: files.console) }

    /// What the agent printed, over all its lives.
    public var agentLog: String { text(of: files.agentLog) }

    /// Whom the guest's OOM killer killed, by its kernel's log.
    public func oomKills() -> [OOMKill] { OOMKill.parse(consoleLog) }
}

extension OOMKill {
    /// "Out of memory: Killed process 123 (name) total-vm:…", and the same of a memory cgroup.
    static func parse(_ log: String) -> [OOMKill] {
        log.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            guard let killed = words.firstIndex(of: "Killed"), killed + 3 < words.count, words[killed + 1] == "process",
                let pid = Int32(words[killed + 2]), let open = line.firstIndex(of: "("),
                let close = line[open...].firstIndex(of: ")")
            else { return nil }
            return OOMKill(name: String(line[line.index(after: open)..<close]), pid: pid)
        }
    }
}
