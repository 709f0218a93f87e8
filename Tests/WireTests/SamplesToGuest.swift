import Wire

extension ToGuest: Sampled {
    static func sample(_ dice: inout Dice) -> ToGuest {
        let message: Message? =
            switch dice.roll(0..<10) {
            case 0: .hello(.sample(&dice))
            case 1: .setTarget(.sample(&dice))
            case 2: .offerResult(.sample(&dice))
            case 3: .query(.sample(&dice))
            case 4: .setPolicy(.sample(&dice))
            case 5: .release(.sample(&dice))
            case 6: .reoffer(.sample(&dice))
            case 7: .goodbye(.sample(&dice))
            case 8: .hold(.sample(&dice))
            default: nil
            }
        return ToGuest(request: dice.number64(), message: message)
    }
}

extension Hello: Sampled {
    static func sample(_ dice: inout Dice) -> Hello {
        Hello(
            role: .sample(&dice), nonce: dice.bytes(), peer: dice.text(), agentBalloon: dice.flag(),
            refusal: dice.text(), vmBytes: dice.number64(), maxInFlight: dice.number32(),
            granuleBytes: dice.number64())
    }
}

extension SetTarget: Sampled {
    static func sample(_ dice: inout Dice) -> SetTarget {
        SetTarget(
            targetBytes: dice.number64(), vmBytes: dice.number64(), deadlineMilliseconds: dice.number64())
    }
}

extension OfferResult: Sampled {
    static func sample(_ dice: inout Dice) -> OfferResult {
        OfferResult(
            chunk: dice.number64(), sequence: dice.number64(), status: .sample(&dice),
            discardedBytes: dice.number64(), detail: dice.text())
    }
}

extension Query: Sampled {
    static func sample(_ dice: inout Dice) -> Query { Query(topics: dice.some(9) { .sample(&$0) }) }
}

extension SetPolicy: Sampled {
    static func sample(_ dice: inout Dice) -> SetPolicy {
        SetPolicy(
            statsPeriodMilliseconds: dice.perhaps { $0.number64() }, deflateOnOom: dice.perhaps { .sample(&$0) },
            adaptive: dice.perhaps { $0.flag() }, onControllerLoss: dice.perhaps { .sample(&$0) },
            releaseAfterMilliseconds: dice.perhaps { $0.number64() })
    }
}

extension Release: Sampled {
    static func sample(_ dice: inout Dice) -> Release { Release() }
}

extension Reoffer: Sampled {
    static func sample(_ dice: inout Dice) -> Reoffer { Reoffer(chunks: dice.numbers()) }
}

extension Goodbye: Sampled {
    static func sample(_ dice: inout Dice) -> Goodbye { Goodbye() }
}

extension Hold: Sampled {
    static func sample(_ dice: inout Dice) -> Hold { Hold(milliseconds: dice.number64()) }
}
