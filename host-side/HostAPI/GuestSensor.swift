/// A sensor of a guest's agent.
public struct GuestSensor: Codable, Sendable, Equatable {
    /// Its name, such as `working-set-mglru`.
    public var name: String
    /// Whether it works in this guest.
    public var available: Bool
    /// Why not, where it does not; else what it reads.
    public var detail: String

    /// Makes a sensor.
    public init(name: String, available: Bool, detail: String) {
        self.name = name
        self.available = available
        self.detail = detail
    }
}
