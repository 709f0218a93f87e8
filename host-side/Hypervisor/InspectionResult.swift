public import Linux

/// What was found about a VM's memory.
public struct InspectionResult: Sendable {
    /// Why it must not be discarded from outside; empty when it may.
    public let refusals: [RefusalReason]
    /// Where each range of guest RAM lies, ascending by guest address; empty where that could not be proven.
    public let sections: [ResolvedSection]
    /// The files, open; empty where there are refusals.
    public let files: [FileKey: RAMFile]
    /// The VMM's process, nil where it could not be found.
    public let process: VMMProcess?
    /// The size of the guest's memory.
    public let memory: MachineMemory
    /// The facts that led here, nil where they could not be gathered.
    public let facts: VMMFacts?
}
