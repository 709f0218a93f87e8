/// What a session may do.
public struct Role: WireEnum {
    /// The number on the wire.
    public let rawValue: Int32

    /// Any number is kept, so that a newer peer's value survives.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Not given.
    public static let unspecified = Role(rawValue: 0)
    /// Sets targets and policies; one at a time in the whole agent.
    public static let controller = Role(rawValue: 1)
    /// Reads reports; any number.
    public static let observer = Role(rawValue: 2)
    /// The guest's own root over the local unix socket: policies within the configuration, hold, release; no targets.
    public static let localAdmin = Role(rawValue: 3)

    /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
    public static let names: [Int32: StaticString] = [
        0: "unspecified",
        1: "controller",
        2: "observer",
        3: "local-admin",
    ]
}
