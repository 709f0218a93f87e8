import CLinux
import Glibc
public import SystemPackage

/// A process held by descriptor, so that its number cannot come to mean another one. Readable once it has ended.
public final class ProcessDescriptor: Sendable {
    /// How a child ended.
    public enum Exit: Sendable, Equatable {
        /// By itself, with this status.
        case exited(Int32)
        /// By this signal.
        case killed(Int32)
    }

    /// The process's number when it was opened.
    public let processID: Int32
    private let owned: OwnedDescriptor

    /// Opens a process.
    public init(processID: Int32) throws(LinuxError) {
        self.processID = processID
        owned = OwnedDescriptor(
            rawValue: try systemCall("opening process \(processID)") { ballast_pidfd_open(processID) })
    }

    /// The descriptor to watch for reading.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// Takes a copy of one of the process's descriptors. Needs the right to trace it.
    public func takeDescriptor(_ number: Int32) throws(LinuxError) -> OwnedDescriptor {
        let copy = try systemCall("taking descriptor \(number) of process \(processID)") {
            ballast_pidfd_getfd(owned.rawValue, number)
        }
        return OwnedDescriptor(rawValue: copy)
    }

    /// Sends a signal; a process that has ended is no error.
    public func signal(_ signal: Int32) throws(LinuxError) {
        while ballast_pidfd_send_signal(owned.rawValue, signal) < 0 {
            let errno = lastErrno
            if errno == .interrupted { continue }
            if errno == .noSuchProcess { return }
            throw LinuxError(errno: errno, operation: "sending signal \(signal) to process \(processID)")
        }
    }

    /// Whether the process still runs (a zombie does not).
    public var isRunning: Bool {
        var request = pollfd(fd: owned.rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, 0) == 0
    }

    /// Frees the private memory of a killed process at once, on our own time (kernel 5.15).
    /// - Returns: false when the process was gone already.
    @discardableResult
    public func releaseMemory() throws(LinuxError) -> Bool {
        while ballast_process_mrelease(owned.rawValue) < 0 {
            let errno = lastErrno
            if errno == .interrupted || errno == .resourceTemporarilyUnavailable { continue }
            if errno == .noSuchProcess { return false }
            throw LinuxError(errno: errno, operation: "freeing the memory of process \(processID)")
        }
        return true
    }

    /// Reaps the process if it is our child.
    /// - Parameter blocking: wait for its end.
    /// - Returns: nil while it runs.
    public func wait(blocking: Bool = false) throws(LinuxError) -> Exit? {
        var code: Int32 = 0
        var status: Int32 = 0
        let ended = try systemCall("waiting for process \(processID)") {
            unsafe ballast_pidfd_wait(owned.rawValue, blocking ? 1 : 0, &code, &status)
        }
        guard ended == 1 else { return nil }
        return code == Int32(CLD_EXITED) ? .exited(status) : .killed(status)
    }
}
