/// Who uses a guest's memory.
public struct GuestTop: Codable, Sendable, Equatable {
    /// Version of the guest's cgroups, 1 or 2; nil where it has no memory controller, and then no consumers.
    public var cgroupVersion: UInt32?
    /// Biggest first. A cgroup's numbers include its descendants', which may be listed too.
    public var consumers: [GuestConsumer]
    /// Consumers that were not listed.
    public var leftOut: UInt32
    /// Demand that only grew.
    public var leaks: [GuestLeak]

    /// Makes a list.
    public init(
        cgroupVersion: UInt32? = nil, consumers: [GuestConsumer] = [], leftOut: UInt32 = 0, leaks: [GuestLeak] = []
    ) {
        self.cgroupVersion = cgroupVersion
        self.consumers = consumers
        self.leftOut = leftOut
        self.leaks = leaks
    }
}

/// One cgroup of a guest.
public struct GuestConsumer: Codable, Sendable, Equatable {
    /// Path below the cgroup root, with a leading slash; the end of a long one, after `...`.
    public var cgroup: String
    /// All that is charged to it, in bytes.
    public var currentBytes: UInt64
    /// Anonymous memory, in bytes.
    public var anonymousBytes: UInt64 = 0
    /// Page cache, in bytes.
    public var fileBytes: UInt64 = 0
    /// Shared memory, in bytes.
    public var shmemBytes: UInt64 = 0
    /// The kernel's memory on its behalf, in bytes.
    public var kernelBytes: UInt64 = 0
    /// Swapped out, in bytes.
    public var swapBytes: UInt64 = 0
    /// The tightest limit of it and its ancestors, in bytes; nil where there is none.
    public var limitBytes: UInt64?
    /// Pressure within it; nil where the kernel does not tell.
    public var pressure: GuestPressure?
    /// Kills by the OOM killer within it.
    public var oomKills: UInt64 = 0
    /// How fast it grows, in bytes an hour; nil where it does not or where that is not known.
    public var growthBytesPerHour: UInt64?

    /// Makes a consumer; set the rest one by one.
    public init(cgroup: String, currentBytes: UInt64) {
        self.cgroup = cgroup
        self.currentBytes = currentBytes
    }
}

/// Demand of a guest that only grew over a window.
public struct GuestLeak: Codable, Sendable, Equatable {
    /// The cgroup, as in ``GuestConsumer/cgroup``; nil for the whole guest.
    public var cgroup: String?
    /// How much it grew, in bytes.
    public var grownBytes: UInt64
    /// Over which time, in milliseconds.
    public var windowMilliseconds: UInt64
    /// How fast, in bytes an hour.
    public var bytesPerHour: UInt64
    /// One sentence.
    public var detail: String

    /// Makes a leak.
    public init(
        cgroup: String?, grownBytes: UInt64, windowMilliseconds: UInt64, bytesPerHour: UInt64, detail: String = ""
    ) {
        self.cgroup = cgroup
        self.grownBytes = grownBytes
        self.windowMilliseconds = windowMilliseconds
        self.bytesPerHour = bytesPerHour
        self.detail = detail
    }
}
