/// One message from the QMP server.
public enum QMPMessage: Sendable, Equatable {
    /// The first message of a connection.
    case greeting(QMPGreeting)
    /// The success of a command.
    case success(id: UInt64?, value: JSONValue)
    /// The failure of a command. Without an id it answers something that QEMU could not read.
    case failure(id: UInt64?, errorClass: String, description: String)
    /// Something happened.
    case event(QMPEvent)

    /// The message that a decoded object stands for, or nil where it is none that QMP knows.
    public init?(_ value: JSONValue) {
        let id = value["id"]?.uint64Value
        if let name = value["event"]?.stringValue {
            self = .event(
                QMPEvent(
                    name: name, data: value["data"] ?? .null,
                    seconds: value["timestamp"]?["seconds"]?.int64Value ?? 0,
                    microseconds: value["timestamp"]?["microseconds"]?.int64Value ?? 0))
        } else if let result = value["return"] {
            self = .success(id: id, value: result)
        } else if let error = value["error"], let errorClass = error["class"]?.stringValue {
            self = .failure(id: id, errorClass: errorClass, description: error["desc"]?.stringValue ?? "")
        } else if let greeting = value["QMP"] {
            self = .greeting(QMPGreeting(greeting))
        } else {
            return nil
        }
    }
}
