/// `ballastctl events`: one line an event.
public enum EventText {
    /// The line for people.
    public static func line(_ event: HostEvent) -> String {
        let place = event.vm.map { " [\($0)]" } ?? ""
        return Terminal.clean("\(event.time) \(event.id)\(place) \(event.kind.rawValue): \(event.message)")
    }

    /// The line for people, of an event that an agent told without the daemon.
    public static func line(_ event: GuestEvent) -> String {
        let reason = event.reason.map { " (\($0))" } ?? ""
        let bytes = event.bytes.map { ", " + ByteSize.format($0) } ?? ""
        return Terminal.clean("\(event.time) \(event.kind): \(event.message)\(reason)\(bytes)")
    }
}
