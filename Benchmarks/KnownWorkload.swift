import TestKit

/// `guest-tool touch`: a program that knows what it touched, and when.
struct KnownWorkload {
    /// All of its memory, in bytes.
    static let bytes: UInt64 = 512 << 20

    /// What it does and to which kind of memory, as a word.
    let name: String
    private let workload: String
    private let kind: String

    /// Sets in use at different intervals and one that is not; a moving window; a hot set in small pieces; a pass over
    /// everything. In anonymous memory, and some in files, mapped and read.
    static let all = [
        KnownWorkload("steps --plan 1:96M,5:96M,15:96M,0:224M", kind: "anon"),
        KnownWorkload("window --hot 64M --speed 4M", kind: "anon"),
        KnownWorkload("random --hot 128M", kind: "anon"),
        KnownWorkload("scan --hot 64M --speed 64M", kind: "anon"),
        KnownWorkload("steps --plan 1:96M,5:96M,15:96M,0:224M", kind: "mmap"),
        KnownWorkload("random --hot 128M", kind: "read"),
    ]

    private init(_ workload: String, kind: String) {
        self.workload = workload
        self.kind = kind
        name = "\(workload.prefix { $0 != " " })-\(kind)"
    }

    /// Starts it in a guest whose disk is mounted.
    func start(in guest: Guest) async throws -> GuestProcess {
        try await guest.spawn(
            """
            guest-tool touch \(workload) --kind \(kind) --bytes \(Self.bytes) --file \(BenchDisk.folder)/touched \
            --status \(Self.status)
            """)
    }

    private static let status = "/run/touch.status"

    /// What it touched within the last seconds of each length up to 128, in bytes; empty before its first report.
    static func touched(in guest: Guest) async throws -> [Double] {
        let report = try JSON(parsing: try await guest.sh("cat \(status) 2>/dev/null || echo '{}'"))
        return report["by_second"].elements.map { Double($0.integer ?? 0) }
    }

    /// What it touched within a window of any length, interpolated.
    static func touched(_ bySecond: [Double], within seconds: Double) -> Double? {
        guard let last = bySecond.last, seconds > 0 else { return nil }
        let place = seconds - 1
        guard place < Double(bySecond.count - 1) else { return last }
        guard place > 0 else { return bySecond[0] }
        let index = Int(place)
        return bySecond[index] + (bySecond[index + 1] - bySecond[index]) * (place - Double(index))
    }
}
