public import SystemPackage

#if Systemd
    import CSystemd
#endif

/// Puts a process into a transient systemd scope of its own, so that stopping our unit, or a memory limit on one of our
/// ancestors, does not end both of us together.
public enum HolderScope {
    /// Whether systemd runs this system and this build can talk to it.
    public static func isAvailable(runRoot: FilePath = "/run") -> Bool {
        #if Systemd
            return SmallFile.exists(runRoot.appending("systemd").appending("system"))
        #else
            return false
        #endif
    }

    /// Moves a process into a new scope.
    /// - Parameters:
    ///   - name: ends with `.scope`.
    ///   - slice: ends with `.slice`; one without a dash is a top-level slice.
    ///   - timeoutMicroseconds: how long systemd may take to answer.
    public static func create(
        name: String, processID: Int32, slice: String, description: String,
        timeoutMicroseconds: UInt64 = 2_000_000
    ) throws(LinuxError) {
        #if Systemd
            do {
                try start(name, processID, slice, description, timeoutMicroseconds, withOOMPolicy: true)
            } catch {
                // Scopes know OOMPolicy= since systemd 253.
                try start(name, processID, slice, description, timeoutMicroseconds, withOOMPolicy: false)
            }
        #else
            throw LinuxError(
                code: .unsupported, operation: "creating the scope \(name)",
                remedy: "this build has no systemd support (trait Systemd)")
        #endif
    }

    #if Systemd
        private static func start(
            _ name: String, _ processID: Int32, _ slice: String, _ description: String, _ timeout: UInt64,
            withOOMPolicy: Bool
        ) throws(LinuxError) {
            func check(_ result: Int32, _ step: String) throws(LinuxError) {
                guard result < 0 else { return }
                throw LinuxError(errno: Errno(rawValue: -result), operation: "creating the scope \(name): \(step)")
            }
            var bus: OpaquePointer?
            try check(unsafe sd_bus_open_system(&bus), "connecting to the system bus")
            defer { _ = unsafe sd_bus_flush_close_unref(bus) }
            var message: OpaquePointer?
            try check(
                unsafe sd_bus_message_new_method_call(
                    bus, &message, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                    "org.freedesktop.systemd1.Manager", "StartTransientUnit"), "building the call")
            defer { _ = unsafe sd_bus_message_unref(message) }

            let letters = (a: CChar(97), b: CChar(98), r: CChar(114), s: CChar(115), u: CChar(117), v: CChar(118))
            func open(_ kind: CChar, _ contents: String) throws(LinuxError) {
                try check(unsafe sd_bus_message_open_container(message, kind, contents), "building the call")
            }
            func close() throws(LinuxError) {
                try check(unsafe sd_bus_message_close_container(message), "building the call")
            }
            func string(_ text: String) throws(LinuxError) {
                let result = unsafe text.withCString { unsafe sd_bus_message_append_basic(message, letters.s, $0) }
                try check(result, "building the call")
            }
            func property(_ key: String, _ type: String, _ value: () throws(LinuxError) -> Void) throws(LinuxError) {
                try open(letters.r, "sv")
                try string(key)
                try open(letters.v, type)
                try value()
                try close()
                try close()
            }

            try string(name)
            try string("fail")
            try open(letters.a, "(sv)")
            try property("PIDs", "au") { () throws(LinuxError) in
                try open(letters.a, "u")
                var number = UInt32(bitPattern: processID)
                try check(unsafe sd_bus_message_append_basic(message, letters.u, &number), "building the call")
                try close()
            }
            try property("Slice", "s") { () throws(LinuxError) in try string(slice) }
            try property("Description", "s") { () throws(LinuxError) in try string(description) }
            try property("DefaultDependencies", "b") { () throws(LinuxError) in
                var no: Int32 = 0
                try check(unsafe sd_bus_message_append_basic(message, letters.b, &no), "building the call")
            }
            if withOOMPolicy {
                try property("OOMPolicy", "s") { () throws(LinuxError) in try string("continue") }
            }
            try close()
            try open(letters.a, "(sa(sv))")
            try close()

            var failure = unsafe sd_bus_error()
            defer { unsafe sd_bus_error_free(&failure) }
            var reply: OpaquePointer?
            let result = unsafe sd_bus_call(bus, message, timeout, &failure, &reply)
            _ = unsafe sd_bus_message_unref(reply)
            if result < 0 {
                let reason = unsafe failure.message.map { unsafe String(cString: $0) } ?? "no answer"
                throw LinuxError(
                    errno: Errno(rawValue: -result), operation: "creating the scope \(name): \(reason)")
            }
        }
    #endif
}
