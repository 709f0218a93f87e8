/// What the agent does with the kernel's multi-generational LRU; `[sensors] mglru`.
public enum LRUGenerations: String, Sendable, Equatable, CaseIterable {
    /// Read it where it is on.
    case auto
    /// Switch it on where the kernel has it and it is off, while the agent runs.
    case enable
    /// Leave it alone.
    case off
}
