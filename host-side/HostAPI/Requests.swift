/// Body of `PUT /v1/vms/{name}/target`.
public struct SetTargetRequest: Codable, Sendable, Equatable {
    /// The memory that the guest shall keep.
    public var target: TargetSize

    /// Makes a request.
    public init(target: TargetSize) {
        self.target = target
    }
}

/// Answer to `PUT /v1/vms/{name}/target`: the target is stored, and the VM as it stands.
public struct SetTargetResponse: Codable, Sendable, Equatable {
    /// The target in bytes as it was stored.
    public var targetBytes: UInt64
    /// The VM after the target was given to its actuator; `outcome` holds the guest's answer where it came in time.
    public var vm: VMDetail

    /// Makes a response.
    public init(targetBytes: UInt64, vm: VMDetail) {
        self.targetBytes = targetBytes
        self.vm = vm
    }
}

/// What a release ordered of one VM: `POST /v1/vms/{name}/release`.
public struct ReleaseResult: Codable, Sendable, Equatable {
    /// Name of the VM.
    public var vm: String
    /// Bytes whose release was ordered.
    public var releasedBytes: UInt64
    /// Why it could not be ordered; nil where it was.
    public var error: APIError?

    /// Makes a result.
    public init(vm: String, releasedBytes: UInt64, error: APIError? = nil) {
        self.vm = vm
        self.releasedBytes = releasedBytes
        self.error = error
    }
}

/// Answer to `POST /v1/release`.
public struct ReleaseAllResponse: Codable, Sendable, Equatable {
    /// One result a VM.
    public var results: [ReleaseResult]

    /// Makes a response.
    public init(results: [ReleaseResult]) {
        self.results = results
    }
}

/// Answer to `GET /v1/vms`.
public struct VMList: Codable, Sendable, Equatable {
    /// All VMs of the policy, by name.
    public var vms: [VMSummary]

    /// Makes a list.
    public init(vms: [VMSummary]) {
        self.vms = vms
    }
}
