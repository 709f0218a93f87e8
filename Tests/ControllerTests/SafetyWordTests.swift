import Testing

@testable import Controller

@Suite("The VMM's word that discarding is safe")
struct SafetyWordTests {
    @Test("It counts for 20 ms from when it was given, and is worth nothing before and after")
    func counts() {
        var word = SafetyWord()
        #expect(!word.counts(now: 0) && !word.counts(now: .max))
        word.give(now: 1_000_000_000)
        #expect(word.counts(now: 1_000_000_000) && word.counts(now: 1_019_999_999))
        #expect(!word.counts(now: 1_020_000_000) && !word.counts(now: .max))
        #expect(!word.counts(now: 999_999_999))
        word.give(now: 1_020_000_000)
        #expect(word.counts(now: 1_030_000_000))
    }
}
