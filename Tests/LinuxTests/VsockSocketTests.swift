import Glibc
import Linux
import SystemPackage
import Testing

@Suite("vsock sockets")
struct VsockSocketTests {
    @Test("Ports below 1024 are root's")
    func privileged() {
        #expect(VsockAddress(cid: 2, port: 1023).isPrivileged && !VsockAddress(cid: 2, port: 1024).isPrivileged)
        #expect("\(VsockAddress(cid: 3, port: 700))" == "vsock:3:700")
    }

    @Test("A guest that does not exist, or a kernel without vsock, is an error with a remedy")
    func nobody() {
        let address = VsockAddress(cid: 4_000_000, port: 700)
        var error: LinuxError?
        do throws(LinuxError) {
            let socket = try VsockSocket.connect(to: address)
            while try !VsockSocket.isConnected(socket.descriptor, to: address) { usleep(20_000) }
            Issue.record("a guest that does not exist is connected")
        } catch let found {
            error = found
        }
        #expect(error?.remedy.isEmpty == false, "\(String(describing: error))")
    }

    @Test("Whether vsock is loaded is seen in sysfs, and loads nothing")
    func loaded() throws {
        let directory = TemporaryDirectory()
        #expect(!VsockSocket.isLoaded(sysRoot: directory.path))
        #expect(mkdirs(directory.path, "class", "misc", "vsock"))
        #expect(VsockSocket.isLoaded(sysRoot: directory.path))
    }

    private func mkdirs(_ root: FilePath, _ names: String...) -> Bool {
        var path = root
        for name in names {
            path.append(name)
            guard unsafe path.withPlatformString({ unsafe mkdir($0, 0o755) }) == 0 else { return false }
        }
        return true
    }
}
