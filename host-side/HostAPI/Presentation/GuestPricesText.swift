/// `ballastctl guest VM prices`: what a guest can give, and at which cost.
public enum GuestPricesText {
    /// The lines for people.
    public static func lines(_ prices: GuestPrices) -> [String] {
        let reserve = "Reserve: \(ByteSize.format(prices.reserveBytes)) of free memory must stay"
        if prices.prices.isEmpty { return [reserve, "The guest has nothing to give."] }
        let hasNodes = prices.prices.contains { $0.node != 0 }
        var table = TextTable(
            [("CLASS", .left)] + (hasNodes ? [("NODE", .right)] : []) + [("UNUSED FOR", .right), ("BYTES", .right)])
        for price in prices.prices {
            let age = price.minimumIdleMilliseconds.map { ">= " + PeriodText.span($0) } ?? "not known"
            table.add(
                [Terminal.clean(price.class)] + (hasNodes ? ["\(price.node)"] : [])
                    + [price.class == "free" ? "-" : age, ByteSize.format(price.bytes)])
        }
        let sum = prices.prices.reduce(0 as UInt64) { $0.saturatingSum($1.bytes) }
        return [reserve] + table.lines + ["Together: \(ByteSize.format(sum))"]
    }
}
