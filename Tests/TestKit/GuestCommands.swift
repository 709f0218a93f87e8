/// What a script in the guest said.
public struct Output: Sendable, CustomStringConvertible {
    /// Standard output and standard error, as they came.
    public var text: String
    /// The shell's exit code; 128 + the signal's number where a signal ended it.
    public var exitCode: Int32

    /// For failed expectations.
    public var description: String { "exit \(exitCode): \(text)" }
}

extension Guest {
    /// Runs a shell script in the guest. Scripts run beside each other; a background program that keeps running does
    /// not hold the answer up.
    public func run(_ script: String, timeout: Duration = .seconds(300)) async throws -> Output {
        let channel = self.channel
        let deadline = ContinuousClock().now + timeout
        let request = try await offThread { try channel.request(script, timeout: timeout) }
        while true {
            if let answer = try await offThread({ channel.answer(to: request, timeout: .seconds(1)) }) {
                return Output(text: String(decoding: answer.output, as: UTF8.self), exitCode: answer.exitCode)
            }
            try failIfDead()
            if ContinuousClock().now > deadline {
                channel.forget(request)
                throw KitError("the guest did not answer within \(timeout): \(script.prefix(200))")
            }
        }
    }

    /// Runs a shell script that must succeed; returns its output without the last line's end.
    @discardableResult
    public func sh(_ script: String, timeout: Duration = .seconds(300)) async throws -> String {
        let output = try await run(script, timeout: timeout)
        guard output.exitCode == 0 else { throw KitError("'\(script.prefix(200))' in the guest: \(output)") }
        return output.text.hasSuffix("\n") ? String(output.text.dropLast()) : output.text
    }

    /// Starts a command (one program, not a list of commands) in the guest and returns at once.
    public func spawn(_ command: String) async throws -> GuestProcess {
        let number = spawned.with { count in
            count += 1
            return count
        }
        let path = "/run/spawned/\(number)"
        let text = try await sh(
            """
            mkdir -p /run/spawned
            cat >\(path).sh <<'BALLAST-END'
            echo $$ >\(path).pid
            exec \(command)
            BALLAST-END
            (setsid sh \(path).sh >\(path).log 2>&1 </dev/null; echo $? >\(path).new; mv \(path).new \(path).exit) \
                >/dev/null 2>&1 &
            until [ -s \(path).pid ]; do sleep 0.02; done
            cat \(path).pid
            """)
        guard let pid = Int32(text) else { throw KitError("'\(command)' could not be started: \(text)") }
        return GuestProcess(guest: self, pid: pid, path: path)
    }

    /// Touches most of the guest's free memory and frees it again, so that the host backs all of it. Returns how many
    /// bytes were touched.
    @discardableResult
    public func fill() async throws -> UInt64 {
        let result = try JSON(parsing: try await sh("guest-tool fill"))
        guard let bytes = result["filled_bytes"].integer else { throw KitError("fill: \(result.text)") }
        return UInt64(bytes)
    }

    /// Fields of /proc/meminfo in bytes.
    public func meminfo() async throws -> [String: UInt64] {
        var fields: [String: UInt64] = [:]
        for line in try await sh("cat /proc/meminfo").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let value = UInt64(words[1]) else { continue }
            fields[String(words[0].dropLast())] = words.count > 2 ? value * 1024 : value
        }
        return fields
    }

    /// Resets the VM and waits until the guest has booted again.
    public func reset() async throws {
        let boots = channel.boots
        try await qmp.execute("system_reset")
        try await waitForBoot(after: boots)
    }

    /// Migrates this VM into another that waits with `incoming: "defer"`, and returns when it runs there. Its processors
    /// run all the while, except where `losesStores`: there they stand still while the pages are sent.
    /// - Parameters:
    ///   - begins: Called when all is ready, the moment before the migration begins.
    ///   - runs: Called when the migration is under way while the VM runs here; next to nothing is sent meanwhile.
    public func migrate(
        to destination: Guest, begins: () async throws -> Void = {}, runs: () async throws -> Void = {}
    ) async throws {
        let address = JSON.string("unix:\(destination.folder)/migration")
        try await destination.qmp.execute("migrate-incoming", ["uri": address])
        let pauses = try await losesStores()
        // One page in each tenth of a second: for half a minute these are pages of the first MiB, where Linux keeps
        // nothing.
        try await qmp.execute("migrate-set-parameters", ["max-bandwidth": 10, "downtime-limit": 1000])
        try await begins()
        try await qmp.execute("migrate", ["uri": address])
        try await waitForMigration("active")
        try await runs()
        if pauses { try await qmp.execute("stop") }
        try await qmp.execute("migrate-set-parameters", ["max-bandwidth": .integer(1 << 34)])
        try await waitForMigration("completed")
        if pauses {
            try await eventually("the VM is at its destination") {
                try await destination.qmp.execute("query-status")["status"].string == "paused"
            }
            try await destination.qmp.execute("cont")
        }
        try await eventually("the VM runs at its destination") {
            try await destination.qmp.execute("query-status")["status"].string == "running"
        }
    }

    /// Whether a migration may lose what the guest writes to pages that were sent already: QEMU before 9.0 does where
    /// it emulates the processors (its commit 03bfc2188f06 mends that), and the guest's kernel panics at its
    /// destination now and then, whatever else is done to it.
    private func losesStores() async throws -> Bool {
        guard accelerator == .tcg else { return false }
        return try await qmp.execute("query-version")["qemu"]["major"].integer ?? 0 < 9
    }

    private func waitForMigration(_ wanted: String) async throws {
        try await eventually("the migration is \(wanted)", within: .seconds(300)) {
            let status = try await qmp.execute("query-migrate")
            if status["status"].string == "failed" { throw KitError("the migration failed: \(status.text)") }
            return status["status"].string == wanted
        }
    }

    /// Starts the agent in the guest; for guests that do not by themselves, and after it was killed.
    public func startAgent(_ arguments: String = "") async throws {
        try await sh("agent-start \(arguments)")
    }

    /// The agent's process id in the guest, holders not counted; nil when it does not run.
    public func agentPID() async throws -> Int32? {
        // Holders run the same binary, so a search by name may find them instead.
        Int32(
            try await run("read p </run/agent.pid && [ \"$(cat /proc/$p/comm)\" = ballast-agent ] && echo $p").text
                .filter(\.isNumber))
    }

    /// Waits until the agent has opened its port.
    public func waitForAgent(timeout: Duration = .seconds(300)) async throws {
        try await eventually("the agent opens its port", within: timeout) {
            try failIfDead()
            return try await qmp.execute("query-chardev").elements.contains {
                $0["label"].string == "agent" && $0["frontend-open"].bool == true
            }
        }
    }
}
