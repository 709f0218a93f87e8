import Glibc
import Linux
import VsockModel

/// One of the device's rings with what the VMM said of it.
final class Ring {
    let index: UInt32
    var size: UInt32 = 0
    /// Where it begins or goes on.
    var base: UInt16 = 0
    var address: RingAddress?
    var kick: OwnedDescriptor?
    var call: OwnedDescriptor?
    var error: OwnedDescriptor?
    var isEnabled = false
    /// Whether the VMM started it, which it does by a kick descriptor.
    var isStarted = false
    /// Whether it broke the rules; until the VMM stops it.
    var isBroken = false
    /// The ring itself, while it runs.
    var queue: SplitQueue?
    /// Where it was when the VMM stopped it; a ring that starts there again has only paused.
    var stopped: UInt16?

    init(index: UInt32) { self.index = index }

    /// Whether it should run and does not.
    var isWaiting: Bool { queue == nil && isStarted && isEnabled && !isBroken && address != nil }

    /// Whether it has only paused since it ran the last time, by what the VMM says. After a reset rings begin at 0.
    var continues: Bool { base != 0 && base == stopped }

    /// Tells the driver of what was completed, if it wants to hear of it.
    func notify(_ memory: RegionMemory) throws(QueueError) {
        if try queue?.mustNotify(in: memory) == true { Self.signal(call) }
    }

    /// Takes the kicks that have come.
    func drainKicks() {
        guard let kick else { return }
        var count: UInt64 = 0
        _ = unsafe read(kick.rawValue, &count, 8)
    }

    /// It is not touched any more until the VMM has stopped and started it.
    func fail() {
        queue = nil
        isBroken = true
        Self.signal(error)
    }

    private static func signal(_ event: OwnedDescriptor?) {
        guard let event else { return }
        var one: UInt64 = 1
        // A full counter has woken the reader already.
        _ = unsafe write(event.rawValue, &one, 8)
    }
}
