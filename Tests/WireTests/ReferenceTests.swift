import Testing
import Wire

/// The codec held against `protoc`.
@Suite("The codec agrees with the reference protobuf implementation")
struct ReferenceTests {
    static let schema: String = {
        var lines = ["syntax = \"proto3\";", "import \"ballast.proto\";", "message Batch {"]
        for (index, type) in everyMessage.enumerated() {
            lines.append("  repeated ballast.v1.\(type.schemaName) f\(index + 1) = \(index + 1);")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }()

    private func check<Message: Sampled>(_ type: Message.Type, _ index: Int, _ protoc: Protoc) throws {
        var dice = Dice(seed: UInt64(index))
        let originals = [Message()] + (0..<(Message.self == ToHost.self ? 600 : 300)).map { _ in Message.sample(&dice) }
        func decoded(_ batch: [UInt8]) throws -> [Message] {
            let fields = try #require(RawField.split(batch))
            #expect(fields.allSatisfy { $0.number == UInt64(index) })
            return try fields.map { try Message(decoding: $0.value) }
        }

        // Their encoder, our decoder.
        let text = originals.map { "f\(index) {\n\(TextFormat.text($0))}\n" }.joined()
        let theirs = try protoc.encode("Batch", text)
        #expect(try decoded(theirs) == originals, "\(type) encoded by protoc")

        // Our encoder, their decoder and back.
        let ours = originals.flatMap { RawField.delimited(UInt64(index), $0.encoded()) }
        // Both write fields in the order of their numbers, so even the bytes agree.
        #expect(ours == theirs, "\(type) as bytes")
        let theirText = try protoc.decode("Batch", ours)
        #expect(try decoded(try protoc.encode("Batch", theirText)) == originals, "\(type) decoded by protoc")
        #expect(try protoc.decode("Batch", theirs) == theirText, "\(type) as text")
    }

    @Test("300 random messages of every type travel both ways", arguments: everyMessage.indices)
    func bothWays(position: Int) throws {
        try check(everyMessage[position], position + 1, try Protoc(schema: Self.schema))
    }

    @Test("The enumerations know exactly the schema's numbers", arguments: everyEnum.indices)
    func enumerations(position: Int) throws {
        let (type, message, field) = everyEnum[position]
        let protoc = try Protoc(schema: Self.schema)
        for number in [-1] + Array(1..<40) {
            let bytes = try protoc.encode("ballast.v1.\(message.schemaName)", "\(field): \(number)")
            let text = try protoc.decode("ballast.v1.\(message.schemaName)", bytes)
            let known = !text.contains(": \(number)\n")
            #expect(known == type.names.keys.contains(Int32(number)), "\(type) \(number): \(text)")
        }
    }

    @Test("Every message and field of the schema is there")
    func complete() throws {
        let schema = String(decoding: try Protoc.read(Protoc.sources + "/ballast.proto"), as: UTF8.self)
        var fields: [String: Set<String>] = [:]
        var scopes: [(kind: Substring, name: String)] = []
        for line in schema.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, !first.hasPrefix("//") else { continue }
            if words.last == "{" || words.last == "{}" {
                let outer = scopes.last.map { $0.name + "." } ?? ""
                let name = first == "oneof" ? scopes.last?.name ?? "" : outer + words[1]
                if first == "message" { fields[name] = [] }
                if words.last == "{" { scopes.append((first, name)) }
            } else if first == "}" {
                scopes.removeLast()
            } else if let scope = scopes.last, scope.kind != "enum", let equals = words.firstIndex(of: "=") {
                fields[scope.name, default: []].insert(String(words[equals - 1]))
            }
        }
        #expect(Set(everyMessage.map { $0.schemaName }) == Set(fields.keys))
        // The oneofs are covered by name when protoc reads every one of their choices.
        for type in everyMessage where type != ToGuest.self && type != ToHost.self {
            let names = Mirror(reflecting: type.init()).children.map { TextFormat.snake($0.label ?? "?") }
            #expect(Set(names) == fields[type.schemaName], "\(type)")
        }
        #expect(fields["ToGuest"]?.count == 10 && fields["ToHost"]?.count == 13)
    }
}
