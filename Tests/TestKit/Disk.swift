import Glibc

/// Disk images, without qemu-img.
enum Disk {
    /// A sparse raw image.
    static func raw(at path: String, bytes: UInt64) throws {
        try write([], to: path)
        guard let size = Int(exactly: bytes), truncate(path, size) == 0 else {
            throw KitError("\(path) cannot be made \(bytes) bytes long: errno \(errno)")
        }
    }

    /// An empty qcow2 image (version 2, clusters of 64 KiB): header, refcount table, refcount block, L1 table.
    static func qcow2(at path: String, bytes: UInt64) throws {
        let cluster = 65536
        var image = [UInt8](repeating: 0, count: 4 * cluster)
        func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
            withUnsafeBytes(of: value.bigEndian) { image.replaceSubrange(offset..<offset + $0.count, with: $0) }
        }
        put(UInt32(0x5146_49FB), at: 0)
        put(UInt32(2), at: 4)
        put(UInt32(16), at: 20)  // cluster bits
        put(bytes, at: 24)
        // One L2 table maps 512 MiB.
        put(UInt32(max(1, (bytes + (512 << 20) - 1) / (512 << 20))), at: 36)
        put(UInt64(3 * cluster), at: 40)  // L1 table
        put(UInt64(cluster), at: 48)  // refcount table
        put(UInt32(1), at: 56)  // of one cluster
        put(UInt64(2 * cluster), at: cluster)
        for used in 0..<4 { put(UInt16(1), at: 2 * cluster + 2 * used) }
        try write(image, to: path)
    }
}
