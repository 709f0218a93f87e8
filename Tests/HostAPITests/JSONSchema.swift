/// As much of JSON Schema as Ballast's own schemas use; what it does not know is an error, not a pass.
struct JSONSchema {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private static let known: Set<String> = [
        "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "items", "enum",
        "minimum",
        "maximum",
    ]

    let root: JSONValue

    /// What is wrong with `document`, by the definition of that name or the root. Keys that the schema does not name
    /// count as wrong: the schema is to be complete, though readers have to ignore what they do not know.
    func problems(_ document: JSONValue, definition: String? = nil) throws -> [String] {
        var found: [String] = []
        try check(document, try schema(definition), "$", &found)
        return found
    }

    /// Every property of the schema as a path, such as `$.memory.nodes[].node`.
    func properties(definition: String? = nil) throws -> Set<String> {
        var paths: Set<String> = []
        try collect(try schema(definition), "$", &paths)
        return paths
    }

    /// Every key of a document as such a path.
    static func keys(_ document: JSONValue, _ path: String = "$") -> Set<String> {
        var paths: Set<String> = []
        for (key, value) in document.members {
            paths.insert("\(path).\(key)")
            paths.formUnion(keys(value, "\(path).\(key)"))
        }
        for element in document.elements { paths.formUnion(keys(element, "\(path)[]")) }
        return paths
    }

    private func schema(_ definition: String?) throws -> JSONValue {
        guard let definition else { return root }
        guard let found = root["$defs"]?[definition] else { throw Trouble(description: "no definition \(definition)") }
        return found
    }

    private func resolve(_ schema: JSONValue) throws -> JSONValue {
        let unknown = Set(schema.members.keys).subtracting(Self.known)
        guard unknown.isEmpty else { throw Trouble(description: "keywords \(unknown) are not understood") }
        guard let reference = schema["$ref"]?.text else { return schema }
        guard reference.hasPrefix("#/$defs/") else { throw Trouble(description: "\(reference) is not understood") }
        return try self.schema(String(reference.dropFirst("#/$defs/".count)))
    }

    private func collect(_ reference: JSONValue, _ path: String, _ paths: inout Set<String>) throws {
        let schema = try resolve(reference)
        for (key, value) in schema["properties"]?.members ?? [:] {
            paths.insert("\(path).\(key)")
            try collect(value, "\(path).\(key)", &paths)
        }
        if let items = schema["items"] { try collect(items, "\(path)[]", &paths) }
    }

    private func check(
        _ value: JSONValue, _ reference: JSONValue, _ path: String, _ found: inout [String]
    ) throws {
        let schema = try resolve(reference)
        guard let type = schema["type"]?.text else { throw Trouble(description: "\(path): the schema has no type") }
        switch (type, value) {
        case ("object", .object(let members)):
            let properties = schema["properties"]?.members ?? [:]
            for key in schema["required"]?.elements.compactMap(\.text) ?? [] where members[key] == nil {
                found.append("\(path).\(key) is missing")
            }
            for (key, member) in members {
                guard let property = properties[key] else {
                    found.append("\(path).\(key) is not in the schema")
                    continue
                }
                try check(member, property, "\(path).\(key)", &found)
            }
        case ("array", .array(let elements)):
            guard let items = schema["items"] else { throw Trouble(description: "\(path): the schema has no items") }
            for (index, element) in elements.enumerated() { try check(element, items, "\(path)[\(index)]", &found) }
        case ("string", .string), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number):
            break
        default: found.append("\(path) is no \(type)")
        }
        if let words = schema["enum"]?.elements, !words.contains(value) { found.append("\(path) is none of \(words)") }
        if let number = value.value {
            if let least = schema["minimum"]?.value, number < least { found.append("\(path) is below \(least)") }
            if let most = schema["maximum"]?.value, number > most { found.append("\(path) is above \(most)") }
        }
    }
}
