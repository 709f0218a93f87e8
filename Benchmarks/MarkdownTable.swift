/// The results as a Markdown table.
enum MarkdownTable {
    static func text(_ results: [BenchResult]) -> String {
        var lines = [
            "| benchmark | unit | Ballast | runs | peer | peer's | runs | ratio |",
            "| --- | --- | ---: | --- | --- | ---: | --- | ---: |",
        ]
        for result in results {
            let peer = result.peerValue.map(Statistics.text) ?? "-"
            let ratio = result.ratio.map(Statistics.text) ?? "-"
            lines.append(
                "| `\(result.name)` | \(result.unit) | \(Statistics.text(result.value)) | \(result.spread.own) "
                    + "| \(result.peer ?? "-") | \(peer) | \(result.spread.peer ?? "-") | \(ratio) |")
        }
        return lines.joined(separator: "\n")
    }
}
