import Dispatch
import LockstepKernels
import Synchronization
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite struct CheckpointWriterTests {
  private static let receipt = CheckpointStore.Saved(
    receipt: CheckpointFile.Receipt(path: "a", fileSize: 1, weightsDigest: "b"), notDeleted: [])

  /// The caller goes on while the device is waited for, and what it changes then is not in the checkpoint.
  @Test func theCallerGoesOn() throws {
    let tensors = TestTensors.oddShapes()
    let writer = CheckpointWriter(of: tensors.records)
    let written = Mutex<[[Float]]>([])
    writer.prepare()
    for step in 1...3 {
      tensors.records.last?.values[0] = Float(step)
      let expected = tensors.values
      let gate = DispatchSemaphore(value: 0)
      try writer.begin(step: step, metadata: ["a": "b"]) { content in
        gate.wait()
        #expect(content.metadata == ["a": "b"])
        written.withLock { $0 = content.tensors.map(\.values.array) }
        return Self.receipt
      }
      for record in tensors.records { record.values.fill(-1) }
      for _ in 0..<100 { #expect(writer.finished() == nil) }
      #expect(writer.stepInFlight == step)
      gate.signal()
      let outcome = try #require(writer.wait())
      #expect(outcome.step == step)
      #expect(try outcome.result.get().receipt == Self.receipt.receipt)
      #expect(written.withLock { $0 } == expected)
      // It is handed out once.
      #expect(writer.finished() == nil && writer.wait() == nil && writer.stepInFlight == nil)
    }
  }

  @Test func anOutcomeIsFoundWithoutWaiting() throws {
    let writer = CheckpointWriter(of: TestTensors.small().records)
    #expect(writer.finished() == nil && writer.wait() == nil)
    try writer.begin(step: 4, metadata: [:]) { _ in Self.receipt }
    var outcome: CheckpointWriter.Outcome?
    while outcome == nil { outcome = writer.finished() }
    #expect(outcome?.step == 4 && writer.stepInFlight == nil)
  }

  @Test func aFailureIsAnOutcome() throws {
    let writer = CheckpointWriter(of: TestTensors.small().records)
    let error = CheckpointError.file(FileError("write", "a", problem: "no"))
    for step in [1, 2] {
      try writer.begin(step: step, metadata: [:]) { (_) throws(CheckpointError) in throw error }
      let outcome = try #require(writer.wait())
      #expect(outcome.step == step)
      #expect(throws: error) { try outcome.result.get() }
    }
    try writer.begin(step: 3, metadata: [:]) { _ in Self.receipt }
    #expect(throws: Never.self) { try writer.wait()?.result.get() }
  }

  @Test func whatIsNotFiniteIsNotWritten() throws {
    let tensors = TestTensors.small()
    let writer = CheckpointWriter(of: tensors.records)
    tensors.records[1].values[2] = .nan
    #expect(throws: Snapshot.NotFinite(tensor: "model.0.bias")) {
      try writer.begin(step: 1, metadata: [:]) { _ in
        Issue.record("written")
        return Self.receipt
      }
    }
    #expect(writer.stepInFlight == nil && writer.wait() == nil)
  }

  /// The copy has one place, so a second checkpoint in flight would be a wrong one.
  @Test func twoAtATimeAreAnErrorOfTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let writer = CheckpointWriter(of: TestTensors.small().records)
      let never = DispatchSemaphore(value: 0)
      for step in 1...2 {
        try writer.begin(step: step, metadata: [:]) { _ in
          never.wait()
          return Self.receipt
        }
      }
    }
  }
}
