/// `ballastctl list`: one line a VM.
public enum VMTable {
    /// The lines for people.
    public static func lines(_ vms: [VMSummary]) -> [String] {
        if vms.isEmpty { return ["The policy names no VM."] }
        var table = TextTable([
            ("NAME", .left), ("STATE", .left), ("ACTUATOR", .left), ("MAX", .right), ("TARGET", .right),
            ("ACTUAL", .right), ("HELD", .right), ("RESIDENT", .right), ("ASKS", .right), ("LIMIT", .left),
        ])
        for vm in vms {
            table.add([
                Terminal.clean(vm.name), vm.state.rawValue, vm.actuator.rawValue, ByteSize.format(vm.maxBytes),
                vm.targetBytes.map(ByteSize.format) ?? "-", ByteSize.format(vm.actualBytes),
                ByteSize.format(vm.heldBytes), vm.residentBytes.map(ByteSize.format) ?? "-",
                vm.ask.map { ByteSize.format($0.bytes) + ($0.urgent ? "!" : "") } ?? "-",
                vm.limit.map { Terminal.clean($0.code) } ?? "-",
            ])
        }
        return table.lines
    }
}
