/// What a VM's RAM occupies on the host.
public enum Residency {
    /// The sum over the VM's RAM files in bytes (`st_blocks` × 512, swapped pages included).
    public static func total(of files: [RAMFile]) throws(RAMFileError) -> UInt64 {
        var total: UInt64 = 0
        for file in files { total += try file.residentBytes() }
        return total
    }

    /// Bytes of these ranges that have contents on the host.
    public static func total(of files: [RAMFile], in ranges: [FileRange]) throws(RAMFileError) -> UInt64 {
        var total: UInt64 = 0
        for file in files { total += try file.residentBytes(in: ranges) }
        return total
    }
}
