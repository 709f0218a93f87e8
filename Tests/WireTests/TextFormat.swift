import Wire

/// Writes any message in protobuf's text format by reflection, so that it shares no code with the codec.
enum TextFormat {
    static func text(_ message: any WireMessage) -> String {
        var out = ""
        for child in Mirror(reflecting: message).children { append(child.label ?? "?", child.value, to: &out) }
        return out
    }

    private static func append(_ label: String, _ value: Any, to out: inout String) {
        let name = snake(label)
        // An empty array can be cast to an array of anything.
        if let elements = value as? [Any], elements.isEmpty { return }
        switch value {
        case let value as UInt64: out += "\(name): \(value)\n"
        case let value as UInt32: out += "\(name): \(value)\n"
        case let value as Bool: out += "\(name): \(value)\n"
        case let value as String: out += "\(name): \"\(escape(Array(value.utf8)))\"\n"
        case let value as [UInt8]: out += "\(name): \"\(escape(value))\"\n"
        case let value as [UInt64]: out += "\(name): [\(value.map(String.init).joined(separator: ", "))]\n"
        case let value as any WireEnum: out += "\(name): \(value.rawValue)\n"
        case let value as any WireMessage: out += "\(name) {\n\(text(value))}\n"
        default:
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .optional: mirror.children.forEach { append(label, $0.value, to: &out) }
            case .collection: mirror.children.forEach { append(label, $0.value, to: &out) }
            // The choice of a oneof.
            case .enum: mirror.children.forEach { append($0.label ?? "?", $0.value, to: &out) }
            default: out += "\(name): unexpected-\(type(of: value))\n"
            }
        }
    }

    /// `average10Seconds` to `average_10_seconds`.
    static func snake(_ name: String) -> String {
        var out = ""
        var afterDigit = false
        for letter in name {
            if letter.isUppercase || (letter.isNumber && !afterDigit) { out += "_" }
            afterDigit = letter.isNumber
            out += letter.lowercased()
        }
        return out
    }

    private static func escape(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: out.append(byte)
            default:
                out += [0x5C, 0x30 + (byte >> 6), 0x30 + ((byte >> 3) & 7), 0x30 + (byte & 7)]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
