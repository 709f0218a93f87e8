/// One call of varlink (https://varlink.org): a JSON object with a NUL behind it.
struct VarlinkCall: Sendable, Equatable {
    /// `interface.Method`.
    let method: String
    /// The call's parameters; an empty object where there are none.
    let parameters: JSONValue
    /// Whether the caller wants no reply.
    let oneway: Bool

    /// The call that `bytes` are, without the NUL; nil where they are none.
    init?(_ bytes: some Sequence<UInt8>) {
        guard let value = try? JSONReader.read(bytes), case .object = value,
            case .string(let method)? = value["method"]
        else { return nil }
        switch value["parameters"] {
        case nil, .null?: parameters = .object([])
        case .object(let members)?: parameters = .object(members)
        default: return nil
        }
        self.method = method
        oneway = value["oneway"] == .boolean(true)
    }

    /// The interface that the method belongs to: everything before the last dot.
    var interface: String {
        guard let dot = method.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(method[..<dot])
    }

    /// A reply with its NUL.
    static func reply(_ parameters: [JSONValue.Member]) -> [UInt8] {
        JSONValue.object([.init("parameters", .object(parameters))]).compact + [0]
    }

    /// An error of the service interface, which names the culprit, with its NUL.
    static func error(_ name: String, _ culprit: JSONValue.Member) -> [UInt8] {
        JSONValue.object([
            .init("error", .string("org.varlink.service.\(name)")), .init("parameters", .object([culprit])),
        ]).compact + [0]
    }
}
