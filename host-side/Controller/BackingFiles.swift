import GuestMemory

// The module shares its name with HostAPI's account of a guest's memory, and Hypervisor has types of the same names;
// here they get names of their own.

/// The identity of a RAM file, as the discard engine knows it.
typealias BackingKey = GuestMemory.FileKey
/// An open RAM file, as the discard engine knows it.
typealias BackingFile = GuestMemory.RAMFile
