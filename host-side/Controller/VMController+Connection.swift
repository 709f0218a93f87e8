import GuestMemory
import HostAPI
import Hypervisor
import Linux
import Logging
import SystemPackage
import Wire

extension VMController {
    /// Connects, and connects again, until the task is cancelled. What is in flight then is answered first.
    public func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let client = try await QMPClient.connect(path: policy.qmp, logger: logger) { [gate] in gate.handle($0) }
                backoff.reset()
                await connected(VirtualMachineMonitor(client))
                await client.close()
                disconnected(client.closedReason?.description ?? "the VMM closed the connection")
            } catch {
                disconnected(error.description)
            }
            await backoff.sleep()
        }
        await endSession("ballast-host is stopping")
    }

    private func disconnected(_ problem: String) {
        if qmp.connected {
            events.append(.disconnected, vm: policy.name, "the VMM is gone: \(problem)", level: .warning)
        }
        monitor = nil
        qmp = QMPStatus(connected: false, version: qmp.version, problem: problem)
        actuator = .none
        state = .unreachable
        stateDetail = problem
        // A VM that lives on may still touch what is missing.
        if vmmProcess?.isAlive != true { ledger.note(policy.name, missing: 0) }
        locks = []
        memoryMap = nil
        deviceActual = nil
        residentBytes = nil
        vmmProcess = nil
    }

    /// Works with a VMM that answers, until it no longer does.
    private func connected(_ monitor: VirtualMachineMonitor) async {
        self.monitor = monitor
        connectedAt = BoottimeClock.now()
        let client = monitor.client
        qmp = QMPStatus(
            connected: true, version: client.greeting.version, pid: policy.pid ?? client.peer.processID)
        events.append(.connected, vm: policy.name, "connected to QEMU \(client.greeting.version)")
        await continueIfWeStoppedIt(monitor)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [weak self] in
                // Ends with the connection.
                for await event in client.events { await self?.heard(event) }
            }
            group.addTask { [weak self] in
                var backoff = Backoff()
                while !Task.isCancelled, client.closedReason == nil {
                    guard let self else { return }
                    if await self.serve(monitor) { backoff.reset() }
                    await backoff.sleep()
                }
            }
            group.addTask { [weak self] in
                while !Task.isCancelled, client.closedReason == nil {
                    await self?.tick()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            await group.next()
            await endSession("the connection to the VMM ended")
            group.cancelAll()
        }
        self.monitor = nil
    }

    private func heard(_ event: QMPEvent) async {
        logger.debug("QMP event \(event.name)")
        switch event.name {
        case "BALLOON_CHANGE":
            if let actual = event.data["actual"]?.uint64Value {
                deviceActual = actual
                noteProgress()
            }
        case "RESET": deviceActual = nil
        default: break
        }
    }

    /// A daemon that died in the middle of a strict discard left the VM paused, as does a VMM that did not answer in
    /// time when it was to continue: continue the VM, if it still is the one.
    private func continueIfWeStoppedIt(_ monitor: VirtualMachineMonitor) async {
        guard let pid = store.stoppedVMM(policy.name) else { return }
        if pid == qmp.pid, (try? await monitor.status()) == .paused {
            do {
                try await monitor.cont()
                logger.notice("the VM was continued: ballast-host had paused it for a discard")
            } catch {
                logger.error("the VM that ballast-host had paused could not be continued: \(error)")
                return
            }
        }
        store.clearStopped(policy.name)
    }

    /// Looks at the VM, chooses the actuator and runs one session; true where one was established.
    private func serve(_ monitor: VirtualMachineMonitor) async -> Bool {
        let runState: RunState
        let inspection: InspectionResult
        do {
            if try await monitor.status() == .paused { await continueIfWeStoppedIt(monitor) }
            runState = try await monitor.status()
            qmp.runState = runState.rawValue
            guard runState == .running else {
                state = .suspended
                stateDetail = "the VM is \(runState.rawValue); nothing is changed meanwhile"
                return false
            }
            inspection = try await VMMInspector(monitor: monitor, configuredPID: policy.pid).inspect()
            balloonDevice = try await monitor.balloonDevice()
            deviceActual = try await monitor.queryBalloon()
        } catch {
            stateDetail = "\(error)"
            return false
        }
        vmBytes = inspection.memory.totalBytes
        vmmProcess = inspection.process
        return await serve(monitor, inspection)
    }

    private func serve(_ monitor: VirtualMachineMonitor, _ inspection: InspectionResult) async -> Bool {
        var refusal = inspection.refusals.first.map {
            Explanation(code: $0.code.rawValue, message: $0.description)
        }
        if let passing = inspection.refusals.first(where: { isPassing($0) }) {
            // Nothing is released and no other actuator is taken for what will be over soon.
            state = .suspended
            stateDetail = passing.description
            actuatorReason = refusal
            return false
        }
        if policy.actuator == .device {
            refusal = Explanation(code: "policy", message: "the policy names the device actuator for this VM")
        }
        var engine: DiscardEngine?
        if refusal == nil {
            do {
                engine = try prepareEngine(inspection)
            } catch {
                refusal = Explanation(code: error.code, message: error.message)
                if error.code == "locked" {
                    // Another daemon moves this VM: leave its device alone too.
                    actuator = .none
                    actuatorReason = refusal
                    state = .limited
                    stateDetail = error.message
                    return false
                }
            }
        }
        if engine == nil {
            // Nobody looks after what is missing from now on, and the guest is told to take it back.
            try? await backEverything()
            (locks, memoryMap) = ([], nil)
        }
        if let process = inspection.process { residentBytes = resident(inspection, process) }
        return await runSession(monitor, engine: engine, refusal: refusal)
    }

    /// Whether a reason is a matter of moments. Firmware moves memory while it boots, for a few seconds.
    private func isPassing(_ refusal: RefusalReason) -> Bool {
        switch refusal.code {
        case .migrationActive, .snapshotJob: true
        case .unknownLayout: BoottimeClock.now() - connectedAt < 20_000_000_000
        default: false
        }
    }

    private func resident(_ inspection: InspectionResult, _ process: VMMProcess) -> UInt64? {
        locks.isEmpty ? nil : try? Residency.total(of: locks.map(\.file))
    }

    private struct EngineRefusal: Error {
        let code: String
        let message: String
    }

    private func map(_ inspection: InspectionResult) throws(EngineRefusal) -> MemoryMap {
        var regions: [MemoryRegion] = []
        for section in inspection.sections {
            var region = MemoryRegion(
                guestAddress: section.guestAddress, length: section.length,
                file: BackingKey(device: section.file.device, inode: section.file.inode),
                fileOffset: section.fileOffset)
            if let file = inspection.files[section.file], case .hugetlbfs(let bytes) = file.facts.fileSystem {
                region.pageBytes = bytes
                // A huge page of the guest that straddles two of the host's can never be discarded.
                guard section.guestAddress % bytes == section.fileOffset % bytes else {
                    throw EngineRefusal(
                        code: "hugetlb", message: "guest addresses and huge pages of the host are not aligned alike")
                }
            }
            regions.append(region)
        }
        do throws(MemoryMapError) {
            return try MemoryMap(regions: regions)
        } catch {
            throw EngineRefusal(code: "unknown-layout", message: error.description)
        }
    }

    /// The map, the locks and the engine; the locks of an unchanged map are kept from session to session.
    private func prepareEngine(_ inspection: InspectionResult) throws(EngineRefusal) -> DiscardEngine {
        let map = try map(inspection)
        if map != memoryMap || locks.isEmpty {
            locks = []
            var taken: [FileLock] = []
            for (key, file) in inspection.files {
                let path = "/proc/self/fd/\(file.descriptor.rawValue)"
                do {
                    let opened = try BackingFile(path: path)
                    guard opened.key == BackingKey(device: key.device, inode: key.inode) else {
                        throw EngineRefusal(code: "unknown-layout", message: "a RAM file changed while it was opened")
                    }
                    taken.append(try opened.lock())
                } catch let error as RAMFileError {
                    throw EngineRefusal(
                        code: error.code == .locked ? "locked" : "ram-file", message: error.description)
                } catch {
                    throw error as? EngineRefusal ?? EngineRefusal(code: "ram-file", message: "\(error)")
                }
            }
            locks = taken
            memoryMap = map
        }
        do throws(DiscardEngine.MissingLock) {
            return try DiscardEngine(map: map, locks: locks)
        } catch {
            throw EngineRefusal(code: "ram-file", message: error.description)
        }
    }
}

/// Waits longer after every failure: 0.2 s doubling to 5 s.
struct Backoff {
    private var next: Duration = .milliseconds(200)

    mutating func reset() { next = .milliseconds(200) }

    mutating func sleep() async {
        let jitter = Double.random(in: 0.8...1.2)
        try? await Task.sleep(for: next * jitter)
        next = min(next * 2, .seconds(5))
    }
}
