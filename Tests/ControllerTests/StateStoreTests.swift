import Controller
import HostAPI
import TestSupport
import Testing

@Suite("State store")
struct StateStoreTests {
    @Test("Targets, policies and the kill switch survive a restart")
    func survives() throws {
        let directory = try TemporaryDirectory()
        let time = Timestamp(milliseconds: 1000)
        do {
            let store = try StateStore(directory: directory.path)
            #expect(store.problems.isEmpty)
            #expect(!store.isPaused)
            try store.setTarget(1 << 30, of: "web1", at: time)
            try store.setTarget(.max, of: "VM_with_Odd.name", at: time)
            try store.setPolicy(.init(statsPeriodMilliseconds: 5000), of: "web1")
            try store.setPolicy(.init(deflateOnOom: .off), of: "web1")
            try store.setPaused(true, at: time)
            try store.setPaused(true, at: Timestamp(milliseconds: 2000))
        }
        do {
            let store = try StateStore(directory: directory.path)
            #expect(store.problems.isEmpty)
            #expect(store.isPaused)
            #expect(store.pausedSince == time)
            #expect(store.vm("web1").targetBytes == 1 << 30)
            #expect(store.vm("web1").targetSet == time)
            #expect(store.vm("web1").policy == .init(statsPeriodMilliseconds: 5000, deflateOnOom: .off))
            #expect(store.vm("VM_with_Odd.name").targetBytes == .max)
            #expect(store.vm("other") == StoredVM())
            try store.forgetTargets()
            try store.setPaused(false)
        }
        let store = try StateStore(directory: directory.path)
        #expect(store.vm("web1").targetBytes == nil)
        #expect(store.vm("web1").policy.deflateOnOom == .off)
        #expect(store.vms["VM_with_Odd.name"] == nil)
        #expect(store.pausedSince == nil)
    }

    @Test("A crash before the rename leaves the old state whole")
    func crashInTheMiddle() throws {
        let directory = try TemporaryDirectory()
        do { try StateStore(directory: directory.path).setTarget(5, of: "a") }
        let good = try directory.read("state.json")
        for length in [0, 1, good.utf8.count / 2, good.utf8.count - 1] {
            try directory.write("state.json.tmp", String(good.prefix(length)))
            let store = try StateStore(directory: directory.path)
            #expect(store.problems.isEmpty)
            #expect(store.vm("a").targetBytes == 5)
            #expect(!directory.names.contains("state.json.tmp"))
        }
    }

    @Test(
        "A damaged file is kept aside, reported once, and the host starts paused",
        arguments: ["", "{", "[]", "{\"version\":99,\"paused\":false,\"vms\":{}}", "{\"version\":1}", "\u{FFFD}"])
    func damaged(text: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("state.json", text)
        do {
            let store = try StateStore(directory: directory.path)
            #expect(store.problems.count == 1)
            #expect(store.problems.first?.contains("ballastctl resume") == true)
            #expect(store.isPaused)
            try store.setTarget(7, of: "a")
        }
        let kept = directory.names.filter { $0.hasSuffix(".broken") }
        #expect(kept.count == 1)
        #expect(try directory.read(kept.first ?? "") == text)
        let store = try StateStore(directory: directory.path)
        #expect(store.problems.isEmpty)
        #expect(store.isPaused)
        #expect(store.vm("a").targetBytes == 7)
    }

    @Test("A second daemon is kept out of the directory")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.path)
        let error = #expect(throws: StateStoreError.self) { _ = try StateStore(directory: directory.path) }
        #expect(error?.code == .inUse)
        withExtendedLifetime(store) {}
    }

    @Test("A state directory that cannot be is told with its path")
    func noDirectory() throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "")
        let error = #expect(throws: StateStoreError.self) {
            _ = try StateStore(directory: directory.path + "/file/state")
        }
        #expect(error?.code == .directory)
        _ = try StateStore(directory: directory.path + "/made/on/demand")
        #expect(directory.names.contains("made"))
    }

    @Test("What cannot be written changes nothing")
    func unwritable() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.path + "/state")
        try store.setTarget(5, of: "a")
        directory.remove("state/state.json")
        directory.makeDirectory("state/state.json")
        let error = #expect(throws: StateStoreError.self) { try store.setTarget(6, of: "a") }
        #expect(error?.code == .write)
        #expect(store.vm("a").targetBytes == 5)
    }

    @Test("A VM that Ballast paused is known after a restart, until it runs again")
    func stopped() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try StateStore(directory: directory.path)
            #expect(store.stoppedVMM("web1") == nil)
            try store.markStopped("web1", vmmPID: 4711)
            try store.markStopped("..", vmmPID: 5)
        }
        let store = try StateStore(directory: directory.path)
        #expect(store.stoppedVMM("web1") == 4711)
        #expect(store.stoppedVMM("..") == 5)
        store.clearStopped("web1")
        store.clearStopped("web1")
        #expect(store.stoppedVMM("web1") == nil)
        // Of another boot, or cut off: nothing to continue.
        for text in ["00000000-0000-0000-0000-000000000000 4711\n", "", "x", "47"] {
            try directory.write("stopped/vm-web1", text)
            #expect(store.stoppedVMM("web1") == nil)
        }
    }
}
