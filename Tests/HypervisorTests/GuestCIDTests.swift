import Foundation
import Glibc
import Linux
import Logging
import SystemPackage
import Testing

@testable import Hypervisor

/// A VMM's vsock device, by a server that answers as QEMU does: the real device needs the host's vhost_vsock.
@Suite(.serialized) struct GuestCIDTests {
    /// Serves one client: answers `qom-list` of the device folders and `qom-get` of the CID.
    private static func withServer(
        device: String?, _ body: (VirtualMachineMonitor) async throws -> Void
    ) async throws {
        let folder = "/tmp/ballast-cid-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let listener = try UnixSocket.listen(at: FilePath("\(folder)/qmp"))
        let serving = Thread {
            var entry = pollfd(fd: listener.rawValue, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&entry, 1, 300_000) == 1, let socket = try? UnixSocket.accept(listener.descriptor) else {
                return
            }
            serve(socket, device: device)
        }
        serving.start()
        let client = try await QMPClient.connect(path: "\(folder)/qmp", logger: Logger(label: "test")) { _ in }
        try await body(VirtualMachineMonitor(client))
        await client.close()
    }

    private static func serve(_ socket: OwnedDescriptor, device: String?) {
        func say(_ text: String) {
            let bytes = Array((text + "\r\n").utf8)
            _ = try? unsafe bytes.withUnsafeBytes { try unsafe ByteChannel.send(socket.descriptor, from: $0) }
        }
        say(
            #"{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}"#
        )
        var line: [UInt8] = []
        while true {
            var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&entry, 1, 300_000) == 1 else { return }
            var byte: UInt8 = 0
            guard unsafe read(socket.rawValue, &byte, 1) == 1 else { return }
            line.append(byte)
            guard let request = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { continue }
            line = []
            let arguments = request["arguments"] as? [String: Any] ?? [:]
            let path = arguments["path"] as? String
            let answer =
                switch (request["execute"] ?? request["exec-oob"]) as? String {
                case "qom-list" where path == "/machine/peripheral" && device != nil:
                    #"[{"name": "type", "type": "string"}, {"name": "v", "type": "child<\#(device ?? "")>"}]"#
                case "qom-list": "[]"
                case "qom-get" where path == "/machine/peripheral/v" && arguments["property"] as? String == "guest-cid":
                    "4242"
                default: "{}"
                }
            let id = request["id"].map { ", \"id\": \($0 is String ? "\"\($0)\"" : "\($0)")" } ?? ""
            say("{\"return\": \(answer)\(id)}")
        }
    }

    @Test(
        "The CID is the vhost-vsock device's",
        arguments: ["vhost-vsock-pci", "vhost-vsock-pci-non-transitional", "vhost-vsock-device"])
    func known(device: String) async throws {
        try await Self.withServer(device: device) { monitor in
            let cid = try await monitor.guestCID()
            #expect(cid == 4242)
        }
    }

    @Test("Other devices tell none", arguments: ["vhost-user-vsock-pci", "virtio-net-pci", nil])
    func unknown(device: String?) async throws {
        try await Self.withServer(device: device) { monitor in
            let cid = try await monitor.guestCID()
            #expect(cid == nil)
        }
    }
}
