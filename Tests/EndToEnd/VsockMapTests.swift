import GuestMemory
import TestKit
import Testing

@Suite("Memory map from two sources", .serialized)
struct VsockMapTests {
    /// A machine, by what it has on top of the kit's.
    struct Machine: Sendable, CustomTestStringConvertible {
        var row: KernelRow
        var machine: GuestOptions.Machine
        var arguments: [String] = []
        /// Bytes of each NUMA node; none where the RAM is one block.
        var nodes: [UInt64] = []

        var testDescription: String {
            "\(machine.rawValue), QEMU for kernel \(row)\(arguments.isEmpty ? "" : ", VGA"), \(max(1, nodes.count)) nodes"
        }
    }

    // The device's own tests compare on i440fx without VGA and on q35 with it. RAM is a sparse file, of which a guest
    // that only boots touches little.
    static let machines = KernelRow.available.flatMap { row in
        [
            Machine(row: row, machine: row == .v6_1 ? .q35 : .pc, nodes: row == .v6_1 ? [1 << 30, 4 << 30] : []),
            Machine(row: row, machine: row == .v6_1 ? .pc : .q35, arguments: ["-device", "VGA"]),
            Machine(row: row, machine: .microvm),
        ]
    }

    @Test("what QMP tells and what the VMM hands over agree, below and above 4 GiB", arguments: machines)
    func agree(machine: Machine) async throws {
        try await VsockDevice.with { vsock in
            let options = GuestOptions(
                memory: 4608 << 20, kernel: machine.row, machine: machine.machine, nodes: machine.nodes, vsock: vsock,
                startsAgent: false, qemuArguments: machine.arguments)
            try await Guest.with(options) { guest in
                try await expectSameMap(guest, vsock)
            }
        }
    }
}

/// Each place that QMP tells of is at the same place of the same file in the memory table; what only the table has is
/// what the firmware lies over.
func expectSameMap(_ guest: Guest, _ vsock: VsockDevice) async throws {
    let table = try #require(try vsock.memoryTable())
    let ram = try await RAMOfGuest(guest)
    for region in ram.regions {
        let place = try #require(
            table.place(of: region.guestAddress, bytes: region.length), "\(region) is not in \(table)")
        #expect(place.fileOffset == region.fileOffset)
        #expect(BackingKey(device: place.device, inode: place.inode) == region.file)
    }
    let known = ram.regions.reduce(0) { $0 + $1.length }
    #expect(table.bytes >= known && table.bytes - known <= 256 << 10, "\(ram.regions) and \(table)")
    #expect(table.regions.contains { $0.guestAddress >= 4 << 30 } == (ram.bytes > 3 << 30))
    print("\(guest.options): \(ram.regions.count) regions from QMP, \(table.regions.count) from the VMM, same map")
}
