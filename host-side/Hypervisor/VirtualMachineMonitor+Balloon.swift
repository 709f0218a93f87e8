extension VirtualMachineMonitor {
    /// Asks the virtio-balloon device for a target: the bytes the guest keeps. Returns at once; the guest follows as
    /// it can, or never.
    public func balloon(_ target: UInt64) async throws(QMPError) {
        guard let value = Int64(exactly: target), value > 0 else {
            throw QMPError(.unexpectedAnswer, command: "balloon", "a balloon target must be 1 ... 2^63-1 bytes")
        }
        _ = try await client.execute("balloon", ["value": .int(value)])
    }

    /// The bytes the guest keeps by the balloon device's account, nil where the VM has no such device.
    public func queryBalloon() async throws(QMPError) -> UInt64? {
        let answer: JSONValue
        do throws(QMPError) {
            answer = try await client.execute("query-balloon")
        } catch {
            if error.errorClass == "DeviceNotActive" { return nil }
            throw error
        }
        guard let actual = answer["actual"]?.uint64Value else { throw .unexpected("query-balloon", answer) }
        return actual
    }

    /// The virtio-balloon device, nil where the VM has none.
    public func balloonDevice() async throws(QMPError) -> QOMObject? {
        for path in ["/machine/peripheral", "/machine/peripheral-anon"] {
            if let device = try await children(of: path).first(where: { $0.type.hasPrefix("virtio-balloon") }) {
                return device
            }
        }
        return nil
    }

    /// Sets how often the device asks the guest for statistics, in seconds; 0 stops it.
    public func setBalloonPollingInterval(seconds: UInt32, device: QOMObject) async throws(QMPError) {
        _ = try await client.execute(
            "qom-set",
            [
                "path": .string(device.path), "property": "guest-stats-polling-interval",
                "value": .int(Int64(seconds)),
            ])
    }

    /// The statistics the guest last gave the device.
    public func balloonStatistics(device: QOMObject) async throws(QMPError) -> BalloonStatistics {
        try BalloonStatistics(await property("guest-stats", of: device.path))
    }
}
