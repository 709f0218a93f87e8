import HostAPI
import SystemPackage
import TOMLKit

/// Reads the policy file, `/etc/ballast/host.toml`.
public enum PolicyFile {
    /// Where the policy is unless the command line says otherwise.
    public static let defaultPath = "/etc/ballast/host.toml"
    /// The largest file that is read, in bytes.
    static let largestFile = 1 << 20

    /// Reads and checks a policy file.
    public static func load(_ path: String) throws(PolicyError) -> HostPolicy {
        let bytes: [UInt8]?
        do {
            bytes = try StateStoreFiles.read(path, limit: largestFile)
        } catch {
            let cause = (error as? Errno)?.description ?? "\(error)"
            throw PolicyError(
                file: path,
                problems: [.init(line: nil, message: "cannot be read (\(cause)); check its permissions")])
        }
        guard let bytes else {
            throw PolicyError(
                file: path,
                problems: [.init(line: nil, message: "there is no such file; write one or name yours with --policy")])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PolicyError(file: path, problems: [.init(line: nil, message: "the file is not UTF-8 text")])
        }
        return try parse(text, file: path)
    }

    /// Checks the text of a policy file; `file` is only for messages.
    public static func parse(_ text: String, file: String) throws(PolicyError) -> HostPolicy {
        // The parser takes C strings, and would stop silently at a NUL.
        if let position = text.utf8.firstIndex(of: 0) {
            let line = text.utf8[..<position].count { $0 == 10 } + 1
            throw PolicyError(file: file, problems: [.init(line: line, message: "a NUL byte; write plain text")])
        }
        let root: TOMLTable
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw PolicyError(
                file: file, problems: [.init(line: error.source.begin.line, message: oneLine(error.description))])
        } catch {
            throw PolicyError(file: file, problems: [.init(line: nil, message: oneLine("\(error)"))])
        }
        var reader = PolicyReader(lines: PolicyLines(text))
        let policy = reader.read(root)
        let problems = (reader.problems + policy.problems.map(reader.locate))
            .enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
        guard problems.isEmpty else { throw PolicyError(file: file, problems: problems) }
        return policy
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
