/// Who set a policy.
public enum PolicySource: String, Sendable, Hashable, CaseIterable {
    /// The guest's configuration, or its default.
    case configuration
    /// The host's controller, at run time.
    case host
    /// The guest's administrator, at run time.
    case administrator

    /// Its name in a sentence.
    public var name: String {
        switch self {
        case .configuration: "the guest's configuration"
        case .host: "the host"
        case .administrator: "the guest's administrator"
        }
    }
}
