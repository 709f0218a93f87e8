/// `ballastctl events`: one line an event.
public enum EventText {
    /// The line for people.
    public static func line(_ event: HostEvent) -> String {
        let place = event.vm.map { " [\($0)]" } ?? ""
        return Terminal.clean("\(event.time) \(event.id)\(place) \(event.kind.rawValue): \(event.message)")
    }
}
