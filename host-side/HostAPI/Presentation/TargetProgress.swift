/// Follows a VM to its target: fed with what the daemon says, it tells when waiting is over and why.
public struct TargetProgress: Sendable {
    /// How waiting ended.
    public enum Verdict: Sendable, Equatable {
        /// There.
        case reached
        /// The guest goes only part of the way, or not at all; the sentence says why.
        case refused(String)
        /// Somebody else set another target or released the VM.
        case replaced(String)
    }

    /// How far a balloon may be from its target: it moves in steps of 2 MiB.
    static let granularity: UInt64 = 2 << 20
    /// How long a guest that goes only part of the way may stand still before that counts as its end.
    static let standstill: Int64 = 2000

    private let targetBytes: UInt64
    private let startBytes: UInt64
    private var lastActual: UInt64
    private var lastMove: Timestamp

    /// Begins when the target was set.
    public init(_ response: SetTargetResponse, now: Timestamp) {
        targetBytes = response.targetBytes
        startBytes = response.vm.actualBytes
        lastActual = response.vm.actualBytes
        lastMove = now
    }

    /// Takes the VM as it is; nil means to wait on.
    public mutating func update(_ vm: VMDetail, now: Timestamp) -> Verdict? {
        guard vm.targetBytes == targetBytes else {
            let other = vm.targetBytes.map { "another target was set, \(ByteSize.format($0))" }
            return .replaced(other ?? "the target was removed")
        }
        let actuatorMoves = vm.actuator != .none && (vm.actuator == .device || vm.agent.connected)
        if actuatorMoves, Self.near(vm.actualBytes, targetBytes), vm.inFlightBytes == 0 { return .reached }
        if vm.actualBytes != lastActual || vm.inFlightBytes != 0 {
            lastActual = vm.actualBytes
            lastMove = now
        }
        guard let outcome = vm.outcome, outcome.targetBytes == targetBytes else { return nil }
        switch outcome.answer {
        case .accepted:
            return nil
        case .refused:
            return .refused(VMDetailText.text(outcome))
        case .partly:
            // It still goes as far as it can.
            let stands = now.milliseconds - lastMove.milliseconds >= Self.standstill
            return stands || Self.near(vm.actualBytes, outcome.reachableBytes) && vm.inFlightBytes == 0
                ? .refused(VMDetailText.text(outcome)) : nil
        }
    }

    /// How much of the way is done, 0 ... 1.
    public func fraction(_ vm: VMDetail) -> Double {
        let way = distance(startBytes, targetBytes)
        let left = distance(vm.actualBytes, targetBytes)
        return way == 0 ? 1 : 1 - Double(min(left, way)) / Double(way)
    }

    /// One line on where the VM is: `[#####-----]  50 %  actual 1.50 GiB, target 1 GiB, resident 1.20 GiB`.
    public func line(_ vm: VMDetail, bar: Bool) -> String {
        let fraction = fraction(vm)
        let filled = Int(fraction * 20)
        let percent = String(Int(fraction * 100))
        var line = bar ? "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled) : ""
        if bar { line += "] " }
        line += String(repeating: " ", count: 3 - percent.count) + percent + " %"
        line += "  actual \(ByteSize.format(vm.actualBytes)), target \(ByteSize.format(targetBytes))"
        if let resident = vm.residentBytes { line += ", resident \(ByteSize.format(resident))" }
        if let limit = vm.limit { line += " (\(Terminal.clean(limit.code)))" }
        return line
    }

    private static func near(_ left: UInt64, _ right: UInt64) -> Bool {
        (left > right ? left - right : right - left) < granularity
    }

    private func distance(_ left: UInt64, _ right: UInt64) -> UInt64 {
        left > right ? left - right : right - left
    }
}
