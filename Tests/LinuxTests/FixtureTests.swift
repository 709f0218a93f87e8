import Glibc
@testable import Linux
import SystemPackage
import Testing

@Suite("What is read from /sys, /dev and /proc")
struct FixtureTests {
    @Test("A port is found by its link, else by its name in sysfs")
    func find() throws {
        let directory = TemporaryDirectory()
        let dev = directory.path.appending("dev")
        let sys = directory.path.appending("sys")
        let name = "org.ballast.agent.0"
        #expect(VirtioSerialPort.find(name: name, devRoot: dev, sysRoot: sys) == nil)
        try directory.write("com.other\n", to: "sys/class/virtio-ports/vport1p1/name")
        try directory.write(name + "\n", to: "sys/class/virtio-ports/vport1p2/name")
        #expect(VirtioSerialPort.find(name: name, devRoot: dev, sysRoot: sys) == dev.appending("vport1p2"))
        try directory.write("", to: "dev/virtio-ports/\(name)")
        let link = dev.appending("virtio-ports").appending(name)
        #expect(VirtioSerialPort.find(name: name, devRoot: dev, sysRoot: sys) == link)
        #expect(VirtioSerialPort.find(name: "../vport1p1", devRoot: dev, sysRoot: sys) == nil)
        #expect(VirtioSerialPort.find(name: "", devRoot: dev, sysRoot: sys) == nil)
    }

    @Test("Without udev, ports that come, get their name and go are noticed")
    func monitor() throws {
        let directory = TemporaryDirectory()
        let monitor = PortMonitors.make(
            devRoot: directory.path.appending("dev"), sysRoot: directory.path.appending("sys"),
            runRoot: directory.path.appending("run"))
        #expect(monitor.descriptor == nil)
        #expect(monitor.next() == nil)
        try directory.write("", to: "sys/class/virtio-ports/vport0p1/name")
        #expect(monitor.next()?.action == .added)
        #expect(monitor.next() == nil)
        try directory.write("org.ballast.agent.0\n", to: "sys/class/virtio-ports/vport0p1/name")
        let change = try #require(monitor.next())
        #expect(change.action == .changed)
        #expect(change.port.name == "org.ballast.agent.0")
        #expect(monitor.ports().count == 1)
        directory.remove("sys/class/virtio-ports/vport0p1")
        let removal = try #require(monitor.next())
        #expect(removal.action == .removed)
        #expect(removal.port.name == "org.ballast.agent.0")
        #expect(monitor.next() == nil)
    }

    #if Udev
        @Test("udev can be listened to, also where it does not run")
        func udev() throws {
            let monitor = try UdevPortMonitor()
            #expect(monitor.descriptor != nil)
            #expect(monitor.next() == nil)
        }
    #endif

    @Test("Limits of the group and of every ancestor are read; the tightest counts")
    func cgroup() throws {
        let directory = TemporaryDirectory()
        try directory.write("12:cpu:/x\n0::/system.slice/ballast-agent.service\n", to: "proc/self/cgroup")
        let root = "cgroup/system.slice"
        try directory.write("1048576\n", to: "\(root)/memory.current")
        try directory.write("max\n", to: "\(root)/memory.max")
        try directory.write("3145728\n", to: "\(root)/memory.high")
        try directory.write("4096\n", to: "\(root)/ballast-agent.service/memory.current")
        try directory.write("max\n", to: "\(root)/ballast-agent.service/memory.max")
        try directory.write("max\n", to: "\(root)/ballast-agent.service/memory.high")
        let cgroup = try #require(
            Cgroup(procRoot: directory.path.appending("proc"), cgroupRoot: directory.path.appending("cgroup")))
        #expect(cgroup.path == "/system.slice/ballast-agent.service")
        let limits = cgroup.limits()
        #expect(limits.map(\.path) == ["/system.slice/ballast-agent.service", "/system.slice"])
        #expect(limits[0].room == nil)
        #expect(limits[1].room == 2_097_152)
        #expect(Cgroup.Limits(path: "/", max: 10, high: 20, current: 30).room == 0)
    }

    @Test(
        "No version 2 hierarchy, or one outside of our view: no group", arguments: ["9:memory:/x\n", "0::/../..\n", ""])
    func noCgroup(text: String) throws {
        let directory = TemporaryDirectory()
        try directory.write(text, to: "proc/self/cgroup")
        #expect(Cgroup(procRoot: directory.path.appending("proc"), cgroupRoot: directory.path) == nil)
    }

    @Test("Fail points are parsed; what makes no sense is left out")
    func failPoints() {
        #if DEBUG
            let rules = FailPoint.parse("a=kill,b=sleep:20@3\nc=stop@1,=kill,d=jump,e=sleep:,f=exit@x,g")
            #expect(
                rules
                    == [
                        .init(name: "a", action: .kill, hit: nil),
                        .init(name: "b", action: .sleep(milliseconds: 20), hit: 3),
                        .init(name: "c", action: .stop, hit: 1),
                    ])
        #endif
        FailPoint.hit("linux.test")
    }

    @Test("Lines for a journal stream carry their priority, others are plain")
    func journal() {
        #expect(Journal.line(.warning, "low", .prefixedStandardError) == "<4>low\n")
        #expect(Journal.line(.warning, "low", .plainStandardError) == "low\n")
    }

    @Test("Outside a unit there is no watchdog; outside systemd a scope is an error that says what")
    func serviceManager() throws {
        #expect(ServiceManager.watchdogInterval() == nil)
        ServiceManager.ready(status: "two\nlines")
        if !HolderScope.isAvailable() {
            let error = try #require(throws: LinuxError.self) {
                try HolderScope.create(name: "x.scope", processID: getpid(), slice: "x.slice", description: "x")
            }
            #expect(error.description.contains("x.scope"))
        }
    }
}
