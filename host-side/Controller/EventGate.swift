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
        }
    }

    /// The session is over for another reason.
    func unwatch() {
        state.withLock {
            $0.fence = nil
            $0.onEnd = nil
        }
    }

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
            guard event.data["open"]?.boolValue == false else { return false }
            let known = portID.withLock { $0 }
            guard let known, let id = event.data["id"]?.stringValue else { return true }
            return known == id
        default: return false
        }
    }
}
