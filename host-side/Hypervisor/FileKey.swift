public import Linux

/// A file's identity, by which backends of equal size and name are told apart.
public typealias FileKey = FileMemory.Identity
