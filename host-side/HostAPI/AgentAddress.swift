#if canImport(Glibc)
    import Glibc
#endif

/// Where an agent is reached from the host.
public enum AgentAddress: Sendable, Hashable, CustomStringConvertible {
    /// The unix socket behind the guest's virtio-serial port.
    case serial(String)
    /// AF_VSOCK to a guest's context; nil is the one that the VMM tells.
    case vsock(cid: UInt32?, port: UInt32)
    /// The unix socket of a hybrid vsock, as Firecracker and Cloud Hypervisor have it.
    case hybrid(String, port: UInt32)

    /// The agent's vsock port, unless its configuration says otherwise.
    public static let usualPort: UInt32 = 700

    /// Reads `/path`, `vsock`, `vsock:CID`, `vsock:CID:PORT`, `hybrid:/path` or `hybrid:PORT:/path`; nil where the text
    /// is none of these.
    public init?(_ text: String) {
        if text.hasPrefix("/") {
            self = .serial(text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("vsock", 1): self = .vsock(cid: nil, port: Self.usualPort)
        case ("vsock", 2), ("vsock", 3):
            guard let cid = Self.guestCID(parts[1]) else { return nil }
            guard let port = parts.count == 2 ? Self.usualPort : Self.port(parts[2]) else { return nil }
            self = .vsock(cid: cid, port: port)
        case ("hybrid", 2...):
            let rest = text.dropFirst("hybrid:".count)
            if rest.hasPrefix("/") {
                self = .hybrid(String(rest), port: Self.usualPort)
            } else {
                guard parts.count == 3, parts[2].hasPrefix("/"), let port = Self.port(parts[1]) else { return nil }
                self = .hybrid(parts[2], port: port)
            }
        default: return nil
        }
    }

    /// What ``init(_:)`` reads.
    public static let forms =
        "a path (the socket of a virtio-serial port), \"vsock\", \"vsock:CID\", \"vsock:CID:PORT\", \"hybrid:/path\" or "
        + "\"hybrid:PORT:/path\""

    /// A guest's context: 0 to 2 and the highest number are nobody's.
    public static func guestCID(_ text: String) -> UInt32? {
        guard let cid = UInt32(text), cid > 2, cid < .max else { return nil }
        return cid
    }

    /// A port.
    public static func port(_ text: String) -> UInt32? {
        guard let port = UInt32(text), port > 0, port < .max else { return nil }
        return port
    }

    /// The path of its unix socket, where it has one.
    public var path: String? {
        switch self {
        case .serial(let path), .hybrid(let path, _): path
        case .vsock: nil
        }
    }

    /// Whether both lead to the same agent, by whatever path.
    public func isSame(as other: AgentAddress) -> Bool {
        switch (self, other) {
        case (.serial(let one), .serial(let another)): Self.real(one) == Self.real(another)
        case (.hybrid(let one, let port), .hybrid(let another, let otherPort)):
            port == otherPort && Self.real(one) == Self.real(another)
        default: self == other
        }
    }

    private static func real(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// As ``init(_:)`` reads it.
    public var description: String {
        switch self {
        case .serial(let path): path
        case .vsock(nil, Self.usualPort): "vsock"
        case .vsock(let cid, let port):
            "vsock:\(cid.map(String.init) ?? "")" + (port == Self.usualPort ? "" : ":\(port)")
        case .hybrid(let path, Self.usualPort): "hybrid:\(path)"
        case .hybrid(let path, let port): "hybrid:\(port):\(path)"
        }
    }
}
