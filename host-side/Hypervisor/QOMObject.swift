/// A child in QEMU's object tree.
public struct QOMObject: Sendable, Hashable {
    /// Its path, such as `/machine/peripheral/balloon0`.
    public let path: String
    /// Its type, such as `virtio-balloon-pci`.
    public let type: String

    /// An object with its parts.
    public init(path: String, type: String) {
        self.path = path
        self.type = type
    }

    /// The children in an answer of `qom-list path`.
    static func children(of path: String, in answer: JSONValue) throws(QMPError) -> [QOMObject] {
        guard let properties = answer.arrayValue else { throw .unexpected("qom-list", answer) }
        return properties.compactMap { property in
            guard let name = property["name"]?.stringValue, let type = property["type"]?.stringValue,
                type.hasPrefix("child<"), type.hasSuffix(">")
            else { return nil }
            return QOMObject(path: "\(path)/\(name)", type: String(type.dropFirst(6).dropLast()))
        }
    }
}
