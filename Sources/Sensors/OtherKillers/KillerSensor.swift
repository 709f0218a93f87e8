import SystemPackage

/// Finds who else in the guest ends programs when memory runs low.
public enum KillerSensor {
    /// Those that run, with what is configured; none where none runs.
    ///
    /// Looks at the name of every process (some microseconds each, at most 32,768), so ask rarely: at the start and
    /// every few minutes.
    /// - Parameter measures: for limits in percent.
    public static func read(_ roots: SensorRoots = SensorRoots(), measures: KillerMeasures) -> [KillerRule] {
        rules(ProcessList.find(names, roots: roots), measures, roots)
    }

    private static let kubelets: Set<String> = ["kubelet", "kubelite", "k3s", "k3s-server", "k3s-agent"]
    private static let names = kubelets.union(["systemd-oomd", "earlyoom"])

    private static func rules(
        _ processes: [ProcessList.Found], _ measures: KillerMeasures, _ roots: SensorRoots
    ) -> [KillerRule] {
        var rules: [KillerRule] = []
        // Of each kind at most a few: somebody may run several, as in nested clusters.
        if processes.contains(where: { $0.name == "systemd-oomd" }) {
            rules.append(OomdConfiguration.read(roots).rule(measures))
        }
        for process in processes.filter({ $0.name == "earlyoom" }).prefix(4) {
            let arguments = ProcessList.arguments(process.id, roots: roots)
            rules.append(EarlyoomArguments.read(arguments, roots: roots).rule(measures))
        }
        for process in processes.filter({ kubelets.contains($0.name) }).prefix(4) {
            let arguments = ProcessList.arguments(process.id, roots: roots)
            rules.append(
                KubeletConfiguration.read(process: process.name, arguments: arguments, roots: roots).rule(measures))
        }
        return rules
    }
}
