import Glibc

/// Starts a detached thread that runs `body` once.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    precondition(code == 0, "no thread can be started: \(code)")
    pthread_detach(thread)
}

/// Runs blocking work on a thread of its own, so that the pool of Swift's concurrency never starves.
public func offThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        startThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
}

/// Asks again and again until the answer is true; throws with `what` when it never is.
public func eventually(
    _ what: String, within timeout: Duration = .seconds(180), every pause: Duration = .milliseconds(100),
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    while true {
        if try await body() { return }
        if clock.now > deadline { throw KitError("not within \(timeout): \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// The thread that starts every program. A program bound to its parent dies with the *thread* that started it, so that
/// thread has to last as long as the process.
enum Spawner {
    private static let queue: Monitor<[@Sendable () -> Void]> = {
        let queue = Monitor<[@Sendable () -> Void]>([])
        startThread {
            while true {
                let work = queue.wait(.seconds(3600)) { $0.isEmpty ? nil : $0.removeFirst() }
                work?()
            }
        }
        return queue
    }()

    /// Runs `body` on that thread and waits for its answer.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
        let answer = Monitor<Result?>(nil)
        queue.with { $0.append { answer.with { $0 = body() } } }
        while true {
            if let result = answer.wait(.seconds(60), { $0 }) { return result }
        }
    }
}
