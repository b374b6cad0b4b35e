import Testing

@testable import LockstepRuns

@Suite struct ThreadNotesTests {
  @Test func whatFitsNeedsNoWords() {
    #expect(ThreadNotes.of(.auto, shards: 8, batch: 64, cores: 4) == [])
    #expect(ThreadNotes.of(.auto, shards: 4, batch: 64, cores: 4) == [])
    #expect(ThreadNotes.of(.count(4), shards: 4, batch: 64, cores: 4) == [])
    #expect(ThreadNotes.of(.count(1), shards: 8, batch: 64, cores: 4) == [])
    #expect(ThreadNotes.beyondCores(4, cores: 4) == nil)
  }

  @Test func threadsBeyondShardsOrCoresAreSaid() {
    let shards = "9 threads were asked for, but 4 shards keep at most 4 busy"
    let cores = "4 threads on the 2 cores that this process may use take turns: 2 would be as fast"
    #expect(ThreadNotes.of(.count(9), shards: 4, batch: 64, cores: 8) == [shards])
    #expect(ThreadNotes.of(.count(4), shards: 8, batch: 64, cores: 2) == [cores])
    #expect(ThreadNotes.of(.count(9), shards: 4, batch: 64, cores: 2) == [shards, cores])
    #expect(
      ThreadNotes.of(.count(2), shards: 1, batch: 64, cores: 2) == [
        "2 threads were asked for, but 1 shard keeps at most 1 busy"
      ])
  }

  @Test func idleCoresAreSaid() {
    #expect(
      ThreadNotes.of(.auto, shards: 2, batch: 64, cores: 4) == [
        "4 cores are there and 2 used: a new run with training.shards 4 would use all (and have other bits)"
      ])
    // Shards of less than 16 rows are no remedy.
    #expect(ThreadNotes.of(.auto, shards: 2, batch: 32, cores: 4) == [])
    #expect(
      ThreadNotes.of(.auto, shards: 2, batch: 63, cores: 4) == [
        "4 cores are there and 2 used: a new run with training.shards 3 would use 3 (and have other bits)"
      ])
  }
}
