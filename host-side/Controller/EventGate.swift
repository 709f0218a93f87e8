import GuestMemory
import Hypervisor
import Synchronization

/// Ends the running session the moment QEMU says that guest memory may change owner: on the event loop, before any
/// later answer is looked at.
///
/// A STOP that Ballast asked for itself (strict mode) is expected and ends nothing.
final class EventGate: Sendable {
    private struct State {
        var fence: SessionFence?
        var onEnd: (@Sendable (String) -> Void)?
        var expectedStops = 0
        /// The wall clock in microseconds when the session was established, which is when its agent lived.
        var establishedAt: Int64?
    }

    private let state = Mutex(State())
    /// The id of the agent's virtio-serial port, where it is known; another port's opening and closing mean nothing.
    private let portID = Mutex<String?>(nil)

    /// Puts the fence of the session that begins under watch. `onEnd` is called at most once, with the event's name.
    func watch(_ fence: SessionFence, onEnd: @escaping @Sendable (String) -> Void) {
        state.withLock {
            $0.fence = fence
            $0.onEnd = onEnd
            $0.expectedStops = 0
            $0.establishedAt = nil
        }
    }

    /// The session's agent answered the handshake; `now` is the wall clock in microseconds.
    func established(now: Int64) { state.withLock { $0.establishedAt = now } }

    /// The session is over for another reason.
    func unwatch() {
        state.withLock {
            $0.fence = nil
            $0.onEnd = nil
        }
    }

    /// The session is over no port: no event of any port ends it.
    func ignorePorts() { portID.withLock { $0 = "" } }

    /// The session is over the port with this id; nil where it is not known, so that every port's events count.
    func setPort(_ id: String?) { portID.withLock { $0 = id } }

    /// The next STOP is Ballast's own.
    func expectStop() { state.withLock { $0.expectedStops += 1 } }

    /// No STOP of Ballast's own is on its way any more.
    func forgetExpectedStops() { state.withLock { $0.expectedStops = 0 } }

    /// Looks at an event on QEMU's connection.
    func handle(_ event: QMPEvent) {
        guard ends(event) else { return }
        let onEnd = state.withLock { state -> (@Sendable (String) -> Void)? in
            state.fence?.close()
            defer { state.onEnd = nil }
            return state.onEnd
        }
        onEnd?(event.name)
    }

    private func ends(_ event: QMPEvent) -> Bool {
        switch event.name {
        case "RESET", "SHUTDOWN", "SUSPEND", "SUSPEND_DISK", "GUEST_PANICKED", "MIGRATION", "POWERDOWN_COMPLETED":
            return true
        case "STOP":
            return state.withLock { state in
                guard state.expectedStops > 0 else { return true }
                state.expectedStops -= 1
                return false
            }
        case "JOB_STATUS_CHANGE":
            return event.data["status"]?.stringValue == "running"
        case "MEMORY_DEVICE_SIZE_CHANGE", "MEM_UNPLUG_ERROR", "DEVICE_DELETED":
            return true
        case "VSERPORT_CHANGE":
            let known = portID.withLock { $0 }
            if let known, let id = event.data["id"]?.stringValue, known != id { return false }
            guard event.data["open"]?.boolValue == true else { return true }
            // QEMU reports at most one change of a port each second, the last: where an agent ends and the next one
            // begins within it, only the opening is told. An opening after the handshake is another agent's.
            let opened = event.seconds * 1_000_000 + event.microseconds
            return known != nil && state.withLock { $0.establishedAt.map { opened > $0 } ?? false }
        default: return false
        }
    }
}
