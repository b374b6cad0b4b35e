import Testing

@testable import LockstepRuns

@Suite struct ThreadNotesTests {
  @Test func whatFitsNeedsNoWords() {
    #expect(ThreadNotes.of(.auto, workers: 4, cores: 4) == [])
    #expect(ThreadNotes.of(.count(4), workers: 4, cores: 4) == [])
    #expect(ThreadNotes.of(.count(1), workers: 1, cores: 4) == [])
    #expect(ThreadNotes.beyondCores(4, cores: 4) == nil)
  }

  @Test func threadsBeyondCoresAreSaid() {
    let cores = "4 threads on the 2 cores that this process may use take turns: 2 would be as fast"
    #expect(ThreadNotes.of(.count(4), workers: 4, cores: 2) == [cores])
  }

  @Test func coresLeftIdleAreSaid() {
    let note = "1 of 4 cores are used: a step is so small"
    #expect(ThreadNotes.of(.auto, workers: 1, cores: 4).first?.hasPrefix(note) == true)
  }
}
