public import HostAPI

/// Why a ``HostService`` did not do what it was asked; reaches the client as it is.
public typealias HostServiceError = APIError

/// What the API asks of the daemon; one function for each route.
///
/// Every function throws ``HostServiceError``; anything else reaches the client as `failed`.
public protocol HostService: Sendable {
    /// The daemon itself.
    func status() async throws -> HostStatus

    /// All VMs of the policy, sorted by name.
    func vms() async throws -> [VMSummary]

    /// One VM; `notFound` where the policy does not name it.
    func vm(named name: String) async throws -> VMDetail

    /// Stores the target and gives it to the VM's actuator. Returns once the guest answered or a short time passed;
    /// it does not wait for the target to be reached. `refused` where the host is paused or the target lies outside
    /// the policy's bounds; a guest's own refusal is told in `outcome`.
    func setTarget(_ target: TargetSize, ofVM name: String) async throws -> SetTargetResponse

    /// Gives a VM everything back and forgets its target; works while paused too. `unreachable` where it cannot be told;
    /// its target then stays.
    func release(vm name: String) async throws -> ReleaseResult

    /// Gives every VM everything back; goes on past VMs that do not answer.
    func releaseAll() async throws -> ReleaseAllResponse

    /// Switches the kill switch on, persistently.
    func pause() async throws -> HostStatus

    /// Switches the kill switch off.
    func resume() async throws -> HostStatus

    /// Events with an id greater than `since`, oldest first; nil asks for the newest. Where there are none it waits
    /// for the first one, at most `wait`.
    func events(since: UInt64?, wait: Duration, limit: Int) async throws -> EventPage

    /// Asks the guest now. `unreachable` where neither its agent nor its device answers.
    func guestReport(ofVM name: String, topic: GuestTopic) async throws -> GuestReport

    /// Changes policies of a guest, persistently; returns those in force. `refused` where the guest does.
    func setGuestPolicy(_ change: GuestPolicyChange, ofVM name: String) async throws -> GuestPolicy
}
