import Glibc
import TestKit

/// A scratch Debian with systemd and udev in a folder of its own, and the package's file.
struct ScratchRoot {
    /// The folder that is its `/`.
    let path: String
    /// The `.deb` in build/deb.
    let package: String

    /// The package's file, built first where nobody has.
    static func builtPackage() async throws -> String {
        let path = try await bash(
            """
            cd '\(Layout.repository)'
            find build/deb -maxdepth 1 -name 'ballast-agent_*.deb' 2>/dev/null | grep . || scripts/deb
            """, minutes: 30)
        return "\(Layout.repository)/\(path)"
    }

    /// Unpacks the root, building the package first where nobody has.
    static func make() async throws -> ScratchRoot {
        let package = try await builtPackage()
        let path = try await bash("mktemp -d -u /tmp/ballast-root.XXXXXX", minutes: 1)
        try await bash("'\(Layout.repository)/scripts/package-root' '\(path)'", minutes: 15)
        return ScratchRoot(path: path, package: package)
    }

    /// Unpacks the root, does what is to be done with it and removes it.
    static func with(_ body: (ScratchRoot) async throws -> Void) async throws {
        let root = try await make()
        let result: Result<Void, any Error>
        do { result = .success(try await body(root)) } catch { result = .failure(error) }
        try await bash("rm -rf --one-file-system '\(root.path)'", minutes: 2)
        try result.get()
    }

    /// Installs the package with dpkg inside the root.
    func install() async throws {
        try await Self.bash("cp '\(package)' '\(path)/root/package.deb'", minutes: 1)
        try await run("dpkg -i /root/package.deb && rm /root/package.deb")
    }

    /// Runs a script inside the root, with a `/proc` of its own; its output without the last newline.
    @discardableResult
    func run(_ script: String) async throws -> String {
        // The mount is the namespace's and ends with it.
        try await Self.bash(
            """
            unshare --mount bash -ec 'mount -t proc proc "$1/proc"; exec chroot "$1" bash -ec "$2"' - \
                '\(path)' '\(script.replacing("'", with: "'\\''"))'
            """, minutes: 5)
    }

    /// Every path of the root but what the machine makes while it runs.
    func listing() async throws -> [Substring] {
        try await Self.bash(
            """
            cd '\(path)'
            find . -xdev ! -path './run/*' ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './var/cache/*' | sort
            """, minutes: 2
        ).split(separator: "\n")
    }

    @discardableResult
    private static func bash(_ script: String, minutes: Int) async throws -> String {
        let result = try await ChildProcess.run("/bin/bash", ["-ec", script], timeout: .seconds(60 * minutes))
        guard result.exit == .code(0) else {
            throw KitError("\(script)\nended with \(result.exit):\n\(result.output)\(result.errors)")
        }
        return String(result.output.reversed().drop { $0 == "\n" }.reversed())
    }
}
