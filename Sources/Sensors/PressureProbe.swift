import Glibc
import SystemPackage

/// Reads the totals of a pressure file again and again without allocating: for the governor while the balloon is not
/// empty. The file stays open.
@safe public struct PressureProbe: ~Copyable {
    private let file: Int32
    private let path: FilePath
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens `/proc/pressure/memory`.
    public init(_ roots: SensorRoots = SensorRoots()) throws(SensorError) {
        try self.init(file: PressureSensor.systemFile(roots))
    }

    /// Opens a cgroup's pressure, by its path below the root of version 2.
    public init(cgroup: String, roots: SensorRoots = SensorRoots()) throws(SensorError) {
        guard let file = PressureSensor.file(ofCgroup: cgroup, roots: roots) else {
            throw SensorError(
                .unreadable, path: roots.cgroup.appending(cgroup).appending("memory.pressure"),
                errno: .noSuchFileOrDirectory)
        }
        try self.init(file: file)
    }

    private init(file path: FilePath) throws(SensorError) {
        file = unsafe path.withPlatformString { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { throw SensorError(.unreadable, path: path, errno: Errno(rawValue: errno)) }
        self.path = path
        unsafe buffer = .allocate(byteCount: 512, alignment: 64)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        close(file)
        unsafe buffer.deallocate()
    }

    /// The totals now. Fails with `notSupported` where PSI is switched off, and with `noSuchDevice` once the cgroup is
    /// gone.
    public func totals() throws(SensorError) -> PressureTotals {
        while true {
            let count = unsafe pread(file, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return try unsafe parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            guard errno == EINTR else {
                throw SensorError(.unreadable, path: path, errno: Errno(rawValue: errno))
            }
        }
    }

    /// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and a second line with `full`.
    private func parse(_ text: UnsafeRawBufferPointer) throws(SensorError) -> PressureTotals {
        var totals = PressureTotals()
        var found = false
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, unsafe text[end] != UInt8(ascii: "\n") { end += 1 }
            guard end < text.count else { break }
            if let total = unsafe total(UnsafeRawBufferPointer(rebasing: text[start..<end])) {
                if unsafe text[start] == UInt8(ascii: "s") {
                    totals.someMicroseconds = total
                    found = true
                } else if unsafe text[start] == UInt8(ascii: "f") {
                    totals.fullMicroseconds = total
                }
            }
            start = end + 1
        }
        guard found else { throw SensorError(.malformed, path: path, field: "some") }
        return totals
    }

    /// The number after the last `=`, which is the total; nil where there is none that fits.
    private func total(_ line: UnsafeRawBufferPointer) -> UInt64? {
        var index = line.count
        var value: UInt64 = 0
        var scale: UInt64? = 1
        while index > 0 {
            index -= 1
            let byte = unsafe line[index]
            if byte == UInt8(ascii: "=") { return index + 1 < line.count ? value : nil }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let digit = UInt64(byte - UInt8(ascii: "0"))
            if digit > 0 {
                guard let scale else { return nil }
                let (product, tooLarge) = digit.multipliedReportingOverflow(by: scale)
                let (sum, carry) = value.addingReportingOverflow(product)
                guard !tooLarge, !carry else { return nil }
                value = sum
            }
            if let old = scale {
                let (next, tooLarge) = old.multipliedReportingOverflow(by: 10)
                scale = tooLarge ? nil : next
            }
        }
        return nil
    }
}
