import Glibc

/// The reference protobuf implementation, run as a child process.
final class Protoc {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private let folder: String

    /// A temporary folder with `schema`, which may import `ballast.proto`.
    init(schema: String) throws {
        var template = Array("/tmp/ballast-wire-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble(description: "mkdtemp failed: errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Protoc.write(Array(schema.utf8), to: folder + "/batch.proto")
    }

    deinit {
        for name in ["batch.proto", "in", "out", "err"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Where `ballast.proto` lies.
    static var sources: String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/Sources/Wire"
    }

    func encode(_ type: String, _ text: String) throws -> [UInt8] { try run("--encode=\(type)", Array(text.utf8)) }

    func decode(_ type: String, _ bytes: [UInt8]) throws -> String {
        String(decoding: try run("--decode=\(type)", bytes), as: UTF8.self)
    }

    private func run(_ mode: String, _ input: [UInt8]) throws -> [UInt8] {
        try Protoc.write(input, to: folder + "/in")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let arguments = ["protoc", mode, "-I\(Protoc.sources)", "-I\(folder)", folder + "/batch.proto"]
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { argv.forEach { free($0) } }
        argv.append(nil)
        let environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var child: pid_t = 0
        let failure = posix_spawnp(&child, "protoc", &actions, nil, argv, environment)
        guard failure == 0 else {
            throw Trouble(
                description: "protoc, the reference implementation these tests are held against, could not be "
                    + "started (errno \(failure)): install the package protobuf-compiler")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else {
            let said = String(decoding: try Protoc.read(folder + "/err").prefix(2000), as: UTF8.self)
            throw Trouble(description: "protoc \(mode) ended with status \(status): \(said)")
        }
        return try Protoc.read(folder + "/out")
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw Trouble(description: "open \(path): errno \(errno)") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Trouble(description: "write \(path)") }
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Trouble(description: "open \(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece[0..<count]
        }
    }
}
