import Glibc

/// One line on standard error, whole even beside others.
func say(_ line: String) {
    let bytes = Array("vsock-device: \(line)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
}
