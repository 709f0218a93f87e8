/// What the agent does with its balloon when no controller has been connected for a while.
public struct OnControllerLoss: WireEnum {
    /// The number on the wire.
    public let rawValue: Int32

    /// Any number is kept, so that a newer peer's value survives.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Not given.
    public static let unspecified = OnControllerLoss(rawValue: 0)
    /// The balloon stays as it is.
    public static let holdBalloon = OnControllerLoss(rawValue: 1)
    /// Everything is released when a time has passed without a controller.
    public static let releaseAfter = OnControllerLoss(rawValue: 2)

    /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
    public static let names: [Int32: StaticString] = [
        0: "unspecified",
        1: "hold",
        2: "release-after",
    ]
}
