import Testing

@testable import LockstepCommand

/// A second signal ends a run at once.
@Suite struct FirstSignalTests {
  @Test func aSecondIsNotTheFirst() {
    let signal = FirstSignal()
    #expect(signal.isFirst(2, at: 7))
    #expect(!signal.isFirst(2, at: 7.1))
    #expect(!signal.isFirst(15, at: 7.1))
  }

  @Test func preemptingSlurmSendsTheFirstTwice() {
    let signal = FirstSignal()
    #expect(signal.isFirst(15, at: 7))
    #expect(signal.isFirst(15, at: 7.1))
    #expect(!signal.isFirst(2, at: 7.1))
    #expect(!signal.isFirst(15, at: 8.1))
  }
}
