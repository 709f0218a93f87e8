import SystemPackage

/// Small files of the kernel, read whole.
enum TextFile {
    /// The file's bytes, at most `limit` of them.
    static func read(_ path: FilePath, limit: Int = 1 << 20) throws(SensorError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            defer { try? file.close() }
            var bytes: [UInt8] = []
            // The kernel hands out at most a page or so at a time: only a read of nothing is the end.
            while bytes.count <= limit {
                let part = try unsafe [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
                    count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                guard !part.isEmpty else { return bytes }
                bytes += part
            }
        } catch {
            throw SensorError(.unreadable, path: path, errno: error as? Errno)
        }
        throw SensorError(.tooLong, path: path)
    }

    /// The file's only line without blanks around it.
    static func line(_ path: FilePath) throws(SensorError) -> String {
        let text = String(decoding: try read(path, limit: 1 << 16), as: UTF8.self)
        let words = text.split(separator: "\n", maxSplits: 1)
        return words.first.map { String($0).trimmed } ?? ""
    }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
