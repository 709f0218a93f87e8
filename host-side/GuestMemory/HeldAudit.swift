import Wire

/// Finds held chunks whose frames the host backs again: the guest's kernel moved them, a migration or a dump filled
/// the holes, or they are known from an inventory and were never discarded.
///
/// That costs efficiency and never correctness; the remedy is to ask the agent to offer the chunk again.
public enum HeldAudit {
    /// What the host finds of one held chunk.
    public struct Finding: Hashable, Sendable {
        /// The chunk.
        public var chunk: UInt64
        /// Bytes booked for it.
        public var bookedBytes: UInt64
        /// Bytes of these that have contents on the host.
        public var residentBytes: UInt64

        /// Describes a finding.
        public init(chunk: UInt64, bookedBytes: UInt64, residentBytes: UInt64) {
            self.chunk = chunk
            self.bookedBytes = bookedBytes
            self.residentBytes = residentBytes
        }
    }

    /// A chunk is worth offering again from 1 MiB on, or from a tenth of it.
    public static func isWorthOffering(_ finding: Finding) -> Bool {
        finding.residentBytes >= 1 << 20
            || (finding.residentBytes > 0 && finding.residentBytes >= finding.bookedBytes / 10)
    }

    /// The chunks to ask for, most resident first, at most `limit`.
    public static func chunksToOffer(_ findings: [Finding], limit: Int = 4096) -> [UInt64] {
        let worth = findings.filter(isWorthOffering)
            .sorted { ($1.residentBytes, $0.chunk) < ($0.residentBytes, $1.chunk) }
        return worth.prefix(limit).map(\.chunk)
    }

    /// Walks data and holes of every held range; files on hugetlbfs, which knows no holes, are passed over. Blocks; takes a copy of the book so that the session goes on.
    ///
    /// - Parameters:
    ///   - book: the book of the session.
    ///   - files: the RAM files of the VM.
    ///   - chunks: only these, nil for all. Large balloons are audited in parts.
    public static func run(
        book: RangeBook, files: [RAMFile], chunks: Set<UInt64>? = nil
    ) throws(RAMFileError) -> [Finding] {
        var findings: [Finding] = []
        for (chunk, frames) in book.heldFrames() where chunks?.contains(chunk) ?? true {
            var ranges: [FileRange] = []
            var finding = Finding(chunk: chunk, bookedBytes: 0, residentBytes: 0)
            for run in frames {
                let extent = Extent(firstFrame: run.lowerBound, frames: run.upperBound - run.lowerBound)
                finding.bookedBytes += extent.bytes
                // Booked ranges were checked against the same map; alignment does not matter to an audit.
                ranges += (try? book.map.backing(of: extent)) ?? []
            }
            let joined = FileRange.coalesced(ranges) ?? ranges
            for file in files where file.backing == .tmpfs {
                finding.residentBytes += try file.residentBytes(in: joined)
            }
            findings.append(finding)
        }
        return findings
    }
}
