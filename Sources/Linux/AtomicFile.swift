import Glibc
public import SystemPackage

/// Files that others read while they are replaced: a reader sees the old content or the new one, whole.
public enum AtomicFile {
    /// Replaces a file, or creates it.
    /// - Parameters:
    ///   - bytes: the whole new content.
    ///   - path: absolute. A file of the same name with `.new` behind it is the way there; what is left of it from an
    ///     earlier try is removed.
    ///   - mode: rights of the new file, whatever the umask says.
    public static func replace(_ path: FilePath, with bytes: [UInt8], mode: UInt32 = 0o600) throws(LinuxError) {
        let temporary = FilePath(path.string + ".new")
        _ = unsafe temporary.withPlatformString { unsafe unlink($0) }
        // Exclusive: never through a link that somebody put there.
        let file = try SmallFile.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        do {
            try systemCall("setting the rights of \(temporary)") { fchmod(file.rawValue, mode) }
            try write(bytes, to: file, temporary)
            try systemCall("renaming \(temporary)") {
                unsafe temporary.withPlatformString { old in
                    unsafe path.withPlatformString { unsafe rename(old, $0) }
                }
            }
        } catch {
            _ = unsafe temporary.withPlatformString { unsafe unlink($0) }
            throw error
        }
    }

    /// Removes a file; one that is not there is no error.
    public static func remove(_ path: FilePath) throws(LinuxError) {
        do {
            try systemCall("removing \(path)") { unsafe path.withPlatformString { unsafe unlink($0) } }
        } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    private static func write(
        _ bytes: [UInt8], to file: OwnedDescriptor, _ path: FilePath
    ) throws(LinuxError) {
        var done = 0
        while done < bytes.count {
            done += try systemCall("writing \(path)") {
                unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
            }
        }
    }
}
