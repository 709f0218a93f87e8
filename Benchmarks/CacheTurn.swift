/// What one contender did to a guest that serves files.
struct CacheTurn {
    /// Throughput while the balloon stands, as a share of that before and after it, by how files are read.
    var throughput: [FileServer.Kind: Double] = [:]
    /// Share of the bytes idle for more than a minute that are no longer in the guest's page cache.
    var given: [FileServer.Kind: Double] = [:]
    /// Share of the bytes in constant use that stayed in the guest's page cache.
    var kept: [FileServer.Kind: Double] = [:]
    /// What the balloon held, in bytes.
    var held: UInt64 = 0

    /// One line for whoever watches.
    var description: String {
        let shares = FileServer.Kind.allCases.map { kind in
            "\(kind.rawValue): \(Statistics.text(throughput[kind] ?? 0)) of the throughput, "
                + "\(Statistics.text(given[kind] ?? 0)) of idle given up, \(Statistics.text(kept[kind] ?? 0)) of hot kept"
        }
        return "holds \(held >> 20) MiB; " + shares.joined(separator: "; ")
    }
}
