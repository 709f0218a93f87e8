import Testing
import VsockModel

@Suite("The line that asks for a port")
struct DialLineTests {
    /// What came of the bytes, and how many were looked at.
    private func read(_ text: String) -> (DialLine.Progress, Int) {
        var line = DialLine()
        for (index, byte) in text.utf8.enumerated() {
            let progress = line.feed(byte)
            if progress != .incomplete { return (progress, index + 1) }
        }
        return (.incomplete, text.utf8.count)
    }

    @Test("ports are read, and nothing after the line is touched")
    func ports() {
        #expect(read("CONNECT 700\nhello") == (.port(700), 12))
        #expect(read("CONNECT 700\r\nhello") == (.port(700), 13))
        #expect(read("CONNECT 4294967295\n").0 == .port(.max))
        #expect(read("CONNECT 0\n").0 == .port(0))
    }

    @Test(
        "other lines are wrong at the first byte that is",
        arguments: [
            ("GET / HTTP/1.1\r\n", 1), ("connect 1\n", 1), ("CONNECT \n", 9), ("CONNECT -1\n", 9),
            ("CONNECT 1 2\n", 10),
            ("CONNECT 4294967296\n", 19), ("CONNECT 99999999999\n", 19), ("CONNECT 1\r\r\n", 11),
            ("CONNECT 1\r2\n", 11),
        ])
    func wrong(text: String, looked: Int) {
        #expect(read(text) == (.wrong, looked))
    }

    @Test("half a line waits; the answer names the host's port")
    func rest() {
        #expect(read("CONNECT 70").0 == .incomplete)
        #expect(read("").0 == .incomplete)
        #expect(DialLine.answer(hostPort: 1_073_741_824) == Array("OK 1073741824\n".utf8))
    }
}
