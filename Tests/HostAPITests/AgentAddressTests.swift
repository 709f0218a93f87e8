import HostAPI
import Testing

@Suite("Where an agent is reached")
struct AgentAddressTests {
    @Test(
        "What is read is written the same way",
        arguments: [
            ("/run/a", AgentAddress.serial("/run/a")), ("vsock", .vsock(cid: nil, port: 700)),
            ("vsock:3", .vsock(cid: 3, port: 700)), ("vsock:77:701", .vsock(cid: 77, port: 701)),
            ("hybrid:/run/v", .hybrid("/run/v", port: 700)), ("hybrid:/run/v:1", .hybrid("/run/v:1", port: 700)),
            ("hybrid:701:/run/v", .hybrid("/run/v", port: 701)),
        ])
    func forms(text: String, address: AgentAddress) {
        #expect(AgentAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(
        "Other text is nobody's address",
        arguments: [
            "", "run/a", "vsock:", "vsock:2", "vsock:1", "vsock:x", "vsock:3:0", "vsock:3:x", "vsock:4294967295",
            "vsock:3:700:1", "hybrid", "hybrid:", "hybrid:run", "hybrid:0:/x", "hybrid:701:x", "unix:/x",
        ])
    func none(text: String) { #expect(AgentAddress(text) == nil) }

    @Test("Two paths of one socket are the same agent")
    func same() {
        #expect(AgentAddress.serial("/tmp").isSame(as: .serial("/tmp/../tmp")))
        #expect(!AgentAddress.serial("/tmp").isSame(as: .hybrid("/tmp", port: 700)))
        #expect(!AgentAddress.hybrid("/tmp", port: 700).isSame(as: .hybrid("/tmp", port: 701)))
        #expect(AgentAddress.vsock(cid: 3, port: 700).isSame(as: .vsock(cid: 3, port: 700)))
    }

    @Test("The answer of a hybrid vsock comes in any pieces, and what follows is the guest's")
    func handshake() {
        let answer = Array("OK 1073741824\nguest".utf8)
        for cut in 0...answer.count {
            var handshake = HybridHandshake(port: 700)
            #expect(handshake.request == Array("CONNECT 700\n".utf8))
            var rest: [UInt8]?
            for piece in [answer[..<cut], answer[cut...]] where rest == nil {
                if case .connected(let bytes) = handshake.receive(piece) { rest = bytes }
            }
            let end = answer.firstIndex(of: 10).map { $0 + 1 } ?? 0
            #expect(rest == Array(cut < end ? answer[end...] : answer[end..<cut]))
        }
        for wrong in ["NO\n", "OK\n", "OK x\n", "OK 5 6\n", "\n", String(repeating: "x", count: 80)] {
            var handshake = HybridHandshake(port: 700)
            guard case .refused(let why) = handshake.receive(Array(wrong.utf8)) else {
                Issue.record("\(wrong) is taken")
                continue
            }
            #expect(why.contains("hybrid"))
        }
    }
}
