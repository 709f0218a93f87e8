/// An open enumeration of the schema: unknown numbers are kept.
public protocol WireEnum: RawRepresentable, Sendable, Hashable, CustomStringConvertible where RawValue == Int32 {
    /// The value with this number.
    init(rawValue: Int32)
    /// Names of the known values.
    static var names: [Int32: StaticString] { get }
}

extension WireEnum {
    /// The value's name, lower case with hyphens, or its number where this version does not know it.
    public var name: String {
        Self.names[rawValue].map { "\($0)" } ?? "unknown-\(rawValue)"
    }

    /// The value's name.
    public var description: String { name }

    /// The value with this name.
    public init?(name: String) {
        guard let match = Self.names.first(where: { "\($0.value)" == name }) else { return nil }
        self.init(rawValue: match.key)
    }
}
