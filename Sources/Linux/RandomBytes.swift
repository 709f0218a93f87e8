import CLinux
import Glibc

/// Random bytes of the kernel, for nonces.
public enum RandomBytes {
    /// Fills a buffer.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        var done = 0
        while done < buffer.count {
            done += try systemCall("reading random bytes") {
                unsafe getrandom(buffer.baseAddress?.advanced(by: done), buffer.count - done, 0)
            }
        }
    }

    /// A number of new random bytes.
    public static func make(_ count: Int) throws(LinuxError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            done += try systemCall("reading random bytes") {
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe getrandom(buffer.baseAddress?.advanced(by: done), count - done, 0)
                }
            }
        }
        return bytes
    }

    /// A random number that is not 0.
    public static func nonZero() throws(LinuxError) -> UInt64 {
        while true {
            let value = try make(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if value != 0 { return value }
        }
    }
}
