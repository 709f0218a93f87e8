/// When the balloon yields without being asked.
public struct DeflateOnOom: WireEnum {
    /// The number on the wire.
    public let rawValue: Int32

    /// Any number is kept, so that a newer peer's value survives.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Not given.
    public static let unspecified = DeflateOnOom(rawValue: 0)
    /// Only the host's target or an administrator releases; holders are shielded from the OOM killer.
    public static let off = DeflateOnOom(rawValue: 1)
    /// Below the headroom watermark and after an OOM kill everything is released; holders are the OOM killer's first
    /// victims.
    public static let oom = DeflateOnOom(rawValue: 2)
    /// As OOM, and in steps under memory pressure (PSI).
    public static let pressure = DeflateOnOom(rawValue: 3)

    /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
    public static let names: [Int32: StaticString] = [
        0: "unspecified",
        1: "off",
        2: "oom",
        3: "pressure",
    ]
}
