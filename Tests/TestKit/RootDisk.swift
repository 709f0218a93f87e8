/// The disk of guests that run a Debian, built by `scripts/guest-images disk`.
enum RootDisk {
    private static let known = Monitor<[String: String]>([:])

    static func path(with package: String) async throws -> String {
        if let path = known.with({ $0[package] }) { return path }
        let (output, errors, exit) = try await ChildProcess.run(
            "\(Layout.repository)/scripts/guest-images", ["disk", Layout.build, package],
            environment: ["BALLAST_CACHE": Layout.cache], timeout: .seconds(900))
        let path = output.split(separator: "\n").last.map(String.init) ?? ""
        guard exit == .code(0), !path.isEmpty else {
            throw KitError("the disk with \(package) could not be built: \(errors)")
        }
        known.with { $0[package] = path }
        return path
    }
}
