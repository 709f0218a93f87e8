/// Whose balloon is measured.
enum Contender: String, CaseIterable, CustomStringConvertible {
    /// Ballast's agent balloon.
    case agent
    /// QEMU's virtio-balloon device.
    case device

    /// The name of the device as a peer in the results.
    static let peer = "virtio-balloon"

    var description: String { self == .agent ? "Ballast" : Self.peer }

    /// Both, in an order that alternates, so that neither always finds what the other left.
    static func order(_ repetition: Int) -> [Contender] {
        repetition.isMultiple(of: 2) ? [.agent, .device] : [.device, .agent]
    }
}
