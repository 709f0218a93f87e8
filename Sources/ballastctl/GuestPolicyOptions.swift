import ArgumentParser
import HostAPI

/// The options of `ballastctl guest ... set-policy`.
struct GuestPolicyOptions: ParsableArguments {
    /// `0`, `5s` or `adaptive`.
    enum Period: Equatable {
        case fixed(UInt64)
        case adaptive
    }

    /// `hold` or `release-after=10m`.
    enum Loss: Equatable {
        case hold
        case releaseAfter(UInt64)
    }

    @Option(
        help: ArgumentHelp(
            "set-policy: period of unasked reports, such as 5s; 0 for none, adaptive for the agent's choice.",
            valueName: "time"),
        transform: { text in text == "adaptive" ? .adaptive : .fixed(try PeriodArgument.parse(text)) })
    var statsPeriod: Period?

    @Option(
        help: ArgumentHelp("set-policy: when the balloon yields unasked: off, oom or pressure.", valueName: "when"),
        transform: { text in
            guard let policy = DeflateOnOomPolicy(rawValue: text) else {
                throw ValidationError("\"\(text)\" is none of off, oom, pressure.")
            }
            return policy
        })
    var deflateOnOom: DeflateOnOomPolicy?

    @Option(
        help: ArgumentHelp(
            "set-policy: what the balloon does without a controller: hold, or release-after=10m.", valueName: "what"),
        transform: { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if text == "hold" { return .hold }
            guard parts.count == 2, parts[0] == "release-after", let time = PeriodText.parse(String(parts[1])) else {
                throw ValidationError("\"\(text)\" is neither hold nor release-after with a time: release-after=10m.")
            }
            return .releaseAfter(time)
        })
    var onControllerLoss: Loss?

    /// What they ask for.
    var change: GuestPolicyChange {
        var change = GuestPolicyChange(deflateOnOom: deflateOnOom)
        switch statsPeriod {
        case .fixed(let period)?: change.statsPeriodMilliseconds = period
        case .adaptive?: change.adaptive = true
        case nil: break
        }
        switch onControllerLoss {
        case .hold?: change.onControllerLoss = .hold
        case .releaseAfter(let time)?:
            change.onControllerLoss = .releaseAfter
            change.releaseAfterMilliseconds = time
        case nil: break
        }
        return change
    }
}
