/// Every sensor, with whether it works here and why not. Nothing is opened until somebody asks.
public struct SensorCatalog: Sendable {
    /// Whether a sensor works here.
    public struct Availability: Sendable, Hashable {
        /// Whether it works.
        public var isAvailable: Bool
        /// What it uses, or why it does not work and what may help; one line.
        public var detail: String

        /// It works.
        public static func available(_ detail: String = "") -> Availability {
            Availability(isAvailable: true, detail: detail)
        }

        /// It does not work.
        public static func missing(_ detail: String) -> Availability {
            Availability(isAvailable: false, detail: detail)
        }

        /// What a sensor's first reading told.
        public init(isAvailable: Bool, detail: String) {
            self.isAvailable = isAvailable
            self.detail = detail
        }
    }

    /// One sensor.
    public struct Entry: Sendable {
        /// Its name: lower case, with hyphens.
        public var name: String
        /// Looks whether it works.
        public var check: @Sendable (SensorRoots) -> Availability

        /// A sensor and the look whether it works.
        public init(_ name: String, check: @escaping @Sendable (SensorRoots) -> Availability) {
            self.name = name
            self.check = check
        }
    }

    /// What a look found.
    public struct State: Sendable, Hashable {
        /// The sensor's name.
        public var name: String
        /// Whether it works here.
        public var isAvailable: Bool
        /// What it uses, or why it does not work; one line.
        public var detail: String
    }

    /// The sensors, in the order in which they are told. Others append theirs.
    public var entries: [Entry]

    /// A catalogue of these sensors.
    public init(entries: [Entry] = []) { self.entries = entries }

    /// Looks at every sensor.
    public func states(_ roots: SensorRoots = SensorRoots()) -> [State] {
        entries.map { entry in
            let found = entry.check(roots)
            return State(name: entry.name, isAvailable: found.isAvailable, detail: found.detail)
        }
    }
}
