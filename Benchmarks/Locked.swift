import Synchronization

/// Something that is made for one thread, for one thread at a time; for what blocks and is called off the pool.
final class Locked<Value>: Sendable {
    private let value: Mutex<Value>

    init(_ value: consuming sending Value) { self.value = Mutex(value) }

    /// Runs `body` while nobody else does.
    func with<Result>(_ body: (inout sending Value) throws -> sending Result) rethrows -> sending Result {
        try value.withLock(body)
    }
}
