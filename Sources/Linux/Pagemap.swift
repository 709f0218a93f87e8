import Glibc
public import SystemPackage

/// The frames behind a process's memory. The kernel shows frames to those who had CAP_SYS_ADMIN when they opened it:
/// open first, drop rights later. A pagemap inherited across spawn shows nothing of the child.
public final class Pagemap {
    /// Bytes of a base page.
    public static let pageBytes = 4096

    private let owned: OwnedDescriptor

    /// Opens the pagemap of a process.
    /// - Parameters:
    ///   - processID: whose; nil is this process.
    ///   - procRoot: where /proc is.
    public init(processID: Int32? = nil, procRoot: FilePath = "/proc") throws(LinuxError) {
        let path = procRoot.appending(processID.map(String.init) ?? "self").appending("pagemap")
        owned = try SmallFile.open(path, flags: O_RDONLY)
    }

    /// Reads the entries of consecutive pages.
    /// - Parameters:
    ///   - address: of the first page, a multiple of 4096.
    ///   - entries: one element for each page.
    public func read(at address: UInt, into entries: UnsafeMutableBufferPointer<UInt64>) throws(LinuxError) {
        guard address % UInt(Self.pageBytes) == 0 else {
            throw LinuxError(code: .invalid, operation: "reading the pagemap at an unaligned address")
        }
        let target = UnsafeMutableRawBufferPointer(entries)
        var done = 0
        while done < target.count {
            let offset = Int(address / UInt(Self.pageBytes)) * 8 + done
            let count = try systemCall("reading the pagemap") {
                unsafe pread(owned.rawValue, target.baseAddress?.advanced(by: done), target.count - done, offset)
            }
            guard count > 0 else {
                throw LinuxError(code: .invalid, operation: "reading the pagemap beyond the process's memory")
            }
            done += count
        }
    }

    /// Reads the frames of consecutive pages in place of their entries; refuses pages that are not in memory.
    public func readFrames(at address: UInt, into frames: UnsafeMutableBufferPointer<UInt64>) throws(LinuxError) {
        try unsafe read(at: address, into: frames)
        for index in frames.indices {
            let entry = unsafe PagemapEntry(rawValue: frames[index])
            guard entry.isPresent, !entry.isSwapped else {
                throw LinuxError(
                    code: .busy, operation: "reading the frame of a page that is not in memory",
                    remedy: "pin the memory and read again")
            }
            guard entry.frame != 0 else {
                throw LinuxError(
                    code: .permission, operation: "reading frames that the kernel hides",
                    remedy: "the pagemap must be opened with CAP_SYS_ADMIN of the initial user namespace")
            }
            unsafe frames[index] = entry.frame
        }
    }
}
