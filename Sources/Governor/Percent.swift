/// Shares of time for people.
enum Percent {
    /// Hundredths of a percent as `12.5 %`, with at most two decimals.
    static func format(_ hundredths: UInt64) -> String {
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole) %" }
        if rest % 10 == 0 { return "\(whole).\(rest / 10) %" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
