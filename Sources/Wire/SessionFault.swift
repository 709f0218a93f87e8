/// Why a session ended.
public enum SessionFault: Error, Sendable, Hashable {
    /// The stream carried something that is no frame.
    case frame(FrameFault)
    /// A frame's payload is no message.
    case malformed(ProtobufError)
    /// A message out of order.
    case unexpected(String)
    /// No echo, or no answer to Hello, in time.
    case noAnswer
    /// The agent answered Hello with a refusal.
    case refused(Failure)
    /// More messages than the rate limit allows.
    case flooding
    /// A message is longer than a frame may be.
    case tooLong
    /// The stream ended.
    case closed
    /// Another session took this one's place.
    case replaced

    /// A stable short name for counters.
    public var code: String {
        switch self {
        case .frame(let fault): fault.rawValue
        case .malformed: "malformed-message"
        case .unexpected: "unexpected-message"
        case .noAnswer: "no-answer"
        case .refused: "refused"
        case .flooding: "flooding"
        case .tooLong: "message-too-long"
        case .closed: "closed"
        case .replaced: "replaced"
        }
    }
}
