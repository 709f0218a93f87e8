import Glibc
import SystemPackage

#if Systemd
    import CLinux
    import CSystemd
#endif

/// Log lines for the journal, or for standard error where there is no journal.
public enum Journal {
    /// Syslog's priorities.
    public enum Priority: Int, Sendable, Comparable {
        /// Something needs an administrator now.
        case critical = 2
        /// Something failed.
        case error = 3
        /// Something is not as it should be.
        case warning = 4
        /// Something that an administrator wants to know.
        case notice = 5
        /// Something normal.
        case info = 6
        /// For those who look for a fault.
        case debug = 7

        /// More urgent is less.
        public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
    }

    /// Where lines go.
    enum Target: Sendable {
        case journal
        case prefixedStandardError
        case plainStandardError
    }

    private static let target = chooseTarget()

    /// Writes one entry.
    /// - Parameters:
    ///   - priority: how urgent.
    ///   - message: one line.
    ///   - identifier: the program's name.
    ///   - fields: more fields, names in upper case (`BALLAST_CHUNK`).
    public static func send(
        _ priority: Priority, _ message: String, identifier: String = "ballast-agent",
        fields: [(name: String, value: String)] = []
    ) {
        if target == .journal, sendToJournal(priority, message, identifier, fields) { return }
        writeLine(line(priority, message, target))
    }

    static func line(_ priority: Priority, _ message: String, _ target: Target) -> String {
        target == .prefixedStandardError ? "<\(priority.rawValue)>\(message)\n" : "\(message)\n"
    }

    private static func chooseTarget() -> Target {
        guard standardErrorIsJournal() else { return .plainStandardError }
        #if Systemd
            return SmallFile.exists("/run/systemd/journal/socket") ? .journal : .prefixedStandardError
        #else
            return .prefixedStandardError
        #endif
    }

    /// systemd names the stream that it connected as device:inode, so that a redirection is noticed.
    private static func standardErrorIsJournal() -> Bool {
        guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(2, &status) == 0 else { return false }
        return unsafe String(cString: value) == "\(status.st_dev):\(status.st_ino)"
    }

    private static func writeLine(_ line: String) {
        let bytes = Array(line.utf8)
        _ = unsafe write(2, bytes, bytes.count)
    }

    private static func sendToJournal(
        _ priority: Priority, _ message: String, _ identifier: String, _ fields: [(name: String, value: String)]
    ) -> Bool {
        #if Systemd
            var entries = ["MESSAGE=\(message)", "PRIORITY=\(priority.rawValue)", "SYSLOG_IDENTIFIER=\(identifier)"]
            for field in fields { entries.append("\(field.name)=\(field.value)") }
            let texts = unsafe entries.map { entry in
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: entry.utf8.count, alignment: 1)
                unsafe copy.copyBytes(from: entry.utf8)
                return unsafe copy
            }
            defer { for index in unsafe texts.indices { unsafe texts[index].deallocate() } }
            var vectors = unsafe texts.map { unsafe iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
            return unsafe sd_journal_sendv(&vectors, Int32(vectors.count)) >= 0
        #else
            return false
        #endif
    }
}
