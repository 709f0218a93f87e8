#if DEBUG
    import Glibc
    import Synchronization
    import SystemPackage

    /// Named places where tests make a process die, stop or wait. Debug builds only.
    ///
    /// The environment's BALLAST_FAILPOINTS holds `name=action[,name=action...]`; BALLAST_FAILPOINT_FILE names a file
    /// with the same, read anew at each hit. Actions: `kill`, `stop` (SIGKILL and SIGSTOP to itself), `exit`,
    /// `sleep:MILLISECONDS`; each may end with `@N`: at the N-th hit since the specification last changed, only.
    public enum FailPoint {
        enum Action: Equatable {
            case kill, stop, exit
            case sleep(milliseconds: UInt32)
        }

        struct Rule: Equatable {
            let name: String
            let action: Action
            let hit: UInt64?
        }

        private struct State {
            var specification = ""
            var rules: [Rule] = []
            var hits: [String: UInt64] = [:]
        }

        private static let state = Mutex(State())

        /// Does what the specification asks for at this place.
        public static func hit(_ name: StaticString) {
            let specification = currentSpecification()
            if specification.isEmpty { return }
            let name = String(describing: name)
            let action: Action? = state.withLock { state in
                if state.specification != specification {
                    state = State(specification: specification, rules: parse(specification))
                }
                let count = state.hits[name, default: 0] + 1
                state.hits[name] = count
                return state.rules.first { $0.name == name && ($0.hit == nil || $0.hit == count) }?.action
            }
            switch action {
            case .kill: _ = Glibc.kill(getpid(), SIGKILL)
            case .stop: _ = raise(SIGSTOP)
            case .exit: _exit(70)
            case .sleep(let milliseconds): usleep(milliseconds &* 1000)
            case nil: break
            }
        }

        static func parse(_ specification: String) -> [Rule] {
            specification.split { $0 == "," || $0.isNewline }.compactMap { part in
                let sides = part.split(separator: "=", maxSplits: 1)
                guard sides.count == 2 else { return nil }
                let words = sides[1].split(separator: "@", maxSplits: 1)
                guard let verb = words.first else { return nil }
                let hit = words.count == 2 ? UInt64(words[1]) : nil
                guard words.count == 1 || hit != nil else { return nil }
                let action: Action
                switch verb {
                case "kill": action = .kill
                case "stop": action = .stop
                case "exit": action = .exit
                default:
                    guard verb.hasPrefix("sleep:"), let time = UInt32(verb.dropFirst(6)), time <= 3_600_000 else {
                        return nil
                    }
                    action = .sleep(milliseconds: time)
                }
                return Rule(name: String(sides[0]), action: action, hit: hit)
            }
        }

        private static func currentSpecification() -> String {
            if let file = unsafe getenv("BALLAST_FAILPOINT_FILE") {
                let text = try? SmallFile.readText(FilePath(unsafe String(cString: file)), limit: 65536)
                if let text, !text.isEmpty { return text }
            }
            return unsafe getenv("BALLAST_FAILPOINTS").map { unsafe String(cString: $0) } ?? ""
        }
    }
#else
    /// Named places where tests interfere; nothing in this build.
    public enum FailPoint {
        /// Does nothing.
        @inlinable @inline(__always)
        public static func hit(_ name: StaticString) {}
    }
#endif
