extension VirtualMachineMonitor {
    /// The devices that were configured or plugged in.
    public func devices() async throws(QMPError) -> [QOMObject] {
        try await children(of: "/machine/peripheral") + children(of: "/machine/peripheral-anon")
    }

    /// The guest's vsock context, from QEMU's vhost-vsock device; nil without one. A vhost-user device does not tell.
    public func guestCID() async throws(QMPError) -> UInt32? {
        guard let device = try await devices().first(where: { $0.type.hasPrefix("vhost-vsock") }) else { return nil }
        return try await property("guest-cid", of: device.path).uint64Value.flatMap { UInt32(exactly: $0) }
    }

    /// The guest's architecture by QEMU's word, such as `x86_64`.
    public func architecture() async throws(QMPError) -> String {
        let answer = try await client.execute("query-target")
        guard let architecture = answer["arch"]?.stringValue else { throw .unexpected("query-target", answer) }
        return architecture
    }

    /// The drivers of all block nodes.
    public func blockDrivers() async throws(QMPError) -> [String] {
        let answer = try await client.execute("query-named-block-nodes", ["flat": true])
        guard let nodes = answer.arrayValue else { throw .unexpected("query-named-block-nodes", answer) }
        return nodes.compactMap { $0["drv"]?.stringValue }
    }

    /// The path of the object that makes the guest's memory confidential, empty for none.
    public func confidentialGuestSupport() async throws(QMPError) -> String {
        do throws(QMPError) {
            return try await property("confidential-guest-support", of: "/machine").stringValue ?? ""
        } catch {
            // Machines without such a property cannot have it.
            guard error.code == .command else { throw error }
            return ""
        }
    }

    /// Whether SEV is on. A QEMU built without SEV has no such command.
    public func isSEVEnabled() async throws(QMPError) -> Bool {
        do throws(QMPError) {
            return try await client.execute("query-sev")["enabled"]?.boolValue ?? false
        } catch {
            guard error.code == .command else { throw error }
            return false
        }
    }

    /// The thread ids of the vCPUs, in the VMM's own pid namespace.
    public func vCPUThreads() async throws(QMPError) -> Set<Int32> {
        let answer = try await client.execute("query-cpus-fast")
        guard let list = answer.arrayValue else { throw .unexpected("query-cpus-fast", answer) }
        return Set(list.compactMap { $0["thread-id"]?.int64Value.flatMap { Int32(exactly: $0) } })
    }
}
