import CLinux
import Glibc
public import SystemPackage

/// Signals as events: blocked for the calling thread (call it before starting others) and read from a descriptor.
public final class SignalFD {
    private let owned: OwnedDescriptor

    /// Blocks the signals and opens a descriptor for them.
    public init(_ signals: [Int32]) throws(LinuxError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        let failure = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard failure == 0 else {
            throw LinuxError(errno: Errno(rawValue: failure), operation: "blocking signals")
        }
        owned = OwnedDescriptor(
            rawValue: try systemCall("creating a signalfd") {
                unsafe signalfd(-1, &set, Int32(O_CLOEXEC | O_NONBLOCK))
            })
    }

    /// The descriptor to watch for reading.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// The next signal that arrived, or nil.
    public func next() throws(LinuxError) -> Int32? {
        var info = signalfd_siginfo()
        while true {
            let size = MemoryLayout<signalfd_siginfo>.size
            if unsafe read(owned.rawValue, &info, size) == size { return Int32(truncatingIfNeeded: info.ssi_signo) }
            let errno = lastErrno
            if errno == .wouldBlock { return nil }
            if errno == .interrupted { continue }
            throw LinuxError(errno: errno, operation: "reading a signalfd")
        }
    }
}
