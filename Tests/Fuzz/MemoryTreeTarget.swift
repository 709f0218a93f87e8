// Built in one module with the sources of Hypervisor that it needs.

/// Reads the text of `info mtree -f`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMemoryTree(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do throws(MemoryTreeError) {
        check(try MemoryTreeParser.parse(text))
    } catch {
        require(error.code == .noSystemView || error.code == .severalSystemViews || !error.line.isEmpty, "a cause")
        _ = error.description
    }
    return 0
}

private func check(_ sections: [RAMSection]) {
    var end: UInt64 = 0
    for section in sections {
        require(section.guestAddress >= end, "sections ascend and never overlap")
        require(section.length > 0, "no section is empty")
        let (next, wraps) = section.guestAddress.addingReportingOverflow(section.length)
        require(!wraps && !section.offset.addingReportingOverflow(section.length).overflow, "no section wraps")
        require(!section.backend.isEmpty, "each section names its backend")
        require(section.kind != .ram || !section.backend.contains(" "), "a backend's id holds no blanks")
        end = next
    }
}
