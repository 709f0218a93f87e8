import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite("Files that are replaced as a whole")
struct AtomicFileTests {
    private let folder = TemporaryDirectory()

    private func mode(_ path: FilePath) -> UInt32 {
        var status = stat()
        _ = unsafe path.withPlatformString { unsafe lstat($0, &status) }
        return status.st_mode
    }

    @Test("The content is the new one, with the rights that were asked for, whatever the umask says")
    func replace() throws {
        let path = folder.path.appending("f")
        try AtomicFile.replace(path, with: Array("one".utf8), mode: 0o644)
        #expect(try SmallFile.readText(path) == "one")
        #expect(mode(path) == S_IFREG | 0o644)
        let long = [UInt8](repeating: 65, count: 1 << 20)
        try AtomicFile.replace(path, with: long)
        #expect(try SmallFile.read(path) == long)
        #expect(mode(path) == S_IFREG | 0o600)
        #expect(SmallFile.names(in: folder.path) == ["f"])
    }

    @Test("A link in the way is replaced, not followed; what is left of an earlier try is no obstacle")
    func links() throws {
        let path = folder.path.appending("f")
        try folder.write("victim", to: "victim")
        for name in ["f", "f.new"] {
            let link = folder.path.appending(name)
            #expect(unsafe link.withPlatformString { unsafe symlink("victim", $0) } == 0)
        }
        try AtomicFile.replace(path, with: Array("two".utf8))
        #expect(try SmallFile.readText(folder.path.appending("victim")) == "victim")
        #expect(try SmallFile.readText(path) == "two")
        #expect(mode(path) & S_IFMT == S_IFREG)
        #expect(SmallFile.names(in: folder.path) == ["f", "victim"])
    }

    @Test("A folder that is not there is an error, a file that is not there is none to remove")
    func errors() throws {
        #expect(throws: LinuxError.self) { try AtomicFile.replace("/nonexistent/f", with: []) }
        try AtomicFile.remove(folder.path.appending("none"))
        #expect(throws: LinuxError.self) { try AtomicFile.remove(folder.path) }
    }
}
