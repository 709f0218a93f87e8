import GuestMemory
import Hypervisor
import Linux
import SystemPackage
import TestKit

// GuestMemory and Hypervisor have types of the same names; the discard engine's get names of their own.
typealias BackingKey = GuestMemory.FileKey
typealias BackingFile = GuestMemory.RAMFile

/// The RAM of a guest as its VMM tells it, with the files open and locked.
struct RAMOfGuest {
    let regions: [MemoryRegion]
    let locks: [FileLock]
    let bytes: UInt64

    init(_ guest: Guest) async throws {
        let client = try await QMPClient.connect(path: guest.ballastQMP, timeout: .seconds(60))
        let found = try await VMMInspector(
            monitor: VirtualMachineMonitor(client), configuredPID: nil
        ).inspect()
        await client.close()
        guard found.refusals.isEmpty else { throw KitError("refused: \(found.refusals)") }
        regions = found.sections.map {
            MemoryRegion(
                guestAddress: $0.guestAddress, length: $0.length,
                file: BackingKey(device: $0.file.device, inode: $0.file.inode), fileOffset: $0.fileOffset)
        }
        locks = try found.files.values.map { file in
            try BackingFile(path: "/proc/self/fd/\(file.descriptor.rawValue)").lock()
        }
        bytes = found.memory.totalBytes
    }

    /// The map that is right.
    var map: MemoryMap { get throws { try MemoryMap(regions: regions) } }

    /// The map with every guest address moved by `delta` bytes; what falls below zero is left out.
    func shifted(by delta: Int64) throws -> MemoryMap {
        try MemoryMap(
            regions: regions.compactMap { region in
                var region = region
                if delta >= 0 {
                    region.guestAddress += UInt64(delta)
                } else if region.guestAddress >= delta.magnitude {
                    region.guestAddress -= delta.magnitude
                } else {
                    let lost = delta.magnitude - region.guestAddress
                    guard lost < region.length else { return nil }
                    region.guestAddress = 0
                    region.fileOffset += lost
                    region.length -= lost
                }
                return region
            })
    }

    /// The map in which the RAM above 4 GiB is taken for as much RAM at the bottom, and the reverse.
    func exchanged() throws -> MemoryMap {
        guard let high = regions.last(where: { $0.guestAddress >= 4 << 30 }) else { throw KitError("no high RAM") }
        guard let low = regions.last(where: { $0.guestAddress < 4 << 30 && $0.length >= high.length }) else {
            throw KitError("no low RAM of that size")
        }
        let below = MemoryRegion(
            guestAddress: low.guestAddress, length: high.length, file: high.file, fileOffset: high.fileOffset)
        let above = MemoryRegion(
            guestAddress: high.guestAddress, length: high.length, file: low.file, fileOffset: low.fileOffset)
        return try MemoryMap(regions: [below, above])
    }

    /// The map of this RAM with another guest's file in the place of its own.
    func over(_ other: RAMOfGuest) throws -> MemoryMap {
        guard let file = other.locks.first?.file.key else { throw KitError("the other guest has no file") }
        return try MemoryMap(
            regions: regions.map {
                MemoryRegion(guestAddress: $0.guestAddress, length: $0.length, file: file, fileOffset: $0.fileOffset)
            })
    }
}
