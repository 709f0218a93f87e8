/// What QEMU says of itself when a client connects.
public struct QMPGreeting: Sendable, Equatable {
    /// QEMU's major version, 0 where it is not told.
    public let major: Int64
    /// QEMU's minor version.
    public let minor: Int64
    /// QEMU's micro version.
    public let micro: Int64
    /// The distribution's own version text, often empty.
    public let package: String
    /// What the monitor offers, such as `oob`.
    public let capabilities: [String]

    init(_ value: JSONValue) {
        let version = value["version"]
        major = version?["qemu"]?["major"]?.int64Value ?? 0
        minor = version?["qemu"]?["minor"]?.int64Value ?? 0
        micro = version?["qemu"]?["micro"]?.int64Value ?? 0
        package = version?["package"]?.stringValue ?? ""
        capabilities = value["capabilities"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// The version as `7.2.22`.
    public var version: String { "\(major).\(minor).\(micro)" }
}
