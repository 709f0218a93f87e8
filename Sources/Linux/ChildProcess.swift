import CLinux
import Glibc
public import SystemPackage

/// Starts programs with exactly the descriptors they are meant to have.
public enum ChildProcess {
    /// The program that runs now, also after its file was replaced.
    public static let ownExecutable: FilePath = "/proc/self/exe"

    /// Starts a program in a session of its own, with default signal handling.
    /// - Parameters:
    ///   - executable: the program's path.
    ///   - arguments: all of them, beginning with the name that it is to have.
    ///   - environment: `NAME=value` entries; nil passes ours on.
    ///   - descriptors: what it finds beside 0, 1 and 2 (or in their place); everything else is closed there.
    /// - Returns: the child's process number.
    public static func spawn(
        executable: FilePath = ownExecutable, arguments: [String], environment: [String]? = nil,
        descriptors: [(source: FileDescriptor, target: Int32)] = []
    ) throws(LinuxError) -> Int32 {
        // Copies above every target, so that no mapping overwrites the source of a later one.
        let floor = (descriptors.map(\.target).max() ?? 2) &+ 1
        var copies: [OwnedDescriptor] = []
        for entry in descriptors {
            let copy = try systemCall("passing descriptor \(entry.source.rawValue) on") {
                fcntl(entry.source.rawValue, F_DUPFD_CLOEXEC, max(3, floor))
            }
            copies.append(OwnedDescriptor(rawValue: copy))
        }
        let sources = copies.map(\.rawValue)
        let targets = descriptors.map(\.target)
        let child = unsafe withCStrings(arguments) { argv in
            unsafe executable.withPlatformString { path in
                if let environment {
                    unsafe withCStrings(environment) { envp in
                        unsafe ballast_spawn(path, argv, envp, sources, targets, Int32(sources.count))
                    }
                } else {
                    unsafe ballast_spawn(path, argv, nil, sources, targets, Int32(sources.count))
                }
            }
        }
        guard child > 0 else { throw LinuxError(errno: lastErrno, operation: "starting \(executable)") }
        return child
    }

    /// A null-terminated list of C strings for the length of a call.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var list: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        unsafe list.append(nil)
        defer { for index in unsafe list.indices { unsafe free(list[index]) } }
        return unsafe list.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the list ends with nil") }
            return unsafe body(base)
        }
    }
}
