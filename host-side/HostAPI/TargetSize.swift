/// The memory that a guest shall keep, as an administrator names it. In JSON `{"bytes": 1073741824}` or
/// `{"percent": 50}`.
public enum TargetSize: Sendable, Equatable {
    /// A number of bytes.
    case bytes(UInt64)
    /// A share of the VM's full size, 0 ... 100.
    case percent(Double)

    /// Reads `512M`, `1.5GiB` or `50%`.
    public init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let value = Double(text.dropLast()), value.isFinite, (0...100).contains(value) else { return nil }
            self = .percent(value)
        } else if let bytes = ByteSize.parse(text) {
            self = .bytes(bytes)
        } else {
            return nil
        }
    }

    /// The target in bytes of a VM of the given full size; nil where the percentage is outside 0 ... 100.
    public func bytes(of maximum: UInt64) -> UInt64? {
        switch self {
        case .bytes(let bytes):
            return bytes
        case .percent(let percent):
            guard percent.isFinite, (0...100).contains(percent) else { return nil }
            if percent == 100 { return maximum }
            return min(maximum, UInt64(exactly: (Double(maximum) * percent / 100).rounded(.down)) ?? maximum)
        }
    }
}

extension TargetSize: Codable {
    private enum CodingKeys: String, CodingKey {
        case bytes, percent
    }

    /// Reads exactly one of `bytes` and `percent`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let bytes = try container.decodeIfPresent(UInt64.self, forKey: .bytes)
        let percent = try container.decodeIfPresent(Double.self, forKey: .percent)
        switch (bytes, percent) {
        case (let bytes?, nil):
            self = .bytes(bytes)
        case (nil, let percent?) where percent.isFinite && (0...100).contains(percent):
            self = .percent(percent)
        default:
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: container.codingPath,
                    debugDescription: "a target is either {\"bytes\": N} or {\"percent\": 0 ... 100}"))
        }
    }

    /// Writes the one key that is set.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .bytes(let bytes): try container.encode(bytes, forKey: .bytes)
        case .percent(let percent): try container.encode(percent, forKey: .percent)
        }
    }
}
