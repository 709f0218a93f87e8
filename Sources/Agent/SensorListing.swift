import Sensors
import Wire

/// What can be sensed in this guest, as a table or as JSON.
enum SensorListing {
    /// Prints the sensors; returns the exit status.
    static func run(_ configuration: AgentConfiguration, json: Bool) -> Int32 {
        let sensors = states(configuration)
        print(json ? String(decoding: document(sensors).indented, as: UTF8.self) : table(sensors), terminator: "")
        return 0
    }

    /// A line a sensor, in columns.
    static func table(_ sensors: [SensorState]) -> String {
        let width = sensors.map(\.name.unicodeScalars.count).max() ?? 0
        return sensors.map { sensor in
            let blanks = String(repeating: " ", count: width - sensor.name.unicodeScalars.count)
            let detail = sensor.detail.isEmpty ? "" : "  \(plain(sensor.detail))"
            return "\(sensor.name)\(blanks)  \(sensor.available ? "yes" : "no ")\(detail)\n"
        }.joined()
    }

    /// `{"sensors": [{"name", "available", "detail"}]}`.
    static func document(_ sensors: [SensorState]) -> JSONValue {
        .object([
            .init(
                "sensors",
                .array(
                    sensors.map { sensor in
                        .object([
                            .init("name", .string(sensor.name)), .init("available", .boolean(sensor.available)),
                            .init("detail", .string(sensor.detail)),
                        ])
                    }))
        ])
    }

    private static func states(_ configuration: AgentConfiguration) -> [SensorState] {
        Senses(roots: SensorRoots(), configuration: configuration).list().sensors
    }

    /// On one line, for a terminal.
    private static func plain(_ text: String) -> String {
        var plain = ""
        for scalar in text.unicodeScalars {
            plain.unicodeScalars.append(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "?" : scalar)
        }
        return plain
    }
}
