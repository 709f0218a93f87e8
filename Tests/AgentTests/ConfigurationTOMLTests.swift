import Glibc
import Testing

@testable import Agent

@Suite("Every accepted document is valid TOML")
struct ConfigurationTOMLTests {
    /// Reads documents, each as its length on a line and its bytes, and prints what they mean.
    private static let program = """
        import sys, tomllib
        def show(value):
            if isinstance(value, bool): return 'b' + str(value).lower()
            if isinstance(value, int): return 'i' + str(value)
            if isinstance(value, str): return 's' + value.encode().hex()
            if isinstance(value, list): return 'l' + ','.join(show(each) for each in value)
            raise ValueError(value)
        for path in sys.argv[1:]:
            data = open(path, 'rb')
            while line := data.readline():
                try:
                    document = tomllib.loads(data.read(int(line)).decode())
                except ValueError as error:
                    print('refused', str(error).replace('\\n', ' '))
                    continue
                lines = []
                for key, value in document.items():
                    if isinstance(value, dict):
                        lines.append(f'[{key}]')
                        lines += [f'{key}.{name}={show(each)}' for name, each in value.items()]
                    else:
                        lines.append(f'.{key}={show(value)}')
                print(' '.join(sorted(lines)))
        """

    private static func show(_ value: TOMLValue) -> String {
        switch value {
        case .boolean(let value): "b\(value)"
        case .integer(let value): "i\(value)"
        case .string(let text):
            "s"
                + text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case .strings(let texts): "l" + texts.map { show(.string($0)) }.joined(separator: ",")
        }
    }

    private static func show(_ document: TOMLDocument) -> String {
        var lines: [String] = []
        for table in document.tables {
            if !table.name.isEmpty { lines.append("[\(table.name)]") }
            lines += table.entries.map { "\(table.name).\($0.key)=\(show($0.value))" }
        }
        return lines.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.joined(separator: " ")
    }

    private static let hasPython: Bool = run("import tomllib", arguments: []) != nil

    /// What a Python program prints; nil where it fails or there is none.
    private static func run(_ program: String, arguments: [String]) -> String? {
        let words = ["python3", "-c", program] + arguments
        let command = words.map { word in
            "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        guard let pipe = unsafe popen(command.joined(separator: " ") + " 2>/dev/null", "r") else { return nil }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            output += buffer[..<count]
        }
        return unsafe pclose(pipe) == 0 ? String(decoding: output, as: UTF8.self) : nil
    }

    @Test(
        "Python's tomllib accepts what the agent accepts, with the same values",
        .enabled(if: hasPython, "python3 with tomllib (3.11 or later) is not installed"))
    func agreesWithPython() throws {
        var corpus = ConfigurationCorpus(seed: 1)
        var input: [UInt8] = []
        var expected: [String] = []
        var sources: [[UInt8]] = []
        for _ in 0..<20_000 {
            let bytes = corpus.document()
            guard let document = try? TOMLDocument(bytes, file: "a") else { continue }
            input += Array("\(bytes.count)\n".utf8) + bytes
            expected.append(Self.show(document))
            sources.append(bytes)
        }
        #expect(expected.count > 4000, "the corpus must not be refused as a whole")

        var template = Array("/tmp/ballast-toml-XXXXXX".utf8CString)
        let file = unsafe mkstemp(&template)
        try #require(file >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = unsafe remove(path) }
        var rest = input[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        close(file)

        let output = try #require(Self.run(Self.program, arguments: [path]))
        let meanings = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        try #require(meanings.count == expected.count)
        for (index, meaning) in meanings.enumerated() where meaning != expected[index] {
            Issue.record("\(String(decoding: sources[index], as: UTF8.self).debugDescription) means \(meaning)")
        }
    }
}
