import FoundationEssentials

/// What runs the guest's processors.
public enum Accelerator: String, Sendable {
    /// Hardware virtualisation.
    case kvm
    /// QEMU's emulation.
    case tcg

    /// KVM where a guest really boots with it (a device node alone says little), else TCG. `BALLAST_ACCEL` decides
    /// without a trial. The trial's result is kept until the next boot of this machine.
    public static func best() async throws -> Accelerator {
        if let found = known.with({ $0 }) { return found }
        let found = try await find()
        known.with { $0 = found }
        return found
    }

    private static let known = Monitor<Accelerator?>(nil)

    var arguments: [String] {
        switch self {
        case .kvm: ["-accel", "kvm", "-cpu", "host"]
        // Without the fast string instructions zeroing is several times faster under emulation. The family is that of
        // QEMU 10's own choice; of the one that 7.2 chooses Linux believes that `rep stos` is fast nevertheless.
        case .tcg: ["-accel", "tcg,thread=multi", "-cpu", "max,-erms,-fsrm,family=6,model=6,stepping=3"]
        }
    }

    private static func find() async throws -> Accelerator {
        if let wish = Layout.environment("BALLAST_ACCEL") {
            guard let choice = Accelerator(rawValue: wish) else {
                throw KitError("BALLAST_ACCEL is '\(wish)', it can be kvm or tcg")
            }
            return choice
        }
        guard FileManager.default.fileExists(atPath: "/dev/kvm") else { return .tcg }
        let boot = text(of: "/proc/sys/kernel/random/boot_id")
        let record = "\(Layout.cache)/accelerator"
        let words = text(of: record).split(separator: "\n")
        if words.count == 2, boot.hasPrefix(words[0]), let found = Accelerator(rawValue: String(words[1])) {
            return found
        }
        let found: Accelerator = try await boots() ? .kvm : .tcg
        try write("\(boot)\(found.rawValue)\n", to: record)
        return found
    }

    /// Whether a guest with KVM gets as far as its init, in 20 seconds.
    private static func boots() async throws -> Bool {
        guard let row = KernelRow.available.first, let images = row.images else { return false }
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let arguments =
            ["-nodefaults", "-nographic", "-no-user-config", "-machine", "pc", "-m", "256M"]
            + Accelerator.kvm.arguments
            + ["-kernel", images.kernel, "-initrd", try await Initramfs.path(for: row)]
            + ["-append", "console=ttyS0 panic=0 ballast.probe=1", "-serial", "file:\(folder)/console"]
        let qemu = try ChildProcess.start(images.qemu, arguments, log: "\(folder)/log")
        _ = await qemu.wait(.seconds(20))
        await qemu.kill()
        return text(of: "\(folder)/console").contains("BALLAST-PROBE-OK")
    }
}
