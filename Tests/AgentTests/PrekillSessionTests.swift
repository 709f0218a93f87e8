import Testing

@testable import Agent

@Suite("What systemd-oomd is answered")
struct PrekillSessionTests {
    /// A call as sd-varlink sends it: compact JSON with a NUL behind it.
    private func call(_ method: String, _ parameters: String? = nil, more: String = "") -> [UInt8] {
        let rest = parameters.map { ",\"parameters\":\($0)" } ?? ""
        return Array("{\"method\":\"\(method)\"\(rest)\(more)}".utf8) + [0]
    }

    private let notify = "io.systemd.oom.Prekill.Notify"

    private func transmitted(_ actions: [PrekillSession.Action]) -> [String] {
        actions.compactMap { action in
            guard case .transmit(let bytes) = action else { return nil }
            #expect(bytes.last == 0)
            return String(decoding: bytes.dropLast(), as: UTF8.self)
        }
    }

    @Test("The balloon is released before the reply, which is an empty one")
    func release() {
        var session = PrekillSession(now: 0)
        let actions = session.receive(call(notify, #"{"cgroup":"/system.slice/db.service"}"#), now: 1)
        #expect(
            actions == [
                .release(cgroup: "/system.slice/db.service"), .transmit(Array(#"{"parameters":{}}"#.utf8) + [0]),
            ])
    }

    @Test("A call may arrive byte by byte, and several at once")
    func pieces() {
        var session = PrekillSession(now: 0)
        var actions: [PrekillSession.Action] = []
        for byte in call(notify, #"{"cgroup":"/a"}"#) { actions += session.receive([byte], now: 1) }
        #expect(actions.count == 2)
        let both = call(notify, #"{"cgroup":"/b"}"#) + call(notify, #"{"cgroup":"/c"}"#)
        let answers = session.receive(both, now: 2)
        #expect(answers.filter { $0 == .release(cgroup: "/b") || $0 == .release(cgroup: "/c") }.count == 2)
        #expect(transmitted(answers).count == 2)
    }

    @Test("A call that wants no reply gets none")
    func oneway() {
        var session = PrekillSession(now: 0)
        let actions = session.receive(call(notify, #"{"cgroup":"/a"}"#, more: ",\"oneway\":true"), now: 1)
        #expect(actions == [.release(cgroup: "/a")])
    }

    @Test(
        "Errors are those of the varlink service interface",
        arguments: [
            ("io.systemd.oom.Prekill.Notify", nil, "InvalidParameter", "parameter", "cgroup"),
            ("io.systemd.oom.Prekill.Notify", #"{"cgroup":7}"#, "InvalidParameter", "parameter", "cgroup"),
            (
                "io.systemd.oom.Prekill.Kill", "{}", "MethodNotFound", "method",
                "io.systemd.oom.Prekill.Kill"
            ),
            ("org.varlink.service.Nothing", "{}", "MethodNotFound", "method", "org.varlink.service.Nothing"),
            ("io.systemd.Other.Do", "{}", "InterfaceNotFound", "interface", "io.systemd.Other"),
            ("nodots", "{}", "InterfaceNotFound", "interface", ""),
            ("org.varlink.service.GetInterfaceDescription", "{}", "InvalidParameter", "parameter", "interface"),
            (
                "org.varlink.service.GetInterfaceDescription", #"{"interface":"x.y"}"#, "InterfaceNotFound",
                "interface", "x.y"
            ),
        ] as [(String, String?, String, String, String)])
    func errors(method: String, parameters: String?, error: String, name: String, culprit: String) throws {
        var session = PrekillSession(now: 0)
        let actions = session.receive(call(method, parameters), now: 1)
        #expect(actions.count == 1)
        let reply = try JSONReader.read(try #require(transmitted(actions).first).utf8)
        #expect(reply["error"] == .string("org.varlink.service.\(error)"))
        #expect(reply["parameters"]?[name] == .string(culprit))
    }

    @Test("It introduces itself, and describes its interfaces")
    func introspection() throws {
        var session = PrekillSession(now: 0)
        let info = try JSONReader.read(
            try #require(transmitted(session.receive(call("org.varlink.service.GetInfo"), now: 1)).first).utf8)
        #expect(
            info["parameters"]?["interfaces"]
                == .array([.string("org.varlink.service"), .string("io.systemd.oom.Prekill")]))
        for (name, method) in [
            ("io.systemd.oom.Prekill", "method Notify("), ("org.varlink.service", "method GetInfo("),
        ] {
            let actions = session.receive(
                call("org.varlink.service.GetInterfaceDescription", "{\"interface\":\"\(name)\"}"), now: 1)
            let reply = try JSONReader.read(try #require(transmitted(actions).first).utf8)
            guard case .string(let text)? = reply["parameters"]?["description"] else {
                Issue.record("no description of \(name)")
                continue
            }
            #expect(text.contains("interface \(name)\n") && text.contains(method))
        }
    }

    @Test(
        "What is no call closes the connection, and nothing is released",
        arguments: [
            "", "x", "[]", "{}", #"{"method":7}"#, #"{"method":"a","parameters":[]}"#, "\"method\"",
            #"{"method":"io.systemd.oom.Prekill.Notify","parameters":{"cgroup":"/a"}"#,
        ])
    func garbage(text: String) {
        var session = PrekillSession(now: 0)
        #expect(session.receive(Array(text.utf8) + [0], now: 1) == [.close])
        #expect(session.receive(call(notify, #"{"cgroup":"/a"}"#), now: 1).isEmpty)
        #expect(session.tick(now: .max).isEmpty)
    }

    @Test("Length, number of calls and silence are bounded")
    func bounds() {
        var long = PrekillSession(now: 0)
        #expect(long.receive([UInt8](repeating: 0x20, count: 16 << 10), now: 1).isEmpty)
        #expect(long.receive([0x20], now: 1) == [.close])

        var many = PrekillSession(now: 0)
        for _ in 0..<16 { #expect(many.receive(call("org.varlink.service.GetInfo"), now: 1).count == 1) }
        #expect(many.receive(call("org.varlink.service.GetInfo"), now: 1) == [.close])

        var silent = PrekillSession(now: 7)
        #expect(silent.deadline == 5_000_000_007)
        // Bytes that never become a call do not put the deadline off.
        _ = silent.receive(Array("{\"method\"".utf8), now: 4_000_000_000)
        #expect(silent.tick(now: 5_000_000_006).isEmpty)
        #expect(silent.tick(now: 5_000_000_007) == [.close])
        #expect(PrekillSession(now: .max).deadline == .max)
    }

    @Test("Random bytes never trap", arguments: 0..<20)
    func random(seed: UInt64) {
        var chance = CorpusChance(state: seed)
        let alphabet = Array("{}[]\":,methodparscgu/.oN \u{0}".utf8) + [0xFF]
        var session = PrekillSession(now: 0)
        for _ in 0..<2000 {
            let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            for action in session.receive([byte], now: 0) where action == .close { session = PrekillSession(now: 0) }
        }
    }
}
