import Wire

extension PriceList: Sampled {
    static func sample(_ dice: inout Dice) -> PriceList {
        PriceList(
            prices: dice.some(4) { .sample(&$0) }, reserveBytes: dice.number64(),
            uptimeMilliseconds: dice.number64())
    }
}

extension Price: Sampled {
    static func sample(_ dice: inout Dice) -> Price {
        Price(
            class: .sample(&dice), node: dice.number32(), bytes: dice.number64(),
            minimumIdleMilliseconds: dice.number64(), ageKnown: dice.flag())
    }
}

extension WorkingSetReport: Sampled {
    static func sample(_ dice: inout Dice) -> WorkingSetReport {
        WorkingSetReport(
            method: .sample(&dice), confidence: .sample(&dice), detail: dice.text(),
            buckets: dice.some(5) { .sample(&$0) }, workingSetBytes: dice.number64(),
            windowMilliseconds: dice.number64(), ageMilliseconds: dice.number64(),
            costMicroseconds: dice.number64())
    }
}

extension IdleBucket: Sampled {
    static func sample(_ dice: inout Dice) -> IdleBucket {
        IdleBucket(
            minimumIdleMilliseconds: dice.number64(), maximumIdleMilliseconds: dice.number64(),
            anonymousBytes: dice.number64(), fileBytes: dice.number64(), node: dice.number32(),
            unknownBytes: dice.number64())
    }
}

extension TopReport: Sampled {
    static func sample(_ dice: inout Dice) -> TopReport {
        TopReport(
            consumers: dice.some(3) { .sample(&$0) }, cgroupVersion: dice.number32(),
            leaks: dice.some(2) { .sample(&$0) }, leftOut: dice.number32())
    }
}

extension Consumer: Sampled {
    static func sample(_ dice: inout Dice) -> Consumer {
        Consumer(
            cgroup: dice.text(), currentBytes: dice.number64(), anonymousBytes: dice.number64(),
            fileBytes: dice.number64(), limitBytes: dice.number64(), swapBytes: dice.number64(),
            pressure: dice.perhaps { .sample(&$0) }, oomKills: dice.number64(),
            growthBytesPerHour: dice.number64(), shmemBytes: dice.number64(), kernelBytes: dice.number64())
    }
}

extension Leak: Sampled {
    static func sample(_ dice: inout Dice) -> Leak {
        Leak(
            cgroup: dice.text(), grownBytes: dice.number64(), windowMilliseconds: dice.number64(),
            bytesPerHour: dice.number64(), detail: dice.text())
    }
}

extension SensorList: Sampled {
    static func sample(_ dice: inout Dice) -> SensorList { SensorList(sensors: dice.some(4) { .sample(&$0) }) }
}

extension SensorState: Sampled {
    static func sample(_ dice: inout Dice) -> SensorState {
        SensorState(name: dice.text(), available: dice.flag(), detail: dice.text())
    }
}
