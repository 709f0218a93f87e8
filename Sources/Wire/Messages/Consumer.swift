/// One cgroup. Since: 0.2.
public struct Consumer: WireMessage {
    /// Path below the cgroup root, with a leading slash. Of a path longer than 256 bytes the last 253 after "...".
    public var cgroup: String = ""
    /// `current_bytes`, field 2.
    public var currentBytes: UInt64 = 0
    /// `anonymous_bytes`, field 3.
    public var anonymousBytes: UInt64 = 0
    /// `file_bytes`, field 4.
    public var fileBytes: UInt64 = 0
    /// The tightest limit of the cgroup and its ancestors; 0 where there is none.
    public var limitBytes: UInt64 = 0
    /// `swap_bytes`, field 6.
    public var swapBytes: UInt64 = 0
    /// Absent where the kernel does not tell.
    public var pressure: PressureReport?
    /// `oom_kills`, field 8.
    public var oomKills: UInt64 = 0
    /// How fast it grows; 0 where it does not or where that is unknown.
    public var growthBytesPerHour: UInt64 = 0
    /// `shmem_bytes`, field 10.
    public var shmemBytes: UInt64 = 0
    /// `kernel_bytes`, field 11.
    public var kernelBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        cgroup: String = "",
        currentBytes: UInt64 = 0,
        anonymousBytes: UInt64 = 0,
        fileBytes: UInt64 = 0,
        limitBytes: UInt64 = 0,
        swapBytes: UInt64 = 0,
        pressure: PressureReport? = nil,
        oomKills: UInt64 = 0,
        growthBytesPerHour: UInt64 = 0,
        shmemBytes: UInt64 = 0,
        kernelBytes: UInt64 = 0
    ) {
        self.cgroup = cgroup
        self.currentBytes = currentBytes
        self.anonymousBytes = anonymousBytes
        self.fileBytes = fileBytes
        self.limitBytes = limitBytes
        self.swapBytes = swapBytes
        self.pressure = pressure
        self.oomKills = oomKills
        self.growthBytesPerHour = growthBytesPerHour
        self.shmemBytes = shmemBytes
        self.kernelBytes = kernelBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, cgroup)
        writer.field(2, currentBytes)
        writer.field(3, anonymousBytes)
        writer.field(4, fileBytes)
        writer.field(5, limitBytes)
        writer.field(6, swapBytes)
        if let pressure { writer.message(7, pressure) }
        writer.field(8, oomKills)
        writer.field(9, growthBytesPerHour)
        writer.field(10, shmemBytes)
        writer.field(11, kernelBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: cgroup = try reader.string()
        case 2: currentBytes = try reader.uint64()
        case 3: anonymousBytes = try reader.uint64()
        case 4: fileBytes = try reader.uint64()
        case 5: limitBytes = try reader.uint64()
        case 6: swapBytes = try reader.uint64()
        case 7: try reader.message(into: &pressure)
        case 8: oomKills = try reader.uint64()
        case 9: growthBytesPerHour = try reader.uint64()
        case 10: shmemBytes = try reader.uint64()
        case 11: kernelBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
