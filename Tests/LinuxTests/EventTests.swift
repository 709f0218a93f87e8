import Glibc
import Linux
import SystemPackage
import Testing

@Suite("Events: epoll, timers, counters, signals")
struct EventTests {
    @Test("A timer, a counter and a socket wake one epoll, each with its token")
    func wakes() throws {
        let epoll = try Epoll(capacity: 8)
        let timer = try TimerFD()
        let counter = try EventFD()
        let (left, right) = try UnixSocket.pair(.stream)
        try epoll.add(timer.descriptor, for: .readable, token: 1)
        try epoll.add(counter.descriptor, for: .readable, token: .max)
        try epoll.add(left.descriptor, for: [.readable, .peerClosed], token: 3)
        #expect(try epoll.wait(milliseconds: 0) == 0)

        try timer.arm(after: 1_000_000)
        #expect(try epoll.wait(milliseconds: 2000) == 1)
        #expect(epoll[0].token == 1)
        #expect(try timer.drain() == 1)
        #expect(try timer.drain() == 0)

        counter.signal()
        counter.signal()
        #expect(try epoll.wait(milliseconds: 2000) == 1)
        #expect(epoll[0].token == .max)
        #expect(try counter.drain() == 2)

        // Not close: a process that is being started beside us may hold a copy for a moment.
        #expect(shutdown(right.rawValue, Int32(SHUT_RDWR)) == 0)
        #expect(try epoll.wait(milliseconds: 2000) == 1)
        #expect(epoll[0].token == 3)
        #expect(epoll[0].readiness.contains(.hangUp))
        epoll.remove(left.descriptor)
        epoll.remove(left.descriptor)
        #expect(try epoll.wait(milliseconds: 0) == 0)
    }

    @Test("An interval timer fires again until it is disarmed")
    func interval() throws {
        let timer = try TimerFD(clock: .boottime)
        try timer.arm(after: 1_000_000, every: 1_000_000)
        usleep(20_000)
        #expect(try timer.drain() > 3)
        try timer.disarm()
        _ = try timer.drain()
        usleep(5_000)
        #expect(try timer.drain() == 0)
    }

    @Test("A blocked signal arrives as an event")
    func signals() throws {
        let signals = try SignalFD([SIGUSR2])
        #expect(try signals.next() == nil)
        // To this thread alone: the others of the test runner do not block it.
        #expect(pthread_kill(pthread_self(), SIGUSR2) == 0)
        #expect(try signals.next() == SIGUSR2)
        #expect(try signals.next() == nil)
    }

    @Test("Clocks run forward, in nanoseconds")
    func clocks() {
        let before = MonotonicClock.now()
        usleep(2000)
        let passed = MonotonicClock.now() - before
        #expect(passed >= 2_000_000)
        #expect(BoottimeClock.now() >= before)
    }

    @Test("A descriptor is closed once; what is closed is refused with its cause")
    func ownedDescriptor() throws {
        let (left, right) = try UnixSocket.pair(.stream)
        let copy = try left.duplicate()
        left.close()
        left.close()
        #expect(!left.isOpen)
        let error = try #require(throws: LinuxError.self) { try left.duplicate() }
        #expect(error.errno == .badFileDescriptor)
        #expect(error.description.contains("duplicating descriptor -1"))
        let given = copy.release()
        #expect(fcntl(given.rawValue, F_GETFD) >= 0)
        close(given.rawValue)
        right.close()
    }
}
