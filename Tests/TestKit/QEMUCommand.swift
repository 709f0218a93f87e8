/// The command line of a guest.
struct QEMUCommand {
    var options: GuestOptions
    var files: GuestFiles
    var images: KernelRow.Images
    var initramfs: String
    /// The disk of the guest's own system, which the guest sees a copy of.
    var root: String?
    var accelerator: Accelerator

    var arguments: [String] {
        var words = ["-nodefaults", "-nographic", "-no-user-config", "-name", "ballast-test"]
        words += accelerator.arguments
        words += ["-m", "\(options.memory >> 20)M", "-smp", "\(options.processors)"]
        words += memory
        words += ["-kernel", images.kernel, "-initrd", initramfs, "-append", kernelCommandLine]
        words += ["-serial", "file:\(files.console)"]
        words += ["-qmp", "unix:\(files.kitQMP),server=on,wait=off"]
        words += ["-qmp", "unix:\(files.ballastQMP),server=on,wait=off"]
        words += ["-device", device("virtio-serial", "id=serial0")]
        words += ["-chardev", "socket,id=agent,path=\(files.agentSocket),server=on,wait=off"]
        words += ["-device", "virtserialport,bus=serial0.0,id=port-agent,chardev=agent,name=org.ballast.agent.0"]
        words += ["-chardev", "socket,id=test,path=\(files.testSocket),server=on,wait=off"]
        words += ["-device", "virtserialport,bus=serial0.0,id=port-test,chardev=test,name=org.ballast.test.0"]
        words += ["-chardev", "file,id=log,path=\(files.agentLog)"]
        words += ["-device", "virtserialport,bus=serial0.0,id=port-log,chardev=log,name=org.ballast.log.0"]
        for name in ["agent.toml", "agent.env", "setup.sh"] {
            words += ["-fw_cfg", "name=opt/ballast/\(name),file=\(files.folder)/\(name)"]
        }
        if let root {
            // The first disk, so that it is /dev/vda.
            words += ["-drive", "if=none,id=root,format=raw,snapshot=on,file=\(root)"]
            words += ["-device", device("virtio-blk", "drive=root")]
        }
        if let balloon = options.balloonDevice {
            let properties = ["id=balloon0", "deflate-on-oom=\(balloon.deflateOnOOM ? "on" : "off")"]
            words += ["-device", device("virtio-balloon", (properties + balloon.properties).joined(separator: ","))]
        }
        if let vsock = options.vsock {
            words += ["-chardev", "socket,id=vsock,path=\(vsock.vhostUserSocket)"]
            words += ["-device", device("vhost-user-vsock", "id=vsock0,chardev=vsock")]
        }
        if options.disk != nil {
            words += ["-drive", "if=none,id=disk0,format=\(options.snapshots ? "qcow2" : "raw"),file=\(files.disk)"]
            words += ["-device", device("virtio-blk", "drive=disk0")]
        }
        if options.snapshots {
            words += ["-drive", "if=none,id=snapshots,format=qcow2,file=\(files.snapshotDisk)"]
            words += ["-device", device("virtio-blk", "drive=snapshots")]
        }
        if let incoming = options.incoming { words += ["-incoming", incoming] }
        return words + options.qemuArguments
    }

    private func device(_ name: String, _ properties: String) -> String {
        "\(name)-\(options.machine == .microvm ? "device" : "pci"),\(properties)"
    }

    private var memory: [String] {
        guard !options.nodes.isEmpty else {
            return [
                "-machine", "\(options.machine.rawValue),memory-backend=ram0",
                "-object", backend(0, options.memory),
            ]
        }
        var words = ["-machine", options.machine.rawValue]
        for (node, bytes) in options.nodes.enumerated() {
            words += ["-object", backend(node, bytes), "-numa", "node,nodeid=\(node),memdev=ram\(node)"]
        }
        return words
    }

    private func backend(_ index: Int, _ bytes: UInt64) -> String {
        let common = "id=ram\(index),size=\(bytes)"
        return switch options.backing {
        case .memfd: "memory-backend-memfd,\(common),share=on"
        case .sharedMemoryFile, .diskFile, .hugePageFiles:
            "memory-backend-file,\(common),share=on,mem-path=\(files.ramFiles[index])"
        case .privateFile: "memory-backend-file,\(common),share=off,mem-path=\(files.ramFiles[index])"
        case .privateMemory: "memory-backend-ram,\(common)"
        case .hugePages(let size): "memory-backend-memfd,\(common),share=on,hugetlb=on,hugetlbsize=\(size)"
        }
    }

    private var kernelCommandLine: String {
        // Without mitigations emulated system calls are a good deal faster. A panic stays on the console, where the kit
        // finds it, instead of rebooting.
        var words = ["console=ttyS0", "panic=0", "mitigations=off", "random.trust_cpu=on"]
        if root != nil {
            // The journal goes to the console, which the kit keeps; its socket takes what services say too.
            words += ["ballast.root=vda", "systemd.journald.forward_to_console=1", "systemd.show_status=0"]
        }
        if !options.startsAgent { words.append("ballast.agent=0") }
        if options.machine == .microvm && accelerator == .tcg {
            // With ACPI (without it, these kernels find no virtio-mmio device) there is no timer to calibrate the time
            // stamp counter against, and the kernel would wait for one for ever. Emulation passes the host's through.
            let frequency = text(of: "/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("cpu MHz") }
            let megahertz = frequency?.split(separator: " ").last.flatMap { Double($0) } ?? 2000
            words += ["tsc_early_khz=\(Int(megahertz * 1000))", "tsc=reliable"]
        }
        return (words + options.kernelArguments).joined(separator: " ")
    }
}
