import HostAPI

/// Something wrong with the values of a policy, wherever it came from.
struct PolicyFinding: Sendable, Equatable {
    var section: PolicySection
    var key: String
    var message: String
}

extension HostPolicy {
    /// The levels that a log can have.
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    /// The longest path of a unix socket, in bytes.
    static let longestSocketPath = 107
    /// The longest name of a VM.
    static let longestName = 64

    /// What is wrong with the values; empty where all is well.
    var problems: [PolicyFinding] {
        var found: [PolicyFinding] = []
        func note(_ section: PolicySection, _ key: String, _ message: String) {
            found.append(PolicyFinding(section: section, key: key, message: message))
        }
        func checkSocket(_ path: String, _ section: PolicySection, _ key: String) {
            if !path.hasPrefix("/") {
                note(section, key, "\(key) must be an absolute path, not \"\(path)\"")
            } else if path.utf8.count > Self.longestSocketPath {
                note(
                    section, key,
                    "\(key) has \(path.utf8.count) bytes; the path of a unix socket has at most "
                        + "\(Self.longestSocketPath)")
            }
        }
        checkSocket(socketPath, .host, "socket")
        if !stateDirectory.hasPrefix("/") {
            note(.host, "state-directory", "state-directory must be an absolute path, not \"\(stateDirectory)\"")
        }
        if !Self.logLevels.contains(logLevel) {
            note(
                .host, "log-level",
                "log-level is one of \(Self.logLevels.joined(separator: ", ")), not \"\(logLevel)\"")
        }
        var names: [String: Int] = [:]
        var sockets: [String: String] = [:]
        for (index, vm) in vms.enumerated() {
            let section = PolicySection.vm(index)
            if !vm.name.isEmpty {
                if !Self.isName(vm.name) {
                    note(
                        section, "name",
                        "a name has 1 to \(Self.longestName) of the characters A-Z a-z 0-9 . _ : @ + - and does not "
                            + "begin with - or .; \"\(vm.name)\" does not")
                }
                if names[vm.name] != nil { note(section, "name", "there is another VM named \"\(vm.name)\"") }
                names[vm.name] = index
            }
            if !vm.qmp.isEmpty { checkSocket(vm.qmp, section, "qmp") }
            if let path = vm.agent?.path { checkSocket(path, section, "agent") }
            // Two of the same VMM's CID are no clash.
            let agent: String? =
                if case .vsock(nil, _) = vm.agent { nil } else { vm.agent?.path ?? vm.agent?.description }
            for (key, path) in [("qmp", vm.qmp), ("agent", agent ?? "")] where !path.isEmpty {
                if let other = sockets[path] {
                    note(section, key, "\(path) is already used by \(other); a socket serves one purpose of one VM")
                }
                sockets[path] = "\(key) of \"\(vm.name)\""
            }
            if let maximum = vm.maximumBytes {
                if maximum == 0 { note(section, "max", "max is 0; leave it out for the VM's full size") }
                if case .bytes(let minimum) = vm.minimum, minimum > maximum {
                    note(
                        section, "min",
                        "min (\(ByteSize.format(minimum))) is above max (\(ByteSize.format(maximum)))")
                }
            }
            if vm.actuator == .agent, vm.agent == nil {
                note(
                    section, "actuator",
                    "actuator \"agent\" needs the key agent, which tells where the agent is reached")
            }
            for problem in vm.guest.problems { note(section, problem.key.rawValue, problem.message) }
            if let pid = vm.pid, pid <= 1 { note(section, "pid", "pid is the process id of the VMM, not \(pid)") }
        }
        return found
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "."),
            name.utf8.count <= longestName
        else { return false }
        let others = Array("._:@+-".utf8)
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: others.contains(byte)
            }
        }
    }
}
