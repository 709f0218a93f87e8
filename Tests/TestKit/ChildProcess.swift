public import Glibc

/// A program on the host, started by a test. Its output goes to a file, it dies with the test's process, and whatever a
/// test does to it (freeze it, kill it), `stop` gets rid of it.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public enum Exit: Sendable, Equatable {
        /// It returned that code.
        case code(Int32)
        /// That signal killed it.
        case signal(Int32)
    }

    /// Its process id.
    public let pid: pid_t
    /// The file with its standard output and standard error.
    public let logPath: String
    private let state = Monitor<Exit?>(nil)

    private init(pid: pid_t, logPath: String) {
        self.pid = pid
        self.logPath = logPath
        let state = self.state
        startThread {
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
            // Reaped under the lock: until then the id cannot belong to anybody else, so signals hit the right one.
            state.with { exit in
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                exit = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
            }
        }
    }

    /// Starts a program.
    /// - Parameters:
    ///   - program: Its absolute path, or the name of a product of this build, such as `ballast-host`.
    ///   - environment: Variables on top of this process's own.
    ///   - log: The file for standard output and error.
    ///   - standardError: Another file for standard error, where the two must be told apart.
    public static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], log: String,
        standardError: String? = nil
    ) throws -> ChildProcess {
        let path = program.hasPrefix("/") ? program : try Layout.program(program)
        // guest-tool sets the parent-death signal and closes what it inherited, which posix_spawn cannot.
        let words = [try Layout.program("guest-tool"), "bind", "\(getpid())", path] + arguments
        var variables = inherited()
        for (name, value) in environment { variables[name] = value }
        let assignments = variables.map { "\($0.key)=\($0.value)" }
        let pid = Spawner.run { spawn(words, assignments, log, standardError) }
        guard pid > 0 else { throw KitError("\(path) cannot be started: errno \(-pid)") }
        return ChildProcess(pid: pid, logPath: log)
    }

    /// Runs a program to its end and returns its standard output and standard error.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        timeout: Duration = .seconds(120)
    ) async throws -> (output: String, errors: String, exit: Exit) {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let child = try start(
            program, arguments, environment: environment, log: "\(folder)/out", standardError: "\(folder)/err")
        guard let exit = await child.wait(timeout) else {
            await child.stop(grace: .zero)
            throw KitError("\(program) still runs after \(timeout): \(text(of: "\(folder)/err"))")
        }
        return (text(of: "\(folder)/out"), text(of: "\(folder)/err"), exit)
    }

    /// How it ended; nil while it runs.
    public var exit: Exit? { state.with { $0 } }

    /// What it printed so far.
    public var log: String { text(of: logPath) }

    /// Sends a signal, unless it has ended.
    public func signal(_ number: Int32) {
        state.with { exit in
            if exit == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// SIGSTOP.
    public func freeze() { signal(SIGSTOP) }

    /// SIGCONT.
    public func thaw() { signal(SIGCONT) }

    /// Waits for its end; nil when it still runs after the timeout.
    public func wait(_ timeout: Duration) async -> Exit? {
        let state = self.state
        return try? await offThread { state.wait(timeout) { $0 } }
    }

    /// SIGTERM, and SIGKILL when it has not ended after `grace`. Also for a frozen one.
    @discardableResult
    public func stop(grace: Duration = .seconds(10)) async -> Exit {
        if grace > .zero {
            signal(SIGTERM)
            thaw()
            if let exit = await wait(grace) { return exit }
        }
        return await kill()
    }

    /// SIGKILL, and waits for the end.
    @discardableResult
    public func kill() async -> Exit {
        signal(SIGKILL)
        return await wait(.seconds(60)) ?? .signal(SIGKILL)
    }

    private static func inherited() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let line = entry.pointee {
            let words = String(cString: line).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if words.count == 2 { variables[String(words[0])] = String(words[1]) }
            entry += 1
        }
        return variables
    }

    /// The process id, or minus errno.
    private static func spawn(
        _ words: [String], _ assignments: [String], _ log: String, _ standardError: String?
    ) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, flags, 0o644)
        if let standardError {
            posix_spawn_file_actions_addopen(&actions, 2, standardError, flags, 0o644)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Swift's threads block signals; the program must start with none blocked. A session of its own keeps a
        // terminal's ^C away from it: it then dies with its parent.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | 0x80))

        var arguments = words.map { strdup($0) } + [nil]
        var variables = assignments.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
        return code == 0 ? pid : -code
    }
}
