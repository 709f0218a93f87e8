import Glibc
import Linux
import SystemPackage
import Testing

@Suite("Processes: spawning, descriptors, signals, rights")
struct ProcessTests {
    @Test("A child finds exactly the descriptors it was given, at their numbers")
    func descriptors() throws {
        let (ours, theirs) = try UnixSocket.pair(.stream)
        let (other, otherTheirs) = try UnixSocket.pair(.stream)
        // The targets cross the sources on purpose.
        let child = try ChildProcess.spawn(
            executable: "/bin/sh",
            arguments: [
                "sh", "-c", "for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n >&5; done; echo $0 >&3",
            ],
            descriptors: [(theirs.descriptor, 5), (otherTheirs.descriptor, 3)])
        theirs.close()
        otherTheirs.close()
        let process = try ProcessDescriptor(processID: child)
        #expect(try process.wait(blocking: true) == .exited(0))
        let numbers = Set(try text(ours).split(separator: "\n").compactMap { Int($0) })
        #expect(numbers == [3, 5])
        #expect(try text(other) == "sh\n")
    }

    @Test("A pidfd signals, waits and takes descriptors")
    func pidfd() throws {
        let (ours, theirs) = try UnixSocket.pair(.sequentialPacket)
        let child = try ChildProcess.spawn(
            executable: "/bin/sleep", arguments: ["sleep", "100"], descriptors: [(theirs.descriptor, 3)])
        theirs.close()
        let process = try ProcessDescriptor(processID: child)
        #expect(process.isRunning)
        #expect(try process.wait() == nil)
        let taken = try process.takeDescriptor(3)
        let word: [UInt8] = [1, 2, 3]
        #expect(
            try unsafe word.withUnsafeBytes { try unsafe ByteChannel.send(taken.descriptor, from: $0) } == .bytes(3))
        var answer = [UInt8](repeating: 0, count: 16)
        let outcome = try unsafe answer.withUnsafeMutableBytes {
            try unsafe ByteChannel.receive(ours.descriptor, into: $0)
        }
        #expect(outcome == .bytes(3))
        try process.signal(SIGKILL)
        _ = try? process.releaseMemory()
        #expect(try process.wait(blocking: true) == .killed(SIGKILL))
        #expect(!process.isRunning)
        try process.signal(SIGKILL)
        #expect(try process.releaseMemory() == false)
    }

    @Test("A program that does not exist is an error that names it")
    func missing() throws {
        let error = try #require(throws: LinuxError.self) {
            try ChildProcess.spawn(executable: "/nowhere/at-all", arguments: ["x"])
        }
        #expect(error.code == .notFound)
        #expect(error.description.contains("/nowhere/at-all"))
    }

    @Test("The OOM score of another process can be raised and is read back")
    func score() throws {
        let child = try ChildProcess.spawn(executable: "/bin/sleep", arguments: ["sleep", "100"])
        let process = try ProcessDescriptor(processID: child)
        try ProcessSettings.setOOMScoreAdjustment(1000, processID: child)
        #expect(try ProcessSettings.oomScoreAdjustment(processID: child) == 1000)
        try process.signal(SIGKILL)
        _ = try process.wait(blocking: true)
    }

    @Test("Random bytes differ")
    func random() throws {
        #expect(try RandomBytes.make(16) != RandomBytes.make(16))
        #expect(try RandomBytes.nonZero() != RandomBytes.nonZero())
    }

    private func text(_ socket: OwnedDescriptor) throws -> String {
        var all: [UInt8] = []
        while true {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let outcome = try unsafe chunk.withUnsafeMutableBytes {
                try unsafe ByteChannel.read(socket.descriptor, into: $0)
            }
            guard case .bytes(let count) = outcome else { return String(decoding: all, as: UTF8.self) }
            all += chunk[..<count]
        }
    }
}
