import ArgumentParser
import HostAPI
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Where the commands write.
enum Output {
    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether colours are wanted: on a terminal, unless NO_COLOR is set.
    static var hasColour: Bool {
        isatty(STDERR_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
    }

    /// What may be drawn on standard output: as wide as the terminal, with block characters where the locale has them.
    static func canvas(ascii: Bool) -> Canvas {
        var size = winsize()
        let known = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        func variable(_ name: String) -> String? {
            guard let value = getenv(name) else { return nil }
            let text = String(cString: value)
            return text.isEmpty ? nil : text
        }
        let locale = (variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "").lowercased()
        let blocks = (locale.contains("utf-8") || locale.contains("utf8")) && variable("TERM") != "dumb"
        return Canvas(columns: known ? Int(size.ws_col) : 80, blocks: blocks && !ascii)
    }

    /// Lines to standard output, seen at once by whoever reads a pipe.
    static func lines(_ lines: [String]) {
        write(lines.map { $0 + "\n" }.joined(), to: .standardOutput)
    }

    /// A value as JSON: indented, or on one line where many follow each other.
    static func json(_ value: some Encodable, onOneLine: Bool = false) throws {
        lines([try APIJSON.text(value, pretty: !onOneLine)])
    }

    /// A line that replaces itself on a terminal.
    static func progress(_ line: String) {
        write("\r\u{1B}[K" + line, to: .standardOutput)
    }

    /// Ends a line that replaced itself.
    static func endProgress() {
        write("\n", to: .standardOutput)
    }

    private static func write(_ text: String, to file: FileDescriptor) {
        do {
            try file.writeAll(text.utf8)
        } catch {
            // Whoever read this left, as `head` does: there is nobody to complain to.
            exit(error as? Errno == .brokenPipe ? ExitStatus.ok.rawValue : ExitStatus.error.rawValue)
        }
    }

    /// A complaint to standard error.
    static func complain(_ text: String) {
        let prefix = hasColour ? "\u{1B}[31mballastctl:\u{1B}[0m " : "ballastctl: "
        write(prefix + Terminal.clean(text) + "\n", to: .standardError)
    }

    /// Runs a command; a failure is told on standard error and decides the exit status.
    static func run(json: Bool, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as APIError {
            if json {
                write(((try? APIJSON.text(error, pretty: false)) ?? "{}") + "\n", to: .standardError)
            } else {
                complain(error.description)
            }
            throw ExitCode(error.code.exitStatus.rawValue)
        } catch is CancellationError {
            throw ExitCode(ExitStatus.error.rawValue)
        }
    }
}
