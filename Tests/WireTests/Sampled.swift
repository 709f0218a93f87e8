import Wire

/// A message type that the tests can make at random.
protocol Sampled: WireMessage {
    /// Its name in the schema, with the names around it.
    static var schemaName: String { get }
    static func sample(_ dice: inout Dice) -> Self
}

extension Sampled {
    static var schemaName: String { "\(Self.self)" }
}

extension WireEnum {
    static func sample(_ dice: inout Dice) -> Self { Self(rawValue: dice.enumNumber()) }
}

/// Every message type of the schema.
let everyMessage: [any Sampled.Type] = [
    ToGuest.self, ToHost.self, Hello.self, HelloReply.self, SetTarget.self, TargetAnswer.self, Offer.self,
    OfferResult.self, Inventory.self, Released.self, Reoffer.self, Query.self, Report.self, MemoryReport.self,
    NodeMemory.self, PressureReport.self, PressureReport.Stall.self, BalloonReport.self, NodeBalloon.self,
    PolicyState.self, SetPolicy.self, Release.self, ReleaseAnswer.self, Goodbye.self, Event.self, Failure.self,
    Hold.self, HoldState.self, Ask.self, PriceList.self, Price.self, WorkingSetReport.self, IdleBucket.self,
    TopReport.self, Consumer.self, Leak.self, SensorList.self, SensorState.self,
]

/// Every enumeration of the schema with a message text that holds a value of it: type, message and field.
let everyEnum: [(type: any WireEnum.Type, message: any Sampled.Type, field: String)] = [
    (Role.self, Hello.self, "role"),
    (DeflateOnOom.self, PolicyState.self, "deflate_on_oom"),
    (Reason.self, Released.self, "reason"),
    (TargetAnswer.Outcome.self, TargetAnswer.self, "outcome"),
    (OfferResult.Status.self, OfferResult.self, "status"),
    (Query.Topic.self, Query.self, "topics"),
    (Event.Kind.self, Event.self, "kind"),
    (Failure.Code.self, Failure.self, "code"),
    (OnControllerLoss.self, PolicyState.self, "on_controller_loss"),
    (Price.Class.self, Price.self, "class"),
    (WorkingSetReport.Method.self, WorkingSetReport.self, "method"),
    (WorkingSetReport.Confidence.self, WorkingSetReport.self, "confidence"),
]
