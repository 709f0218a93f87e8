import Wire

/// Decodes a message of either direction. Byte 0: bit 0 says which one; the rest is the message.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    if input.byte() & 1 == 0 {
        guard let message: ToGuest = roundTrip(input.remainder()) else { return 0 }
        if case .hello(let hello)? = message.message { read(hello) }
    } else {
        guard let message: ToHost = roundTrip(input.remainder()) else { return 0 }
        switch message.message {
        case .offer(let offer): read(offer.extents)
        case .inventory(let inventory): read(inventory.extents)
        default: break
        }
    }
    return 0
}

/// The message in `bytes`, if there is one; its encoding is one, means the same, and is the only one.
private func roundTrip<Message: WireMessage>(_ bytes: [UInt8]) -> Message? {
    guard let message = try? Message(decoding: bytes) else { return nil }
    let encoded = message.encoded()
    guard let again = try? Message(decoding: encoded) else { fatalError("broken promise: what is written can be read") }
    require(again == message, "a message survives its encoding")
    require(again.encoded() == encoded, "a message has one encoding")
    return message
}

private func read(_ hello: Hello) {
    require(named(hello.role) == hello.role, "a role's name stands for it")
    if let nonce = Nonce(bytes: hello.nonce) { require(nonce.bytes == hello.nonce, "a nonce survives") }
}

/// The value that the name of `value` stands for; a number without a name has none and stands for itself.
private func named<Value: WireEnum>(_ value: Value) -> Value { Value(name: value.name) ?? value }

private func read(_ numbers: [UInt64]) {
    guard let extents = Extent.decode(numbers) else { return }
    require(Extent.encode(extents) == numbers, "extents survive")
    for extent in extents {
        let (end, wraps) = extent.address.addingReportingOverflow(extent.bytes)
        require(!wraps && extent.bytes > 0 && end > extent.address, "no extent wraps or is empty")
        require(extent.address / Extent.frameBytes == extent.firstFrame, "no address wraps")
    }
    // 8192 extents of 2^52 bytes at most: their sum may not fit, and says so then.
    _ = Extent.totalBytes(extents)
}
