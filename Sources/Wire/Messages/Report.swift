/// What the agent knows of the guest, as far as it was asked for; also sent on its own every stats-period, with what an
/// empty Query asks for.
public struct Report: WireMessage {
    /// CLOCK_BOOTTIME of the guest in milliseconds when the numbers were read.
    public var uptimeMilliseconds: UInt64 = 0
    /// `memory`, field 2.
    public var memory: MemoryReport?
    /// `pressure`, field 3.
    public var pressure: PressureReport?
    /// `balloon`, field 4.
    public var balloon: BalloonReport?
    /// `policy`, field 5.
    public var policy: PolicyState?
    /// Since: 0.2. What the guest can give, and at which cost.
    public var prices: PriceList?
    /// `working_set`, field 7.
    public var workingSet: WorkingSetReport?
    /// `top`, field 8.
    public var top: TopReport?
    /// `sensors`, field 9.
    public var sensors: SensorList?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        uptimeMilliseconds: UInt64 = 0,
        memory: MemoryReport? = nil,
        pressure: PressureReport? = nil,
        balloon: BalloonReport? = nil,
        policy: PolicyState? = nil,
        prices: PriceList? = nil,
        workingSet: WorkingSetReport? = nil,
        top: TopReport? = nil,
        sensors: SensorList? = nil
    ) {
        self.uptimeMilliseconds = uptimeMilliseconds
        self.memory = memory
        self.pressure = pressure
        self.balloon = balloon
        self.policy = policy
        self.prices = prices
        self.workingSet = workingSet
        self.top = top
        self.sensors = sensors
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, uptimeMilliseconds)
        if let memory { writer.message(2, memory) }
        if let pressure { writer.message(3, pressure) }
        if let balloon { writer.message(4, balloon) }
        if let policy { writer.message(5, policy) }
        if let prices { writer.message(6, prices) }
        if let workingSet { writer.message(7, workingSet) }
        if let top { writer.message(8, top) }
        if let sensors { writer.message(9, sensors) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: uptimeMilliseconds = try reader.uint64()
        case 2: try reader.message(into: &memory)
        case 3: try reader.message(into: &pressure)
        case 4: try reader.message(into: &balloon)
        case 5: try reader.message(into: &policy)
        case 6: try reader.message(into: &prices)
        case 7: try reader.message(into: &workingSet)
        case 8: try reader.message(into: &top)
        case 9: try reader.message(into: &sensors)
        default: return false
        }
        return true
    }
}
