/// The paths of the API, for the client and the server alike.
public enum APIRoute {
    /// Where the daemon listens unless its policy says otherwise.
    public static let defaultSocketPath = "/run/ballast/host.sock"
    /// The longest that `GET /v1/events` waits, in seconds.
    public static let longestWaitSeconds = 60
    /// The most events of one answer.
    public static let mostEvents = 1000
    /// The largest body of a request, in bytes.
    public static let largestRequestBytes = 64 << 10

    /// `GET`: the daemon itself.
    public static let status = "/v1/status"
    /// `GET`: all VMs.
    public static let vms = "/v1/vms"
    /// `POST`: gives everything back.
    public static let releaseAll = "/v1/release"
    /// `POST`: kill switch on.
    public static let pause = "/v1/pause"
    /// `POST`: kill switch off.
    public static let resume = "/v1/resume"
    /// `GET` with `since`, `wait` (seconds) and `limit`: events.
    public static let events = "/v1/events"

    /// `GET`: one VM.
    public static func vm(_ name: String) -> String { vms + "/" + escape(name) }
    /// `PUT`: its target.
    public static func target(_ name: String) -> String { vm(name) + "/target" }
    /// `POST`: gives it everything back.
    public static func release(_ name: String) -> String { vm(name) + "/release" }
    /// `GET`: what the guest says; `PUT` on `policy`: changes its policies.
    public static func guest(_ name: String, _ topic: GuestTopic) -> String { vm(name) + "/guest/\(topic.rawValue)" }

    /// Percent-encodes what may not stand in a path segment.
    static func escape(_ name: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a path segment that may be percent-encoded; nil where the encoding is broken.
    public static func unescape(_ segment: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
