/// The guests' root file system, built by `scripts/guest-images initramfs` from this build's programs.
enum Initramfs {
    private static let known = Monitor<[KernelRow: String]>([:])

    static func path(for row: KernelRow) async throws -> String {
        if let path = known.with({ $0[row] }) { return path }
        let (output, errors, exit) = try await ChildProcess.run(
            "\(Layout.repository)/scripts/guest-images", ["initramfs", row.rawValue, Layout.build],
            environment: ["BALLAST_CACHE": Layout.cache])
        let path = output.split(separator: "\n").last.map(String.init) ?? ""
        guard exit == .code(0), !path.isEmpty else {
            throw KitError("the initramfs for kernel \(row) could not be built: \(errors)")
        }
        known.with { $0[row] = path }
        return path
    }
}
