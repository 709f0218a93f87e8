/// The command line.
struct BenchOptions {
    /// How often each thing is measured.
    var repetitions = 5
    /// Only benchmarks whose name begins with one of these; empty means all.
    var only: [String] = []
    /// Whether it is only to be seen that all of it works.
    var isQuick = false
    /// How long idle agents are watched, in seconds.
    var idleSeconds = 60

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--repetitions":
                guard let number = rest.popFirst().flatMap({ Int($0) }), (1...1000).contains(number) else {
                    throw BenchError("--repetitions wants a number from 1 to 1000")
                }
                repetitions = number
            case "--only":
                guard let name = rest.popFirst(), !name.isEmpty else {
                    throw BenchError("--only wants the name of a benchmark, or several with commas between them")
                }
                only += name.split(separator: ",").map(String.init)
            case "--quick":
                isQuick = true
                repetitions = 1
                idleSeconds = 10
            default: throw BenchError("unknown argument '\(word)'; see scripts/bench --help")
            }
        }
    }
}
