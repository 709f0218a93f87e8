import Linux
import Testing
import Wire

@testable import Agent

@Suite("Who may come in over vsock")
struct VsockDoorTests {
    private func judge(_ cid: UInt32, _ port: UInt32, _ change: (inout VsockSettings) -> Void = { _ in })
        -> VsockDoor.Verdict
    {
        var settings = VsockSettings()
        change(&settings)
        return VsockDoor(settings: settings).judge(VsockAddress(cid: cid, port: port))
    }

    @Test("The host's root may control and observe; nobody is limited in what it asks")
    func root() {
        for port: UInt32 in [1, 700, 1023] {
            let verdict = judge(2, port)
            #expect(verdict.roles == [.controller, .observer] && !verdict.isMetered)
        }
        #expect(judge(2, 1023) { $0.observers = .off }.roles == [.controller])
    }

    @Test("Other users of the host may not, unless the guest's owner says so, and are told what to do")
    func users() {
        let refused = judge(2, 1024)
        #expect(refused.roles.isEmpty)
        #expect(refused.refusal.contains("below 1024") && refused.refusal.contains("require-privileged-peer"))
        let observer = judge(2, 40_000) { $0.observers = .any }
        #expect(observer.roles == [.observer] && observer.isMetered)
        #expect(observer.refusal.contains("controller"))
        let hybrid = judge(2, 1 << 30) { $0.requiresPrivilegedPeer = false }
        #expect(hybrid.roles == [.controller, .observer] && !hybrid.isMetered)
        let blind = judge(2, 1 << 30) {
            $0.requiresPrivilegedPeer = false
            $0.observers = .off
        }
        #expect(blind.roles == [.controller] && blind.refusal.contains("observers"))
    }

    @Test("Nobody else comes in, whatever is configured", arguments: [0, 1, 3, 77, UInt32.max])
    func others(cid: UInt32) {
        for port: UInt32 in [1, 700, 5000] {
            let verdict = judge(cid, port) {
                $0.requiresPrivilegedPeer = false
                $0.observers = .any
            }
            #expect(verdict.roles.isEmpty)
            #expect(verdict.refusal.contains("CID \(cid)"))
        }
    }

    @Test("A session with a peer that may be nothing is refused with the reason")
    func refusal() throws {
        let verdict = judge(1, 5)
        var agent = AgentSession(allowedRoles: verdict.roles, refusal: verdict.refusal)
        var peer = PeerSession(hello: Hello(role: .observer, peer: "x"))
        var bytes = sent(peer.start(session: 9, now: 1))
        var fault: SessionFault?
        for _ in 0..<4 {
            var back: [UInt8] = []
            for case .transmit(let more) in agent.receive(bytes, now: 1) { back += more }
            let actions = peer.receive(back, now: 1)
            bytes = sent(actions)
            for case .failed(let found) in actions { fault = found }
        }
        guard case .refused(let failure)? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(failure.code == .notAllowed && failure.message.contains("CID 1"))
    }

    private func sent(_ actions: [PeerSession.Action]) -> [UInt8] {
        actions.reduce(into: []) { if case .transmit(let bytes) = $1 { $0 += bytes } }
    }

    @Test("Connections without a session make room, oldest first, and only among their like")
    func quota() {
        typealias Entry = ConnectionQuota.Entry
        let limit = UInt64(ConnectionQuota.limit)
        let strangers = (1...limit).map { Entry(token: $0, trust: .observer, isEstablished: false) }
        #expect(ConnectionQuota.judge(Array(strangers.dropLast()), newcomer: .observer) == .take)
        #expect(ConnectionQuota.judge(strangers, newcomer: .observer) == .replace(1))
        // However many they are, whoever may be a controller finds room.
        #expect(ConnectionQuota.judge(strangers, newcomer: .controller) == .take)
        #expect(ConnectionQuota.judge(strangers, newcomer: .none) == .take)
        var observers = (1...limit).map { Entry(token: $0, trust: .observer, isEstablished: true) }
        #expect(ConnectionQuota.judge(observers, newcomer: .observer) == .turnAway)
        observers[4].isEstablished = false
        #expect(ConnectionQuota.judge(observers, newcomer: .observer) == .replace(5))
    }

    @Test("The keys of [vsock], and what is wrong with others")
    func configuration() throws {
        func read(_ text: String) throws -> VsockSettings {
            try AgentConfiguration.parse(Array("[vsock]\n\(text)\n".utf8), file: "f").vsock
        }
        #expect(try read("") == VsockSettings())
        let all = try read(
            "enabled = false\nport = 701\nrequire-privileged-peer = false\nobservers = \"any\"")
        #expect(!all.isEnabled && all.port == 701 && !all.requiresPrivilegedPeer && all.observers == .any)
        for wrong in ["port = 1024", "port = 0", "observers = \"all\"", "observer = \"any\"", "enabled = \"no\""] {
            #expect(throws: ConfigurationError.self) { try read(wrong) }
        }
    }
}
