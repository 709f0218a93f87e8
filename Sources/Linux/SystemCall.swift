import Glibc
import SystemPackage

/// The error number of the last failed call of this thread.
var lastErrno: Errno { Errno(rawValue: Glibc.errno) }

/// Runs a system call again while a signal interrupts it, and throws what else goes wrong.
@inline(__always)
@discardableResult
func systemCall<Value: SignedInteger>(
    _ operation: @autoclosure () -> String, remedy: @autoclosure () -> String = "", _ body: () -> Value
) throws(LinuxError) -> Value {
    while true {
        let value = body()
        if value >= 0 { return value }
        let errno = lastErrno
        if errno == .interrupted { continue }
        throw LinuxError(errno: errno, operation: operation(), remedy: remedy())
    }
}
