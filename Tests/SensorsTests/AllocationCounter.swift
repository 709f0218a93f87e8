import Glibc

/// Counts the Swift objects (arrays, strings, boxes, closures, classes) that a piece of code allocates: the runtime
/// calls every such allocation through a function pointer that instruments may replace. It is replaced in a forked
/// child, since the tests that run beside this one must not see it.
enum AllocationCounter {
    private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?
    private typealias Fork = @convention(c) () -> pid_t

    private nonisolated(unsafe) static var original: Allocate?
    private nonisolated(unsafe) static var count = 0

    /// Objects allocated while the body runs, at most 250; nil where that cannot be counted or the body says that it
    /// failed.
    static func objects(_ body: () -> Bool) -> Int? {
        guard let symbol = dlsym(nil, "_swift_allocObject"), let forking = dlsym(nil, "fork") else { return nil }
        let slot = symbol.assumingMemoryBound(to: Allocate?.self)
        let fork = unsafeBitCast(forking, to: Fork.self)
        original = slot.pointee
        count = 0
        guard original != nil else { return nil }
        let child = fork()
        if child == 0 {
            slot.pointee = { metadata, size, alignment in
                AllocationCounter.count += 1
                return AllocationCounter.original?(metadata, size, alignment)
            }
            let succeeded = body()
            slot.pointee = original
            _exit(succeeded ? Int32(min(count, 250)) : 255)
        }
        var status: Int32 = 0
        guard child > 0, waitpid(child, &status, 0) == child, status & 0x7F == 0 else { return nil }
        let code = Int(status >> 8 & 0xFF)
        return code == 255 ? nil : code
    }
}
