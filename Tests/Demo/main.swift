import FoundationEssentials
import Glibc
import HostAPI
import TestKit

// The main job, watched live: a real guest gives memory back to its host and gets it again. `scripts/demo` builds and
// starts this.
do {
    let summary = try await Demo().run()
    let text = try summary.write()
    print("\n\(text)")
    exit(summary.ok ? 0 : 1)
} catch {
    "demo: \(error)\n".withCString { text in _ = write(2, text, strlen(text)) }
    exit(1)
}
