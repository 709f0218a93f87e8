// Built in one module with the sources of Hypervisor that it needs, since some of their initialisers are internal.

/// Reads a QMP stream and the typed answers in it.
///
/// Byte 0: bit 0 small limits, the rest the length of the pieces (0 for one piece). The rest is the stream.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQMP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let options = input.byte()
    let stream = input.remainder()
    let limits = options & 1 == 0 ? QMPDecoder.Limits(messageBytes: 1 << 16) : .init(messageBytes: 128, depth: 4)
    var decoder = QMPDecoder(limits: limits)
    let results = decoder.feed(stream)
    require(results.count <= stream.count, "each result takes a byte")
    require(decoder.messages + decoder.faults == UInt64(results.count), "everything is counted")
    for case .success(let message) in results { read(message) }
    let step = Int(options >> 1)
    if step > 0 {
        var pieces = QMPDecoder(limits: limits)
        var again: [Result<QMPMessage, QMPDecoder.Fault>] = []
        for begin in stride(from: 0, to: stream.count, by: step) {
            again += pieces.feed(stream[begin..<min(begin + step, stream.count)])
        }
        require(again == results, "pieces hold the messages of the whole")
    }
    // After a line end outside of any message, a message is understood whatever came before: the first end may lie
    // in a string, the braces close what is open.
    let depth = String(repeating: "}", count: limits.depth)
    _ = decoder.feed("\"\n\(depth)\n".utf8)
    let last = decoder.feed("\n{\"return\":{},\"id\":9}\n".utf8)
    require(last == [.success(.success(id: 9, value: [:]))], "the stream can be used again")
    return 0
}

private func read(_ message: QMPMessage) {
    switch message {
    case .greeting(let greeting): _ = greeting.version
    case .success(_, let value):
        if let statistics = try? BalloonStatistics(value) {
            require(statistics.values.values.allSatisfy { $0 != .max }, "no value is no value")
        }
        if let state = try? MigrationState(migrate: value, capabilities: value["capabilities"] ?? .null) {
            _ = state.isActive
        }
        _ = try? QOMObject.children(of: "/machine", in: value)
        _ = QMPError.unexpected("fuzz", value).description
    case .failure, .event: break
    }
}
