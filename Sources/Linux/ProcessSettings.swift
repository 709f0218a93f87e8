import CLinux
import Glibc
public import SystemPackage

/// What a process says about itself to the kernel.
public enum ProcessSettings {
    /// Sets the name that the kernel logs (at most 15 bytes; longer ones are cut).
    public static func setName(_ name: String) {
        _ = unsafe ballast_set_name(name)
    }

    /// Sets how the OOM killer sees a process.
    /// - Parameters:
    ///   - score: -1000 (never) to 1000 (first). Going below what it once was needs CAP_SYS_RESOURCE.
    ///   - processID: whose; nil is this process.
    public static func setOOMScoreAdjustment(
        _ score: Int, processID: Int32? = nil, procRoot: FilePath = "/proc"
    ) throws(LinuxError) {
        let path = procRoot.appending(processID.map(String.init) ?? "self").appending("oom_score_adj")
        try SmallFile.write(String(max(-1000, min(1000, score))), to: path)
    }

    /// How the OOM killer sees a process, -1000 to 1000.
    public static func oomScoreAdjustment(
        processID: Int32? = nil, procRoot: FilePath = "/proc"
    ) throws(LinuxError) -> Int {
        let path = procRoot.appending(processID.map(String.init) ?? "self").appending("oom_score_adj")
        let text = try SmallFile.readText(path)
        guard let score = Int(text) else {
            throw LinuxError(code: .invalid, operation: "reading \(path): \"\(text)\" is not a number")
        }
        return score
    }

    /// Lifts the limit of locked memory as far as the rights of this process allow.
    public static func raiseMemlockLimit() throws(LinuxError) {
        try systemCall("raising the limit of locked memory", remedy: "set LimitMEMLOCK=infinity") {
            ballast_raise_memlock_limit()
        }
    }

    /// Lets a process that is no ancestor take descriptors from this one where Yama is strict; it still needs the same
    /// user and at least the same capabilities.
    public static func allowAdoption() {
        _ = ballast_allow_any_tracer()
        _ = ballast_set_dumpable(1)
    }

    /// Ignores signals from now on.
    public static func ignore(signals: [Int32]) {
        for signal in signals { _ = Glibc.signal(signal, SIG_IGN) }
    }

    /// How the scheduler sees a process against others: -20 goes first, 19 last. Allocates nothing.
    /// - Parameter processID: nil is this process.
    public static func setNice(_ value: Int32, ofProcess processID: Int32? = nil) throws(LinuxError) {
        try systemCall("setting the priority of a process", remedy: "CAP_SYS_NICE is needed to raise it") {
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(bitPattern: processID ?? 0), value)
        }
    }
}
