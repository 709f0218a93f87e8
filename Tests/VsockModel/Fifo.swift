/// A queue that gives its front away in constant time.
public struct Fifo<Element> {
    private var storage: [Element] = []
    private var head = 0

    /// How many there are.
    public var count: Int { storage.count - head }

    /// An empty queue.
    public init() {}

    /// Puts one at the end.
    public mutating func append(_ element: Element) { storage.append(element) }

    /// Takes the first; nil where there is none.
    public mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head]
        head += 1
        // Half of it is behind: moving the rest costs less than what was taken before.
        if head > 32, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }
}
