import Glibc
import SystemPackage

/// Folders of the kernel's file systems, which can hold more entries than anyone wants to look at.
enum Folder {
    /// The names in a folder that a test lets through, sorted; none where it cannot be read.
    /// - Parameters:
    ///   - onlyFolders: leave out what is no folder. Kernel file systems tell the kind without another look.
    ///   - limit: stop after so many names.
    static func names(
        in folder: FilePath, onlyFolders: Bool = false, limit: Int = 4096,
        where wanted: (String) -> Bool = { _ in true }
    ) -> [String] {
        guard let stream = unsafe folder.withPlatformString({ unsafe opendir($0) }) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while names.count < limit, let entry = unsafe readdir(stream) {
            let kind = unsafe Int(entry.pointee.d_type)
            if onlyFolders, kind != Int(DT_DIR), kind != Int(DT_UNKNOWN) { continue }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != "..", wanted(name) { names.append(name) }
        }
        return names.sorted()
    }
}
