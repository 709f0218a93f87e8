/// Host (or observer, or local administrator) to agent.
public struct ToGuest: WireMessage {
    /// What is said; at most one.
    public enum Message: Sendable, Hashable {
        /// `hello`, field 2.
        case hello(Hello)
        /// `set_target`, field 3.
        case setTarget(SetTarget)
        /// `offer_result`, field 4.
        case offerResult(OfferResult)
        /// `query`, field 5.
        case query(Query)
        /// `set_policy`, field 6.
        case setPolicy(SetPolicy)
        /// `release`, field 7.
        case release(Release)
        /// `reoffer`, field 8.
        case reoffer(Reoffer)
        /// `goodbye`, field 9.
        case goodbye(Goodbye)
        /// Since: 0.2.
        case hold(Hold)
    }

    /// Chosen by the sender, echoed as ToHost.in_reply_to; 0 asks for no correlation.
    public var request: UInt64 = 0
    /// What is said; nil where the peer said something unknown to this version.
    public var message: Message?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        request: UInt64 = 0,
        message: Message? = nil
    ) {
        self.request = request
        self.message = message
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, request)
        switch message {
        case .hello(let value): writer.message(2, value)
        case .setTarget(let value): writer.message(3, value)
        case .offerResult(let value): writer.message(4, value)
        case .query(let value): writer.message(5, value)
        case .setPolicy(let value): writer.message(6, value)
        case .release(let value): writer.message(7, value)
        case .reoffer(let value): writer.message(8, value)
        case .goodbye(let value): writer.message(9, value)
        case .hold(let value): writer.message(10, value)
        case nil: break
        }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: request = try reader.uint64()
        case 2:
            var value = Hello()
            if case .hello(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .hello(value)
        case 3:
            var value = SetTarget()
            if case .setTarget(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .setTarget(value)
        case 4:
            var value = OfferResult()
            if case .offerResult(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .offerResult(value)
        case 5:
            var value = Query()
            if case .query(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .query(value)
        case 6:
            var value = SetPolicy()
            if case .setPolicy(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .setPolicy(value)
        case 7:
            var value = Release()
            if case .release(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .release(value)
        case 8:
            var value = Reoffer()
            if case .reoffer(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .reoffer(value)
        case 9:
            var value = Goodbye()
            if case .goodbye(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .goodbye(value)
        case 10:
            var value = Hold()
            if case .hold(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .hold(value)
        default: return false
        }
        return true
    }
}
