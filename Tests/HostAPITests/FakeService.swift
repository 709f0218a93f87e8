import Controller
import HostAPI
import Synchronization

/// Notes what it is asked, and answers with samples.
final class FakeService: HostService {
    let calls = Mutex<[String]>([])

    private func note(_ call: String) {
        calls.withLock { $0.append(call) }
    }

    func status() async throws -> HostStatus {
        note("status")
        return Sample.status
    }

    func vms() async throws -> [VMSummary] {
        note("vms")
        return [VMSummary(Sample.detail)]
    }

    func vm(named name: String) async throws -> VMDetail {
        struct Surprise: Error {}
        note("vm \(name)")
        if name == "web1" { return Sample.detail }
        if name == "surprise" { throw Surprise() }
        for code in APIError.Code.allCases where name == "error-\(code.rawValue)" {
            throw HostServiceError(code: code, message: "no", remedy: "none")
        }
        throw HostServiceError(code: .notFound, message: "no \(name)")
    }

    func setTarget(_ target: TargetSize, ofVM name: String) async throws -> SetTargetResponse {
        note("target \(name) \(target)")
        return SetTargetResponse(targetBytes: target.bytes(of: 2 << 30) ?? 0, vm: Sample.detail)
    }

    func release(vm name: String) async throws -> ReleaseResult {
        note("release \(name)")
        return ReleaseResult(vm: name, releasedBytes: 3)
    }

    func releaseAll() async throws -> ReleaseAllResponse {
        note("release all")
        return ReleaseAllResponse(results: [ReleaseResult(vm: "web1", releasedBytes: 3)])
    }

    func pause() async throws -> HostStatus {
        note("pause")
        return Sample.status
    }

    func resume() async throws -> HostStatus {
        note("resume")
        return Sample.status
    }

    func events(since: UInt64?, wait: Duration, limit: Int) async throws -> EventPage {
        note("events \(String(describing: since)) \(wait) \(limit)")
        return EventPage(events: [Sample.event], next: 7)
    }

    func guestReport(ofVM name: String, topic: GuestTopic) async throws -> GuestReport {
        note("guest \(name) \(topic.rawValue)")
        return Sample.report
    }

    func setGuestPolicy(_ change: GuestPolicyChange, ofVM name: String) async throws -> GuestPolicy {
        note("policy \(name)")
        return change.expected
    }
}
