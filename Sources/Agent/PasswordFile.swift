import Linux
import SystemPackage

/// The user database as a file; the agent asks no name service.
enum PasswordFile {
    /// The number of a user; nil where there is none of that name.
    static func userID(of name: String, in path: FilePath) -> UInt32? {
        guard let bytes = try? SmallFile.read(path) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0].elementsEqual(name.utf8) {
                return UInt32(String(decoding: fields[2], as: UTF8.self))
            }
        }
        return nil
    }
}
