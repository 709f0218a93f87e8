import Glibc
import Linux
import Sensors
import SystemPackage

/// What does not change while the guest runs.
struct GuestFacts: Sendable {
    var kernel = ""
    var bootID = ""
    var processors = 1
    var memoryTotalBytes: UInt64 = 0

    /// Reads the kernel's name, the boot's identity and the machine's size.
    static func read(_ roots: SensorRoots = SensorRoots()) -> GuestFacts {
        var facts = GuestFacts()
        var name = utsname()
        if unsafe uname(&name) == 0 {
            facts.kernel = unsafe withUnsafeBytes(of: &name.release) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        let id = try? SmallFile.readText("/proc/sys/kernel/random/boot_id", limit: 64)
        facts.bootID = id.map { String($0.prefix(36)) } ?? ""
        facts.processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        facts.memoryTotalBytes = (try? MemoryInfo.read(roots).total) ?? 0
        return facts
    }
}
