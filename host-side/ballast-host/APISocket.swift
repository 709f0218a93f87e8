import HostAPI
import Linux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The place where the API's socket will be.
enum APISocket {
    /// Makes its directory, and clears away a socket that nobody listens on any more. Refuses where somebody does, or
    /// where the path is something else than a socket.
    static func prepare(_ path: String) throws {
        let parent = FilePath(path).removingLastComponent().string
        if mkdir(parent, 0o755) != 0, errno != EEXIST {
            throw APIError(
                code: .failed, message: "the directory \(parent) cannot be made (\(Errno(rawValue: errno)))",
                remedy: "make it, or set socket in the policy to a path that exists")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw APIError(
                code: .failed, message: "\(path) exists and is no socket",
                remedy: "remove it, or set socket in the policy to another path")
        }
        if isAbandoned(path) {
            unlink(path)
            return
        }
        throw APIError(
            code: .failed, message: "another daemon answers on \(path)",
            remedy: "stop it first, or give this one a socket of its own with --socket")
    }

    private static func isAbandoned(_ path: String) -> Bool {
        do {
            _ = try UnixSocket.connect(to: FilePath(path))
            return false
        } catch {
            return error.errno == .connectionRefused || error.errno == .noSuchFileOrDirectory
        }
    }
}
