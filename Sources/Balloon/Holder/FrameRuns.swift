/// Frames of a chunk as sorted runs, in memory that the caller owns.
enum FrameRuns {
    /// Sorts frames and reports whether two are equal.
    static func sortAndFindDuplicate(_ frames: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        guard frames.count > 1 else { return false }
        var ascending = true
        for index in 1..<frames.count where unsafe frames[index] <= frames[index - 1] {
            ascending = false
            break
        }
        if ascending { return false }
        var sorted = unsafe frames
        unsafe sorted.sort()
        for index in 1..<frames.count where unsafe frames[index] == frames[index - 1] { return true }
        return false
    }

    /// Writes runs of sorted, distinct frames as pairs (first frame, frames).
    /// - Parameter runs: room for two numbers for each frame.
    /// - Returns: how many runs there are.
    static func coalesce(
        _ frames: UnsafeBufferPointer<UInt64>, into runs: UnsafeMutableBufferPointer<UInt64>
    ) -> Int {
        var count = 0
        for index in frames.indices {
            let frame = unsafe frames[index]
            if count > 0 {
                let last = (count - 1) * 2
                if unsafe runs[last] &+ runs[last + 1] == frame {
                    unsafe runs[last + 1] += 1
                    continue
                }
            }
            unsafe runs[count * 2] = frame
            unsafe runs[count * 2 + 1] = 1
            count += 1
        }
        return count
    }
}
