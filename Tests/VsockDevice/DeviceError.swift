/// What ends a session with the VMM, or the program.
struct DeviceError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
