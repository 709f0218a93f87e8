/// Agent to its peer.
public struct ToHost: WireMessage {
    /// What is said; at most one.
    public enum Message: Sendable, Hashable {
        /// `hello_reply`, field 2.
        case helloReply(HelloReply)
        /// `inventory`, field 3.
        case inventory(Inventory)
        /// `offer`, field 4.
        case offer(Offer)
        /// `released`, field 5.
        case released(Released)
        /// `report`, field 6.
        case report(Report)
        /// `target_answer`, field 7.
        case targetAnswer(TargetAnswer)
        /// `policy_state`, field 8.
        case policyState(PolicyState)
        /// `event`, field 9.
        case event(Event)
        /// `failure`, field 10.
        case failure(Failure)
        /// `release_answer`, field 11.
        case releaseAnswer(ReleaseAnswer)
        /// Since: 0.2.
        case holdState(HoldState)
        /// `ask`, field 13.
        case ask(Ask)
    }

    /// The ToGuest.request that this answers; 0 where the agent speaks first.
    public var inReplyTo: UInt64 = 0
    /// What is said; nil where the peer said something unknown to this version.
    public var message: Message?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        inReplyTo: UInt64 = 0,
        message: Message? = nil
    ) {
        self.inReplyTo = inReplyTo
        self.message = message
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, inReplyTo)
        switch message {
        case .helloReply(let value): writer.message(2, value)
        case .inventory(let value): writer.message(3, value)
        case .offer(let value): writer.message(4, value)
        case .released(let value): writer.message(5, value)
        case .report(let value): writer.message(6, value)
        case .targetAnswer(let value): writer.message(7, value)
        case .policyState(let value): writer.message(8, value)
        case .event(let value): writer.message(9, value)
        case .failure(let value): writer.message(10, value)
        case .releaseAnswer(let value): writer.message(11, value)
        case .holdState(let value): writer.message(12, value)
        case .ask(let value): writer.message(13, value)
        case nil: break
        }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: inReplyTo = try reader.uint64()
        case 2:
            var value = HelloReply()
            if case .helloReply(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .helloReply(value)
        case 3:
            var value = Inventory()
            if case .inventory(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .inventory(value)
        case 4:
            var value = Offer()
            if case .offer(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .offer(value)
        case 5:
            var value = Released()
            if case .released(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .released(value)
        case 6:
            var value = Report()
            if case .report(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .report(value)
        case 7:
            var value = TargetAnswer()
            if case .targetAnswer(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .targetAnswer(value)
        case 8:
            var value = PolicyState()
            if case .policyState(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .policyState(value)
        case 9:
            var value = Event()
            if case .event(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .event(value)
        case 10:
            var value = Failure()
            if case .failure(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .failure(value)
        case 11:
            var value = ReleaseAnswer()
            if case .releaseAnswer(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .releaseAnswer(value)
        case 12:
            var value = HoldState()
            if case .holdState(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .holdState(value)
        case 13:
            var value = Ask()
            if case .ask(let earlier) = message { value = earlier }
            message = nil
            try reader.message(into: &value)
            message = .ask(value)
        default: return false
        }
        return true
    }
}
