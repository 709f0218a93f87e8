import Wire

extension ToHost: Sampled {
    static func sample(_ dice: inout Dice) -> ToHost {
        let message: Message? =
            switch dice.roll(0..<13) {
            case 0: .helloReply(.sample(&dice))
            case 1: .inventory(.sample(&dice))
            case 2: .offer(.sample(&dice))
            case 3: .released(.sample(&dice))
            case 4: .report(.sample(&dice))
            case 5: .targetAnswer(.sample(&dice))
            case 6: .policyState(.sample(&dice))
            case 7: .event(.sample(&dice))
            case 8: .failure(.sample(&dice))
            case 9: .releaseAnswer(.sample(&dice))
            case 10: .holdState(.sample(&dice))
            case 11: .ask(.sample(&dice))
            default: nil
            }
        return ToHost(inReplyTo: dice.number64(), message: message)
    }
}

extension HelloReply: Sampled {
    static func sample(_ dice: inout Dice) -> HelloReply {
        HelloReply(
            agentVersion: dice.text(), kernel: dice.text(), bootId: dice.text(), instance: dice.number64(),
            pageBytes: dice.number32(), processors: dice.number32(), memoryTotalBytes: dice.number64(),
            balloonAvailable: dice.flag(), balloonRefusal: .sample(&dice), balloonRefusalDetail: dice.text(),
            chunkBytes: dice.number64(), slots: dice.number32(), heldBytes: dice.number64(),
            policy: dice.perhaps { .sample(&$0) })
    }
}

extension Inventory: Sampled {
    static func sample(_ dice: inout Dice) -> Inventory {
        Inventory(chunk: dice.number64(), bytes: dice.number64(), extents: dice.numbers(), last: dice.flag())
    }
}

extension Offer: Sampled {
    static func sample(_ dice: inout Dice) -> Offer {
        Offer(
            chunk: dice.number64(), sequence: dice.number64(), bytes: dice.number64(), extents: dice.numbers(),
            again: dice.flag())
    }
}

extension Released: Sampled {
    static func sample(_ dice: inout Dice) -> Released {
        Released(chunks: dice.numbers(), bytes: dice.number64(), reason: .sample(&dice))
    }
}

extension TargetAnswer: Sampled {
    static func sample(_ dice: inout Dice) -> TargetAnswer {
        TargetAnswer(
            outcome: .sample(&dice), reachableBytes: dice.number64(), reason: .sample(&dice), detail: dice.text(),
            heldBytes: dice.number64(), targetBytes: dice.number64())
    }
}

extension PolicyState: Sampled {
    static func sample(_ dice: inout Dice) -> PolicyState {
        PolicyState(
            statsPeriodMilliseconds: dice.number64(), deflateOnOom: .sample(&dice), adaptive: dice.flag(),
            onControllerLoss: .sample(&dice), releaseAfterMilliseconds: dice.number64(), observeOnly: dice.flag(),
            statsPeriodByHost: dice.flag(), deflateOnOomByHost: dice.flag(), onControllerLossByHost: dice.flag(),
            minimumPeriodMilliseconds: dice.number64(), maximumPeriodMilliseconds: dice.number64())
    }
}

extension Event: Sampled {
    static func sample(_ dice: inout Dice) -> Event {
        Event(
            kind: .sample(&dice), reason: .sample(&dice), bytes: dice.number64(), detail: dice.text(),
            uptimeMilliseconds: dice.number64())
    }
}

extension Failure: Sampled {
    static func sample(_ dice: inout Dice) -> Failure { Failure(code: .sample(&dice), message: dice.text()) }
}

extension ReleaseAnswer: Sampled {
    static func sample(_ dice: inout Dice) -> ReleaseAnswer { ReleaseAnswer(bytes: dice.number64()) }
}

extension HoldState: Sampled {
    static func sample(_ dice: inout Dice) -> HoldState { HoldState(remainingMilliseconds: dice.number64()) }
}

extension Ask: Sampled {
    static func sample(_ dice: inout Dice) -> Ask {
        Ask(
            bytes: dice.number64(), reason: .sample(&dice), detail: dice.text(), urgent: dice.flag(),
            holdMilliseconds: dice.number64(), sequence: dice.number64())
    }
}
