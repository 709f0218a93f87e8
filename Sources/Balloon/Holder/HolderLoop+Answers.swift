import Linux
import SystemPackage

/// What the agent is told.
extension HolderLoop {
    func fail(_ chunk: UInt64, slot: Int, _ errno: Errno, _ step: HolderStep) {
        var header = HolderCoding.Header(.failed)
        header.chunk = chunk
        header.slot = UInt32(clamping: slot)
        header.value = errno.rawValue
        header.detail = step.rawValue
        outbox.append(header)
    }

    func sendRuns(_ template: HolderCoding.Header) {
        var header = template
        let runs = unsafe builder.runs
        var first = 0
        repeat {
            let count = min(HolderCoding.extentsInPart, builder.runCount - first)
            header.count = UInt32(count)
            header.flags = first + count == builder.runCount ? HolderCoding.lastPart : 0
            unsafe outbox.append(header, bytes: count * HolderCoding.extentBytes) { part in
                let source = unsafe UnsafeBufferPointer(rebasing: runs[(first * 2)..<((first + count) * 2)])
                unsafe part.copyMemory(from: UnsafeRawBufferPointer(source))
            }
            first += count
        } while first < builder.runCount
    }

    func list() {
        var header = HolderCoding.Header(.listed)
        var index = 0
        repeat {
            var count = 0
            let start = index
            while index < table.end, count < HolderCoding.chunksInPart {
                if table[index].state != .free { count += 1 }
                index += 1
            }
            header.count = UInt32(count)
            header.flags = index >= table.end ? HolderCoding.lastPart : 0
            unsafe outbox.append(header, bytes: count * HolderCoding.chunkBytes) { [table] part in
                var offset = 0
                for entry in start..<index where table[entry].state != .free {
                    let chunk = table[entry]
                    let state: UInt32 =
                        switch chunk.state {
                        case .free, .held: 0
                        case .pinned: 1
                        case .building: 2
                        // Nobody was told of it yet, and its agent can still break it off.
                        case .repinning: 1
                        }
                    unsafe HolderCoding.store64(part, offset, chunk.id)
                    unsafe HolderCoding.store64(part, offset + 8, UInt64(chunk.bytes))
                    unsafe HolderCoding.store32(part, offset + 16, state)
                    unsafe HolderCoding.store32(part, offset + 20, UInt32(bitPattern: chunk.slot))
                    offset += HolderCoding.chunkBytes
                }
            }
        } while index < table.end
    }
}
