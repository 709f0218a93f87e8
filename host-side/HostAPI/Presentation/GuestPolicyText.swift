/// `ballastctl guest VM policy`: the policies in force, and who set them.
public enum GuestPolicyText {
    /// Names and values.
    static func pairs(_ policy: GuestPolicy) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = [
            ("Stats period", period(policy) + by(policy.statsPeriodByHost)),
            ("Deflate on OOM", policy.deflateOnOom.rawValue + by(policy.deflateOnOomByHost)),
        ]
        if let loss = policy.onControllerLoss {
            var value = loss.rawValue
            if let time = policy.releaseAfterMilliseconds { value += "=" + PeriodText.span(time) }
            pairs.append(("On controller loss", value + by(policy.onControllerLossByHost)))
        }
        if policy.observeOnly { pairs.append(("The host may", "only look (guest's configuration)")) }
        return pairs
    }

    /// The policies in one sentence.
    public static func sentence(_ policy: GuestPolicy) -> String {
        pairs(policy).map { "\($0.name): \($0.value)" }.joined(separator: "; ") + "."
    }

    private static func by(_ host: Bool) -> String { host ? " (set at run time)" : " (guest's configuration)" }

    private static func period(_ policy: GuestPolicy) -> String {
        guard policy.adaptive else { return PeriodText.format(policy.statsPeriodMilliseconds) }
        var text = "adaptive, now " + PeriodText.format(policy.statsPeriodMilliseconds)
        if let least = policy.minimumPeriodMilliseconds, let most = policy.maximumPeriodMilliseconds {
            text += ", between \(PeriodText.span(least)) and \(PeriodText.span(most))"
        }
        return text
    }
}
