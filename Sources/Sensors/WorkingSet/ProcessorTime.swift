import Glibc
import SystemPackage

/// Processor time that measuring costs.
enum ProcessorTime {
    /// What the calling thread used so far, system calls included, in nanoseconds.
    static func ofThread() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(clamping: time.tv_sec).multiplied(1_000_000_000).adding(UInt64(clamping: time.tv_nsec))
    }

    /// What a process used so far, in nanoseconds and steps of 10 ms, from fields 14 and 15 of `/proc/PID/stat`; nil
    /// where there is none.
    static func ofProcess(_ process: UInt64, _ roots: SensorRoots) -> UInt64? {
        let file = roots.proc.appending(String(process)).appending("stat")
        guard let bytes = try? TextFile.read(file), let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // The name before the parenthesis may contain blanks. Clock ticks are a hundredth of a second on x86.
        let words = KernelText.words(bytes[bytes.index(after: end)...])
        guard words.count > 12, let user = KernelText.number(words[11]), let system = KernelText.number(words[12])
        else { return nil }
        return user.adding(system).multiplied(10_000_000)
    }
}
