import Glibc
public import SystemPackage

/// A PSI trigger: wakes an epoll loop when tasks have waited for memory too long within a window. Watch `descriptor`
/// for `Epoll.Readiness.priority`, which is reported at most once a window. `error` means that the source is gone (its
/// cgroup was removed); it is reported for ever, so stop watching then.
///
/// The interface: `Documentation/accounting/psi.rst` of Linux.
public final class PressureTrigger {
    /// Which waiting counts.
    public enum Kind: String, Sendable {
        /// At least one task waits.
        case some
        /// Every task waits.
        case full
    }

    /// Which waiting counts.
    public let kind: Kind
    /// How long tasks must have waited within the window, in microseconds.
    public let stallMicroseconds: UInt64
    /// The window in force, in microseconds: 2 s where the kernel refused the one wished for.
    public let windowMicroseconds: UInt64
    /// Why the window is not the one wished for; empty where it is.
    public let remark: String
    private let owned: OwnedDescriptor

    /// The shortest window that every kernel takes, in microseconds.
    public static let shortestWindow: UInt64 = 500_000
    /// The longest window, in microseconds.
    public static let longestWindow: UInt64 = 10_000_000
    /// What the kernel wants windows of processes without CAP_SYS_RESOURCE to be multiples of, in microseconds.
    public static let unprivilegedWindow: UInt64 = 2_000_000

    /// Sets a trigger. Closing, or the last reference, takes it away.
    /// - Parameters:
    ///   - file: `/proc/pressure/memory` or a cgroup's `memory.pressure`.
    ///   - stallMicroseconds: at least 1; at most the window.
    ///   - windowMicroseconds: brought into 500 ms ... 10 s. Where the kernel refuses it because this process lacks
    ///     CAP_SYS_RESOURCE, 2 s are taken instead and the stall grows with it; `remark` says so.
    /// - Throws: code `unsupported` where the kernel has no PSI or it is switched off, `permission` on kernels before
    ///   6.4 without CAP_SYS_RESOURCE, `notFound` where the cgroup is gone.
    public init(
        _ file: FilePath, _ kind: Kind = .some, stallMicroseconds: UInt64, windowMicroseconds: UInt64
    ) throws(LinuxError) {
        let window = min(max(windowMicroseconds, Self.shortestWindow), Self.longestWindow)
        let stall = min(max(stallMicroseconds, 1), window)
        self.kind = kind
        do throws(LinuxError) {
            owned = try Self.set(file, kind, stall, window)
            self.stallMicroseconds = stall
            self.windowMicroseconds = window
            remark = ""
        } catch {
            guard error.errno == .invalidArgument, window % Self.unprivilegedWindow != 0 else { throw error }
            // Exact: both factors are at most ten million.
            let longer = max(1, stall * Self.unprivilegedWindow / window)
            owned = try Self.set(file, kind, longer, Self.unprivilegedWindow)
            self.stallMicroseconds = longer
            self.windowMicroseconds = Self.unprivilegedWindow
            remark = "without CAP_SYS_RESOURCE the kernel takes windows of whole 2 s only: 2 s instead of \(window) us"
        }
    }

    /// The descriptor to watch for `priority`.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// Takes the trigger away; later calls do nothing.
    public func close() { owned.close() }

    /// What is written to the file: the kernel wants the text's NUL as well.
    static func request(_ kind: Kind, _ stall: UInt64, _ window: UInt64) -> [UInt8] {
        Array("\(kind.rawValue) \(stall) \(window)\0".utf8)
    }

    private static func set(
        _ file: FilePath, _ kind: Kind, _ stall: UInt64, _ window: UInt64
    ) throws(LinuxError) -> OwnedDescriptor {
        do throws(LinuxError) {
            let opened = try SmallFile.open(file, flags: O_RDWR | O_NONBLOCK)
            let bytes = request(kind, stall, window)
            try systemCall("setting a pressure trigger on \(file)") {
                unsafe write(opened.rawValue, bytes, bytes.count)
            }
            return opened
        } catch {
            throw explained(error, file)
        }
    }

    private static func explained(_ error: LinuxError, _ file: FilePath) -> LinuxError {
        let operation = "setting a pressure trigger on \(file)"
        switch error.errno {
        case .notSupported?:
            return LinuxError(
                code: .unsupported, errno: error.errno, operation: operation,
                remedy: "the kernel has PSI but it is switched off: boot with psi=1")
        case .noSuchFileOrDirectory? where file.string.hasPrefix("/proc"):
            return LinuxError(
                code: .unsupported, errno: error.errno, operation: operation,
                remedy: "this kernel has no PSI (CONFIG_PSI), or it is switched off: boot with psi=1")
        case .notPermitted?, .permissionDenied?:
            return LinuxError(
                code: .permission, errno: error.errno, operation: operation,
                remedy: "kernels before 6.4 want CAP_SYS_RESOURCE for it")
        default: return error
        }
    }
}
