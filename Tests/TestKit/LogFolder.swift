import Glibc

/// The folders of logs: one for each guest, named after its test, emptied when the test runs again.
enum LogFolder {
    private static let used = Monitor<[String: Int]>([:])

    static func make(_ name: String) throws -> String {
        let plain = name.split(separator: "(")[0].map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "_" }
        let count = used.with { used in
            used[String(plain), default: 0] += 1
            return used[String(plain), default: 1]
        }
        let path = "\(Layout.logs)/\(String(plain))\(count > 1 ? "-\(count)" : "")"
        Scratch.remove(path)
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            mkdir(made, 0o755)
        }
        guard access(path, W_OK) == 0 else { throw KitError("\(path) cannot be made: errno \(errno)") }
        return path
    }
}
