import Glibc
import Linux
import SystemPackage

/// Configuration of other programs.
enum ConfigurationText {
    /// A regular file below a root, as text; nil for anything else: opening a pipe could wait for ever.
    static func read(_ path: String, roots: SensorRoots, limit: Int = 1 << 18) -> String? {
        let file = roots.root.appending(path)
        guard let opened = try? SmallFile.open(file, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY) else { return nil }
        var status = stat()
        guard unsafe fstat(opened.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let bytes = try? TextFile.read(file, limit: limit)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names of files in a folder below a root that end like this, sorted.
    static func names(in folder: String, ending: String, roots: SensorRoots) -> [String] {
        Folder.names(in: roots.root.appending(folder), limit: 256) { $0.hasSuffix(ending) }
    }

    /// The lines without blanks around them and without those that are empty or comments.
    static func lines(_ text: String) -> [String] {
        text.split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }.map(\.trimmed)
            .filter { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix(";") }
    }

    /// Without one pair of quotes around it.
    static func unquoted(_ text: String) -> String {
        for quote in ["\"", "'"] where text.utf8.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return text
    }

    /// A share such as `90%`, `12.5%` or `900‰`, in hundredths of a percent; nil for anything else and for more than the
    /// whole.
    static func share(_ text: String) -> UInt64? {
        for (suffix, scale) in [("%", 100.0), ("\u{2030}", 10.0), ("\u{2031}", 1.0)] where text.hasSuffix(suffix) {
            guard let value = Double(text.dropLast().trimmed), value >= 0, value * scale <= 10_000 else { return nil }
            return wholeNumber((value * scale).rounded())
        }
        return nil
    }
}
