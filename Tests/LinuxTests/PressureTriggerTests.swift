import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite("Pressure triggers")
struct PressureTriggerTests {
    @Test("The request carries its NUL, and stall and window are brought into bounds")
    func request() throws {
        #expect(PressureTrigger.request(.some, 150_000, 1_000_000) == Array("some 150000 1000000".utf8) + [0])
        let folder = TemporaryDirectory()
        // A plain file takes what a pressure file would.
        for (kind, stall, window, text) in [
            (.some, 150_000, 1_000_000, "some 150000 1000000"), (.full, 0, 1, "full 1 500000"),
            (.some, .max, .max, "some 10000000 10000000"),
        ] as [(PressureTrigger.Kind, UInt64, UInt64, String)] {
            folder.remove("memory.pressure")
            try folder.write("", to: "memory.pressure")
            let file = folder.path.appending("memory.pressure")
            let trigger = try PressureTrigger(file, kind, stallMicroseconds: stall, windowMicroseconds: window)
            #expect(try SmallFile.read(file) == Array(text.utf8) + [0])
            #expect("\(kind.rawValue) \(trigger.stallMicroseconds) \(trigger.windowMicroseconds)" == text)
            #expect(trigger.remark.isEmpty && trigger.kind == kind)
        }
    }

    @Test("A file that is not there is told as such")
    func missing() throws {
        let folder = TemporaryDirectory()
        let error = #expect(throws: LinuxError.self) {
            try PressureTrigger(
                folder.path.appending("memory.pressure"), stallMicroseconds: 1, windowMicroseconds: 2_000_000)
        }
        #expect(error?.code == .notFound)
        let none = #expect(throws: LinuxError.self) {
            try PressureTrigger("/proc/pressure/none", stallMicroseconds: 1, windowMicroseconds: 2_000_000)
        }
        #expect(none?.code == .unsupported)
        #expect(none?.description.contains("boot with psi=1") == true)
    }

    @Test("This machine's pressure is watched by epoll without waking, or there is a reason why not")
    func thisMachine() throws {
        let epoll = try Epoll()
        do throws(LinuxError) {
            // All of the longest window: nobody waits that long.
            let trigger = try PressureTrigger(
                "/proc/pressure/memory", .full, stallMicroseconds: 10_000_000, windowMicroseconds: 10_000_000)
            try epoll.add(trigger.descriptor, for: .priority, token: 7)
            #expect(try epoll.wait(milliseconds: 0) == 0)
            #expect(trigger.windowMicroseconds == 10_000_000)
            epoll.remove(trigger.descriptor)
            trigger.close()
            trigger.close()
        } catch {
            #expect(error.code == .unsupported || error.code == .permission)
            #expect(!error.remedy.isEmpty)
        }
    }
}
