public import Linux
import Synchronization
public import SystemPackage

/// What this daemon has taken out of guests whose RAM lies on huge pages, all VMs together, beside what the kernel's
/// pool could give back.
///
/// A discarded huge page has lost its reservation: a guest that touches it while the pool is empty kills its VMM with
/// SIGBUS. So nothing is discarded unless the pool covers every page that is missing from every VM, and a margin; and
/// when others drain the pool down to half the margin, everything that is missing is to be backed at once.
public final class HugePageLedger: Sendable {
    /// What is to be done now.
    public enum Verdict: Sendable, Hashable {
        /// More may be taken.
        case open
        /// Nothing more may be taken; what was taken is safe.
        case closed(String)
        /// The pool is being drained: back everything that was taken, now.
        case back(String)
    }

    /// Bytes beyond what was taken that the pool must have.
    public let marginBytes: UInt64
    private let pageBytes: UInt64
    private let sysRoot: FilePath
    private let state = Mutex(State())

    private struct State {
        var missing: [String: UInt64] = [:]
        /// The pool came close to the bound; it must recover to twice the margin first.
        var drained = false
    }

    /// A ledger of pages of `pageBytes` bytes, with nothing missing.
    public init(marginBytes: UInt64 = 64 << 20, pageBytes: UInt64 = 2 << 20, sysRoot: FilePath = "/sys") {
        self.marginBytes = marginBytes
        self.pageBytes = pageBytes
        self.sysRoot = sysRoot
    }

    /// Bytes missing from all VMs.
    public var missingBytes: UInt64 { state.withLock { $0.missing.values.reduce(0, &+) } }

    /// Notes how many bytes of a VM's RAM have no memory behind them: its size less what its files occupy.
    public func note(_ vm: String, missing: UInt64) {
        state.withLock { $0.missing[vm] = missing == 0 ? nil : missing }
    }

    /// Compares with the pool as it is now.
    public func verdict() -> Verdict {
        do throws(LinuxError) {
            return judge(try HugePagePool.read(pageBytes: pageBytes, sysRoot: sysRoot))
        } catch {
            return .closed("the pool of huge pages cannot be read: \(error)")
        }
    }

    /// Compares with `pool`.
    public func judge(_ pool: HugePagePool) -> Verdict {
        state.withLock { state in
            let missing = state.missing.values.reduce(0, &+)
            let available = pool.availableBytes
            let slack = available - min(missing, available)
            let numbers =
                "\(available >> 20) MiB can be had, \(missing >> 20) MiB are missing from guests, and "
                + "\(marginBytes >> 20) MiB are kept beyond that"
            if missing > 0, available < missing || slack < marginBytes / 2 {
                state.drained = true
                return .back("the pool of huge pages is being drained: \(numbers)")
            }
            if state.drained, slack >= 2 * marginBytes { state.drained = false }
            if state.drained || slack < marginBytes {
                return .closed(
                    "the pool of huge pages could not give more back: \(numbers); give it pages or "
                        + "nr_overcommit_hugepages")
            }
            return .open
        }
    }
}
