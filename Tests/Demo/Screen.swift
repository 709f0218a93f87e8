import Glibc

/// Shows how numbers move: a bar on a terminal, plain lines elsewhere.
final class Screen {
    private let isTerminal = isatty(1) == 1
    private var last = ""
    private let start = ContinuousClock().now
    private var barShown = false

    func say(_ text: String) {
        endBar()
        print(text)
        fflush(nil)
    }

    func act(_ title: String) { say("\n== \(title)") }

    /// One look: the host's residency and the guest's numbers, of `total` bytes.
    func show(resident: UInt64, held: UInt64, available: UInt64?, total: UInt64) {
        let guest = available.map { ", \(Self.mebibytes($0)) available in the guest" } ?? ""
        let line = "host backs \(Self.mebibytes(resident)), balloon \(Self.mebibytes(held))\(guest)"
        if isTerminal {
            let width = 40
            let filled = total == 0 ? 0 : Int(Double(width) * Double(min(resident, total)) / Double(total))
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            print("\r\u{1B}[K[\(bar)] \(line)", terminator: "")
            fflush(nil)
            barShown = true
        } else if line != last {
            let seconds = (ContinuousClock().now - start).components.seconds
            print("  \(seconds) s: \(line)")
            fflush(nil)
        }
        last = line
    }

    private func endBar() {
        if barShown { print("") }
        barShown = false
    }

    static func mebibytes(_ bytes: UInt64) -> String { "\(bytes >> 20) MiB" }
}
