import Glibc
import Linux
import VsockModel

/// The guest's memory, mapped from the descriptors of a memory table.
final class MappedTable {
    let table: MemoryTable
    let memory: RegionMemory
    private let mappings: Mappings
    private let files: [FileMemory.Status]

    /// Maps a table.
    /// - Parameter descriptors: one for each region, in the same order.
    init(_ table: MemoryTable, _ descriptors: [OwnedDescriptor]) throws(DeviceError) {
        guard table.regions.count == descriptors.count else {
            throw DeviceError("\(table.regions.count) regions of memory came with \(descriptors.count) descriptors")
        }
        let mappings = Mappings()
        var files: [FileMemory.Status] = []
        var regions: [RegionMemory.Region] = []
        for (region, descriptor) in zip(table.regions, descriptors) {
            guard let file = try? FileMemory(descriptor.descriptor).status() else {
                throw DeviceError("a region of memory has no file")
            }
            // Touching a mapping beyond its file's end would kill this process.
            guard region.fileOffset + region.byteCount <= file.bytes, region.fileOffset % 4096 == 0,
                let length = Int(exactly: region.byteCount)
            else { throw DeviceError("a region of memory does not lie in its file") }
            let base = unsafe mmap(
                nil, length, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_NORESERVE), descriptor.rawValue,
                off_t(region.fileOffset))
            guard let base = unsafe base, UInt(bitPattern: base) != .max else {
                throw DeviceError("a region of memory cannot be mapped: errno \(errno)")
            }
            let bytes = unsafe UnsafeMutableRawBufferPointer(start: base, count: length)
            unsafe mappings.buffers.append(bytes)
            files.append(file)
            unsafe regions.append(.init(guestAddress: region.guestAddress, bytes: bytes))
        }
        self.table = table
        self.mappings = mappings
        self.files = files
        memory = RegionMemory(regions)
    }

    /// The table as JSON, in bytes and guest physical addresses.
    /// - Parameter number: how many tables the VMM has sent.
    func json(number: UInt64) -> String {
        let lines = zip(table.regions, files).map { region, file in
            """
            {"guest_address":\(region.guestAddress),"bytes":\(region.byteCount),"user_address":\(region.userAddress),\
            "file_offset":\(region.fileOffset),"device":\(file.identity.device),"inode":\(file.identity.inode),\
            "file_bytes":\(file.bytes)}
            """
        }
        return "{\"number\":\(number),\"regions\":[\n\(lines.joined(separator: ",\n"))\n]}\n"
    }
}

/// Mappings that end with their last reference.
@safe
private final class Mappings {
    var buffers: [UnsafeMutableRawBufferPointer] = unsafe []

    deinit {
        while let buffer = unsafe buffers.popLast() { unsafe munmap(buffer.baseAddress, buffer.count) }
    }
}
