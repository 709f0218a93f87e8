import ArgumentParser
import HostAPI

/// What `ballastctl guest` shall do.
enum GuestVerb: Equatable {
    /// Ask once, or again and again.
    case ask(GuestTopic)
    /// Show everything, again and again.
    case watch
    /// Show events.
    case events
    /// Change policies.
    case setPolicy
    /// Forbid inflation for so many milliseconds; 0 allows it again, ``GuestHold/forever`` is until further notice.
    case hold(milliseconds: UInt64)

    /// The words, for messages.
    static let all =
        "memory, pressure, workingset, balloon, top, prices, sensors, policy, all, events, watch, set-policy or hold"

    /// Whether a word is the name of a verb.
    static func isName(_ word: String) -> Bool {
        ["watch", "events", "set-policy", "hold"].contains(word) || GuestTopic(word: word) != nil
    }

    /// Whom to ask, and what: the words of the command line, and what its options say of the place.
    ///
    /// - Throws: `ValidationError` where the words make no sense.
    static func read(_ words: [String], at given: GuestPlace?, end: Bool) throws -> (GuestPlace, GuestVerb) {
        var rest = words[...]
        let place: GuestPlace
        if let given {
            place = given
        } else if let first = rest.first, isName(first), rest.count == 1 || first == "hold" && !isName(words[1]) {
            place = .local(GuestPlace.agentSocket)
        } else {
            place = .vm(rest.removeFirst())
        }
        guard let name = rest.popFirst() else {
            throw ValidationError("Name a VM and what to do: \(all).")
        }
        let verb: GuestVerb
        switch name {
        case "watch": verb = .watch
        case "events": verb = .events
        case "set-policy": verb = .setPolicy
        case "hold": verb = .hold(milliseconds: try holdTime(rest.popFirst(), end: end))
        default:
            guard let topic = GuestTopic(word: name) else {
                throw ValidationError(
                    given == nil
                        ? "\"\(name)\" is none of \(all)."
                        : "\"\(name)\" is none of \(all); no VM is named with --vsock, --unix, --serial or --socket.")
            }
            verb = .ask(topic)
        }
        if let extra = rest.first { throw ValidationError("\"\(extra)\" is one word too many.") }
        if end, name != "hold" { throw ValidationError("--end belongs to hold.") }
        return (place, verb)
    }

    private static func holdTime(_ text: String?, end: Bool) throws -> UInt64 {
        switch (text, end) {
        case (nil, true): return 0
        case ("forever", false): return GuestHold.forever
        case (let text?, false):
            let time = try PeriodArgument.parse(text)
            guard time > 0 else { throw ValidationError("hold takes more than 0; --end ends a hold.") }
            return time
        default: throw ValidationError("Say how long to hold, such as 1h, or forever, or --end.")
        }
    }
}
