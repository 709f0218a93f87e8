import Governor

/// Reads the words of a command line from left to right.
struct AgentArguments {
    private var rest: ArraySlice<String>
    private var command: AgentCommand?
    private var configuration: String?
    private var json = false
    private var release = AgentCommand.ReleaseOptions()
    private var hibernating = false
    /// Options that only some commands take, and which.
    private var dependents: [(option: String, commands: [String])] = []

    /// The words after the program's name.
    init(words: [String]) { rest = words[...] }

    mutating func parse() throws(UsageError) -> (command: AgentCommand, configuration: String?) {
        while let word = rest.popFirst() { try take(word) }
        let command = command ?? .run
        for dependent in dependents where !dependent.commands.contains(Self.name(command)) {
            throw UsageError(message: "\(dependent.option) needs \(dependent.commands.joined(separator: " or "))")
        }
        switch command {
        case .sensors: return (.sensors(json: json), configuration)
        case .releaseAll:
            release.hibernating = hibernating
            return (.releaseAll(release), configuration)
        case .endHold: return (.endHold(hibernating: hibernating), configuration)
        default: return (command, configuration)
        }
    }

    private mutating func take(_ word: String) throws(UsageError) {
        let (name, attached) = Self.split(word)
        switch name {
        case "--config": configuration = try value(name, attached, "a file")
        case "--hold":
            release.hold = try time(name, attached)
            dependents.append((name, ["--release-all"]))
        case "--wait":
            release.patience = try time(name, attached)
            dependents.append((name, ["--release-all"]))
        default:
            guard attached == nil else { throw UsageError(message: "unknown argument \(word)") }
            try takeFlag(word)
        }
    }

    private mutating func takeFlag(_ word: String) throws(UsageError) {
        switch word {
        case "--check-config": try set(.checkConfiguration)
        case "--sensors": try set(.sensors(json: false))
        case "--release-all": try set(.releaseAll(.init()))
        case "--end-hold": try set(.endHold(hibernating: false))
        case "--version": try set(.version)
        case "--help", "-h": try set(.help)
        case "--json":
            json = true
            dependents.append((word, ["--sensors"]))
        case "--hibernation":
            hibernating = true
            dependents.append((word, ["--release-all", "--end-hold"]))
        default: throw UsageError(message: "unknown argument \(word)")
        }
    }

    private mutating func set(_ wanted: AgentCommand) throws(UsageError) {
        if let command, command != wanted {
            throw UsageError(message: "\(Self.name(command)) and \(Self.name(wanted)) exclude each other")
        }
        command = wanted
    }

    private mutating func value(
        _ name: String, _ attached: String?, _ what: String
    ) throws(UsageError) -> String {
        if let attached { return attached }
        guard let next = rest.popFirst() else { throw UsageError(message: "\(name) needs \(what)") }
        return next
    }

    /// A duration; `forever` where a hold is meant.
    private mutating func time(_ name: String, _ attached: String?) throws(UsageError) -> UInt64 {
        let text = try value(name, attached, "a duration such as 10m")
        if name == "--hold", text == "forever" { return .max }
        guard let duration = DurationText.parse(text) else {
            throw UsageError(message: "\(name) needs a duration such as 10m, not \(text)")
        }
        return duration
    }

    /// `--name=value` in two.
    private static func split(_ word: String) -> (name: String, value: String?) {
        guard word.hasPrefix("--"), let sign = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<sign]), String(word[word.index(after: sign)...]))
    }

    private static func name(_ command: AgentCommand) -> String {
        switch command {
        case .run: "running the agent"
        case .checkConfiguration: "--check-config"
        case .sensors: "--sensors"
        case .releaseAll: "--release-all"
        case .endHold: "--end-hold"
        case .version: "--version"
        case .help: "--help"
        }
    }
}
