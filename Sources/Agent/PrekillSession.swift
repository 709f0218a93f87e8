/// One connection of systemd-oomd, which tells before it kills a cgroup (systemd 260 and later, where
/// `PrekillHookTimeoutSec=` is set): the responder of the varlink interface `io.systemd.oom.Prekill`. Pure.
///
/// The kill comes all the same once every hook has replied. What a release before it is good for are the programs that
/// would be next. See oomd.conf(5).
public struct PrekillSession: Sendable {
    /// What the caller has to do, in this order.
    public enum Action: Sendable, Hashable {
        /// Give everything back: systemd-oomd is about to kill this cgroup.
        case release(cgroup: String)
        /// Send these bytes.
        case transmit([UInt8])
        /// Close the connection.
        case close
    }

    /// The most bytes of one call.
    static let longestCall = 16 << 10
    /// The most calls of one connection.
    static let mostCalls = 16
    /// How long a connection may be silent, in nanoseconds.
    static let patience: UInt64 = 5_000_000_000

    private static let interface = "io.systemd.oom.Prekill"
    private static let service = "org.varlink.service"
    private static let description = """
        # Prekill notifications from oomd
        interface io.systemd.oom.Prekill

        # Notify about an imminent OOM kill
        method Notify(
          # The cgroup which is going to be killed
          cgroup: string
        ) -> ()

        """
    private static let serviceDescription = """
        interface org.varlink.service

        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound(interface: string)
        error MethodNotFound(method: string)
        error MethodNotImplemented(method: string)
        error InvalidParameter(parameter: string)
        error PermissionDenied()
        error ExpectedMore()

        """

    /// When ``tick(now:)`` closes the connection.
    public private(set) var deadline: UInt64
    private var buffer: [UInt8] = []
    private var calls = 0
    private var isClosed = false

    /// A connection that was accepted at `now`, in nanoseconds.
    public init(now: UInt64) { deadline = Self.after(now) }

    /// Takes bytes from the peer.
    public mutating func receive(_ bytes: some Sequence<UInt8>, now: UInt64) -> [Action] {
        var actions: [Action] = []
        for byte in bytes {
            if isClosed { break }
            guard byte == 0 else {
                guard buffer.count < Self.longestCall else { return actions + close() }
                buffer.append(byte)
                continue
            }
            defer { buffer.removeAll(keepingCapacity: true) }
            calls += 1
            guard calls <= Self.mostCalls, let call = VarlinkCall(buffer) else { return actions + close() }
            deadline = Self.after(now)
            actions += answer(call)
        }
        return actions
    }

    /// Lets time pass: a peer that stays silent is dropped.
    public mutating func tick(now: UInt64) -> [Action] { now >= deadline ? close() : [] }

    private static func after(_ now: UInt64) -> UInt64 {
        let (end, overflow) = now.addingReportingOverflow(patience)
        return overflow ? .max : end
    }

    private mutating func close() -> [Action] {
        defer { isClosed = true }
        return isClosed ? [] : [.close]
    }

    private func answer(_ call: VarlinkCall) -> [Action] {
        var actions: [Action] = []
        let reply: [UInt8]
        switch (call.interface, call.method) {
        case (_, "\(Self.interface).Notify"):
            guard case .string(let cgroup)? = call.parameters["cgroup"] else {
                reply = Self.invalid("cgroup")
                break
            }
            actions.append(.release(cgroup: cgroup))
            reply = VarlinkCall.reply([])
        case (_, "\(Self.service).GetInfo"): reply = VarlinkCall.reply(Self.info)
        case (_, "\(Self.service).GetInterfaceDescription"): reply = Self.describe(call.parameters["interface"])
        case (Self.interface, _), (Self.service, _):
            reply = VarlinkCall.error("MethodNotFound", .init("method", .string(call.method)))
        default: reply = VarlinkCall.error("InterfaceNotFound", .init("interface", .string(call.interface)))
        }
        if !call.oneway { actions.append(.transmit(reply)) }
        return actions
    }

    private static var info: [JSONValue.Member] {
        [
            .init("vendor", .string("Ballast")), .init("product", .string("ballast-agent")),
            .init("version", .string(AgentVersion.current)), .init("url", .string("")),
            .init("interfaces", .array([.string(service), .string(interface)])),
        ]
    }

    private static func describe(_ wanted: JSONValue?) -> [UInt8] {
        guard case .string(let name)? = wanted else { return invalid("interface") }
        let texts = [interface: description, service: serviceDescription]
        guard let text = texts[name] else {
            return VarlinkCall.error("InterfaceNotFound", .init("interface", .string(name)))
        }
        return VarlinkCall.reply([.init("description", .string(text))])
    }

    private static func invalid(_ parameter: String) -> [UInt8] {
        VarlinkCall.error("InvalidParameter", .init("parameter", .string(parameter)))
    }
}
