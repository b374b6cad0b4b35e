import LockstepKernels
import LockstepModel
import Testing

@testable import LockstepRuns
@testable import LockstepTraining

@Suite struct SnapshotTests {
  @Test func holdsTheBitsOfTheMoment() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let tensors = TestTensors.oddShapes(seed: seed)
      let snapshot = Snapshot(of: tensors.records)
      #expect(snapshot.tensors.map(\.name) == tensors.records.map(\.name))
      #expect(snapshot.tensors.map(\.shape) == tensors.records.map(\.shape))
      for change in 0..<3 {
        for record in tensors.records where record.values.count > 0 { record.values[0] = Float(change) - 0.0 }
        try snapshot.take()
        let taken = tensors.values
        #expect(zip(snapshot.tensors, tensors.records).allSatisfy { $0.values.hasSameBits(as: $1.values) })
        // What comes later does not show.
        for record in tensors.records { record.values.fill(7) }
        #expect(snapshot.tensors.map(\.values.array) == taken)
      }
    }
  }

  /// Wherever it stands, at the ends of the pieces that are copied at a time too.
  @Test func anInfinityOrANaNIsFound() throws {
    let count = 40_000
    for (place, value) in [
      (0, Float.nan), (16_383, .infinity), (16_384, -.infinity), (32_768, .nan), (count - 1, .nan),
    ] {
      let tensors = TestTensors([("model.a", [7]), ("model.b", [count]), ("model.c", [3])])
      let snapshot = Snapshot(of: tensors.records)
      try snapshot.take()
      tensors.records[1].values[place] = value
      tensors.records[2].values[0] = .nan
      #expect(throws: Snapshot.NotFinite(tensor: "model.b")) { try snapshot.take() }
      tensors.records[1].values[place] = 0
      #expect(throws: Snapshot.NotFinite(tensor: "model.c")) { try snapshot.take() }
    }
  }

  /// One arena, of the size that the estimate counts.
  @Test(arguments: [Optimizer.sgd(learningRate: 0.1), .adam(learningRate: 0.1)])
  func takesTheMemoryThatIsCounted(optimizer: Optimizer) throws {
    let model = Model(features: 30) {
      Dense(41)
      BatchNorm()
      PReLU()
      Dense(5)
    }
    let trainer = try Trainer(model, loss: .meanSquaredError, optimizer: optimizer, batch: 64, shards: 4, threads: 1)
    let snapshot = Snapshot(of: trainer.tensors)
    let arena = try #require(snapshot.tensors.first?.owner)
    #expect(snapshot.tensors.allSatisfy { $0.owner === arena })
    #expect(arena.count * 4 == Snapshot.bytes(of: trainer.network, slots: optimizer.slots.count))
  }
}
