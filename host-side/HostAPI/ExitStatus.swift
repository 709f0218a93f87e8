/// Exit statuses of ballastctl.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case ok = 0
    /// Anything else that went wrong.
    case error = 1
    /// There is no such VM.
    case notFound = 3
    /// The daemon, the guest or its VMM does not answer.
    case unreachable = 4
    /// Refused by the guest, by the policy, or since the host is paused.
    case refused = 5
    /// The command line is wrong (`EX_USAGE`).
    case usage = 64
}
