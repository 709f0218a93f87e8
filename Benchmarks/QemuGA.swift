import FoundationEssentials
import TestKit

/// Debian's qemu-ga in a guest, beside Ballast's agent: the peer where an agent's own cost is measured.
struct QemuGA {
    /// What the results call it.
    static let peer = "qemu-ga"
    /// The program and its libraries; `scripts/bench` fetches them.
    static let archive = "\(Layout.repository)/build/bench/qemu-ga.tar"
    private static let unpacked = "/opt/qga"

    static var isAvailable: Bool { FileManager.default.fileExists(atPath: archive) }

    let process: GuestProcess
    private let stream: UnixStream

    /// What a guest needs for it: the archive as a disk, and a port whose socket is at that path.
    static func arguments(socket: String) -> [String] {
        [
            "-drive", "if=none,id=qga,format=raw,readonly=on,file=\(archive)",
            "-device", "virtio-blk-pci,drive=qga",
            "-chardev", "socket,id=qga,path=\(socket),server=on,wait=off",
            "-device", "virtserialport,bus=serial0.0,id=port-qga,chardev=qga,name=org.qemu.guest_agent.0",
        ]
    }

    /// Unpacks and starts it, and connects.
    init(guest: Guest, socket: String) async throws {
        try await guest.sh("mkdir -p /opt && tar x -f /dev/vda -C /opt")
        process = try await guest.spawn(
            """
            env LD_LIBRARY_PATH=\(Self.unpacked)/lib \(Self.unpacked)/qemu-ga --method=virtio-serial \
                --path=$(guest-tool port org.qemu.guest_agent.0) --statedir=/run
            """)
        let stream = try UnixStream(path: socket, timeout: .seconds(10))
        self.stream = stream
        do {
            try await offThread { try Self.ping(stream, within: .seconds(60)) }
        } catch {
            throw BenchError("\(error); it says: \(try await process.log())")
        }
    }

    /// Seconds of one `guest-ping`.
    func ping() async throws -> Double {
        let stream = self.stream
        return try await offThread {
            let clock = ContinuousClock()
            return try clock.measure { try Self.ping(stream, within: .seconds(10)) }.inSeconds
        }
    }

    /// The size of its program, in bytes; without the libraries that it loads.
    static func programBytes(in guest: Guest) async throws -> UInt64 {
        let text = try await guest.sh("stat -c %s \(unpacked)/qemu-ga")
        guard let bytes = UInt64(text) else { throw BenchError("not a size: \(text)") }
        return bytes
    }

    private static func ping(_ stream: UnixStream, within patience: Duration) throws {
        try stream.write(Array("{\"execute\":\"guest-ping\"}\n".utf8), timeout: patience)
        let deadline = ContinuousClock().now + patience
        var answer: [UInt8] = []
        while !answer.contains(10) {
            guard ContinuousClock().now < deadline, let bytes = stream.read(timeout: .seconds(1)) else {
                throw BenchError("qemu-ga does not answer")
            }
            answer += bytes
        }
        guard String(decoding: answer, as: UTF8.self).contains("return") else {
            throw BenchError("qemu-ga answers \(String(decoding: answer, as: UTF8.self))")
        }
    }
}
