/// Why an agent could not be dialled.
struct AgentDialError: Error, CustomStringConvertible, Equatable {
    let description: String

    init(_ description: String) { self.description = description }
}
