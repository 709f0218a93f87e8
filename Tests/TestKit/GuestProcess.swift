/// A program that runs in the guest.
public struct GuestProcess: Sendable {
    let guest: Guest
    /// Its process id in the guest.
    public let pid: Int32
    let path: String

    /// What it printed so far.
    public func log() async throws -> String {
        try await guest.sh("cat \(path).log")
    }

    /// Its exit code (128 + signal); nil while it runs.
    public func exitCode() async throws -> Int32? {
        Int32(try await guest.run("cat \(path).exit 2>/dev/null").text.filter(\.isNumber))
    }

    /// Sends a signal by name or number, such as `KILL`.
    public func signal(_ name: String) async throws {
        _ = try await guest.run("kill -\(name) \(pid)")
    }

    /// Waits for its end and returns its exit code.
    @discardableResult
    public func wait(timeout: Duration = .seconds(300)) async throws -> Int32 {
        let output = try await guest.run(
            "until [ -e \(path).exit ]; do sleep 0.05; done; cat \(path).exit", timeout: timeout)
        guard let code = Int32(output.text.filter(\.isNumber)) else { throw KitError("no exit code: \(output)") }
        return code
    }
}
