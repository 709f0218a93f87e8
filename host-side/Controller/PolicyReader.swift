import HostAPI
import TOMLKit

/// Turns parsed TOML into a policy and gathers everything that does not fit.
struct PolicyReader {
    let lines: PolicyLines
    private(set) var problems: [PolicyError.Problem] = []

    init(lines: PolicyLines) {
        self.lines = lines
    }

    func locate(_ finding: PolicyFinding) -> PolicyError.Problem {
        PolicyError.Problem(line: lines.line(finding.section, finding.key), message: finding.message)
    }

    mutating func read(_ root: TOMLTable) -> HostPolicy {
        var policy = HostPolicy()
        checkKeys(of: root, .top, known: ["host", "vm"])
        if let value = root["host"] {
            if let table = value.table { readHost(table, &policy) } else { note(.top, "host", "write it as [host]") }
        }
        if let value = root["vm"] {
            if let array = value.array {
                for (index, element) in array.enumerated() {
                    guard let table = element.table else {
                        note(.top, "vm", "each VM is a section [[vm]]")
                        break
                    }
                    policy.vms.append(readVM(table, .vm(index)))
                }
            } else {
                note(.top, "vm", "each VM is a section [[vm]], with double brackets")
            }
        }
        return policy
    }

    private mutating func readHost(_ table: TOMLTable, _ policy: inout HostPolicy) {
        checkKeys(
            of: table, .host,
            known: ["socket", "socket-mode", "state-directory", "log-level", "huge-page-margin"])
        if let text = string(table, .host, "huge-page-margin", example: "\"64MiB\"") {
            if case .bytes(let bytes)? = TargetSize(text) {
                policy.hugePageMarginBytes = bytes
            } else {
                note(.host, "huge-page-margin", "huge-page-margin is a size such as \"64MiB\", not \"\(text)\"")
            }
        }
        policy.socketPath = string(table, .host, "socket") ?? policy.socketPath
        policy.stateDirectory = string(table, .host, "state-directory") ?? policy.stateDirectory
        policy.logLevel = string(table, .host, "log-level") ?? policy.logLevel
        if let text = string(table, .host, "socket-mode", example: "\"0660\"") {
            // Only who may write may connect; nothing else of a mode makes sense on a socket.
            if text.utf8.count <= 4, let mode = UInt32(text, radix: 8), mode & ~0o777 == 0, mode & 0o600 == 0o600 {
                policy.socketMode = mode
            } else {
                note(.host, "socket-mode", "socket-mode is octal text such as \"0600\" or \"0660\", not \"\(text)\"")
            }
        }
    }

    private mutating func readVM(_ table: TOMLTable, _ section: PolicySection) -> VMPolicy {
        checkKeys(
            of: table, section,
            known: [
                "name", "qmp", "agent", "min", "max", "actuator", "strict", "stats-period", "deflate-on-oom",
                "on-controller-loss", "release-after", "pid",
            ])
        var vm = VMPolicy(
            name: required(table, section, "name", "the name you use with ballastctl"),
            qmp: required(table, section, "qmp", "the path of a QMP socket that Ballast has for itself"))
        if let text = string(table, section, "agent") {
            vm.agent = AgentAddress(text)
            if vm.agent == nil { note(section, "agent", "agent is \(AgentAddress.forms), not \"\(text)\"") }
        }
        if let text = string(table, section, "min", example: "\"512M\" or \"25%\"") {
            if let size = TargetSize(text) {
                vm.minimum = size
            } else {
                note(section, "min", "min is a size such as \"512M\", \"1.5GiB\" or \"25%\", not \"\(text)\"")
            }
        }
        if let text = string(table, section, "max", example: "\"4G\"") {
            vm.maximumBytes = ByteSize.parse(text)
            if vm.maximumBytes == nil {
                note(section, "max", "max is a size such as \"512M\" or \"1.5GiB\", not \"\(text)\"")
            }
        }
        vm.actuator = choice(table, section, "actuator", ActuatorChoice.self) ?? vm.actuator
        vm.guest = readGuest(table, section)
        if let value = table["strict"] {
            if let strict = value.bool {
                vm.strict = strict
            } else {
                note(section, "strict", "strict is true or false, without quotes")
            }
        }
        if let value = table["pid"] {
            vm.pid = value.int.flatMap(Int32.init(exactly:))
            if vm.pid == nil { note(section, "pid", "pid is the process id of the VMM, a whole number") }
        }
        return vm
    }

    private mutating func readGuest(_ table: TOMLTable, _ section: PolicySection) -> GuestPolicyChange {
        var guest = GuestPolicyChange()
        guest.deflateOnOom = choice(table, section, "deflate-on-oom", DeflateOnOomPolicy.self)
        if table["stats-period"]?.string == "adaptive" {
            guest.adaptive = true
        } else {
            guest.statsPeriodMilliseconds = time(
                table, section, "stats-period", "a time such as \"5s\" or \"500ms\", 0 for none, or \"adaptive\"")
        }
        guest.onControllerLoss = choice(table, section, "on-controller-loss", OnControllerLossPolicy.self)
        guest.releaseAfterMilliseconds = time(table, section, "release-after", "a time such as \"10m\"")
        return guest
    }

    /// Milliseconds of a time; a bare number counts seconds.
    private mutating func time(
        _ table: TOMLTable, _ section: PolicySection, _ key: String, _ expected: String
    ) -> UInt64? {
        guard let value = table[key] else { return nil }
        if let time = (value.string ?? value.int.map(String.init)).flatMap(PeriodText.parse) { return time }
        note(section, key, "\(key) is \(expected)")
        return nil
    }

    private mutating func note(_ section: PolicySection, _ key: String?, _ message: String) {
        problems.append(PolicyError.Problem(line: lines.line(section, key), message: message))
    }

    private mutating func checkKeys(of table: TOMLTable, _ section: PolicySection, known: [String]) {
        for key in table.keys where !known.contains(key) {
            let place =
                switch section {
                case .top: "at the top level"
                case .host: "in [host]"
                case .vm: "in [[vm]]"
                }
            note(section, key, "unknown key \"\(key)\" \(place); known are \(known.joined(separator: ", "))")
        }
    }

    private mutating func string(
        _ table: TOMLTable, _ section: PolicySection, _ key: String, example: String = "\"...\""
    ) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.string else {
            note(section, key, "\(key) is text in quotes, \(key) = \(example), not a value of type \(value.type)")
            return nil
        }
        guard !text.isEmpty else {
            note(section, key, "\(key) is empty")
            return nil
        }
        return text
    }

    private mutating func required(
        _ table: TOMLTable, _ section: PolicySection, _ key: String, _ meaning: String
    ) -> String {
        guard table[key] != nil else {
            note(section, nil, "this [[vm]] lacks \(key), \(meaning)")
            return ""
        }
        return string(table, section, key) ?? ""
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ table: TOMLTable, _ section: PolicySection, _ key: String, _ type: Choice.Type
    ) -> Choice? {
        guard let text = string(table, section, key) else { return nil }
        if let value = Choice(rawValue: text) { return value }
        let known = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        note(section, key, "\(key) is one of \(known), not \"\(text)\"")
        return nil
    }
}
