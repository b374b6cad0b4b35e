import Foundation
import LockstepKernels
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// Checkpoints are written beside training: what is told of them is true, and nothing of the run follows from when they
/// are done.
@Suite struct SavingTests {
  private func path(_ folder: String, _ step: Int) -> String {
    "\(folder)/checkpoints/\(CheckpointStore.fileName(step: step))"
  }

  /// What is reported can be read, with every line of the log up to its step.
  @Test func whatIsToldIsOnTheDevice() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("checkpoint.every.steps=3", "checkpoint.keep=9"), output: folder)
      let events = Events()
      events.then = { event in
        guard case .saved(let step, let file, let size) = event else { return }
        #expect(file == path(folder, step))
        #expect(try CheckpointFile.read(file, checkingFinite: true).step == step)
        #expect(try bytes(of: file).count == size)
        let steps = try MetricsLog.lines("\(folder)/metrics.jsonl").filter { $0.event == "train" }.map(\.step)
        #expect(steps.starts(with: stride(from: 3, through: step, by: 3)), "\(steps) at step \(step)")
      }
      let summary = try run.train(observe: events.observe)
      #expect(events.saved == [3, 6, 9, 12, 15, 18, 20] && events.warnings.isEmpty)
      #expect(summary.json["checkpoint"]?.string == path(folder, 20))
      #expect(summary.digest == (try CheckpointFile.read(path(folder, 20)).weightsDigest))
    }
  }

  /// By the clock: some step in between is saved, nobody knows which, and nothing else of the run is another; from that
  /// step it goes on to the same.
  @Test func byTheClock() throws {
    let rare = try tinyRun("checkpoint.every={hours: 1}", "checkpoint.keep=99")
    let often = try tinyRun("checkpoint.every={seconds: 1}", "checkpoint.keep=99")
    try withTemporaryFolder { folder in
      let first = Events()
      let expected = try TrainingRun.start(rare, output: "\(folder)/rare").train(observe: first.observe)
      #expect(first.saved == [20])
      let events = Events()
      events.then = { if case .step = $0 { Thread.sleep(forTimeInterval: 0.15) } }
      let run = try TrainingRun.start(often, output: "\(folder)/often")
      #expect(try run.train(observe: events.observe).digest == expected.digest)
      #expect((3...20).contains(events.saved.count) && events.saved.last == 20, "\(events.saved)")
      #expect(try run.lines == TrainingRun.resume("\(folder)/rare").lines)
      let stop = StopRequest()
      let stopped = Events()
      stopped.then = { event in
        if case .step = event { Thread.sleep(forTimeInterval: 0.3) }
        if case .saved = event { stop.request(signal: 15) }
      }
      _ = try TrainingRun.start(often, output: "\(folder)/stopped").train(stop: stop, observe: stopped.observe)
      #expect(stopped.saved.first.map { $0 < 20 } == true)
      #expect(try TrainingRun.resume("\(folder)/stopped").train().digest == expected.digest)
    }
  }

  /// A due checkpoint waits for the one before it, which is then told of: at most one is in flight.
  @Test func oneIsInFlightAtMost() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("checkpoint.every.steps=1", "checkpoint.keep=99"), output: folder)
      let events = Events()
      events.then = { event in
        guard case .step(let result, _) = event else { return }
        let told = events.saved
        #expect(told.starts(with: 1..<max(1, result.step - 1)) && told.count < result.step)
        let temporaries = try Folder.names(in: "\(folder)/checkpoints").filter { $0.hasSuffix(".partial") }
        #expect(temporaries.count <= 1)
      }
      _ = try run.train(observe: events.observe)
      #expect(events.saved == Array(1...20))
    }
  }

  /// Between the steps, not only when the next one is due.
  @Test func itIsToldWhileTrainingGoesOn() throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun(
        "training.steps=1000", "checkpoint.every.steps=500", "evaluation.every.steps=1000")
      let events = Events()
      events.then = { event in
        // Time to be written, in all more than a second.
        if case .step(let result, _) = event, result.step > 500, events.saved.isEmpty { usleep(3000) }
        if case .step(let result, _) = event, result.step == 1000 { #expect(events.saved == [500]) }
      }
      _ = try TrainingRun.start(configuration, output: folder).train(observe: events.observe)
      #expect(events.saved == [500, 1000])
    }
  }

  /// Saved at every step, a run has the bits of one that is saved at its end; each file is that of a run which stopped
  /// there, and going on from any of them ends the same.
  @Test func savingChangesNothing() throws {
    let configuration = try tinyRun("checkpoint.every.steps=1", "checkpoint.keep=99")
    try withTemporaryFolder { folder in
      let all = "\(folder)/all"
      let summary = try TrainingRun.start(configuration, output: all).train()
      let once = try TrainingRun.start(tinyRun("checkpoint.every.steps=20"), output: "\(folder)/once").train()
      #expect(summary.digest == once.digest && summary.digest != nil)
      for step in 1...19 {
        let alone = "\(folder)/alone"
        _ = try TrainingRun.start(configuration, output: alone, upTo: step).train()
        let saved = try bytes(of: path(all, step))
        #expect(try bytes(of: path(alone, step)) == saved, "step \(step)")
        try FileManager.default.removeItem(atPath: alone)

        let resumed = "\(folder)/resumed"
        try Folder.create("\(resumed)/checkpoints")
        try write(saved, to: path(resumed, step))
        let end = try TrainingRun.resumeOrStart(configuration, output: resumed).train()
        #expect(end.digest == summary.digest, "from step \(step)")
        try FileManager.default.removeItem(atPath: resumed)
      }
    }
  }

  /// What is not finite stops the run at its step, after what came before has been told.
  @Test func whatIsNotFiniteStopsTheRun() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun(), output: folder)
      let events = Events()
      events.then = { event in
        guard case .step(let result, _) = event, result.step == 12 else { return }
        run.trainer.tensors.last?.values[0] = .nan
      }
      let error = try #require(throws: RunError.self) { try run.train(observe: events.observe) }
      guard case .failed(let text) = error else { throw error }
      #expect(
        text.hasPrefix("step 12: tensor \(run.trainer.tensors.last?.name ?? "") holds a number that is not finite"))
      #expect(events.saved == [6])
      #expect(try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step) == [6])
    }
  }

  /// The memory for the copy is counted, and refused where it is not there although training alone would fit.
  @Test func theCopyIsPartOfTheMemory() throws {
    let estimate = try RunEstimate(tinyRun())
    let copy = try #require(estimate.memory.first { $0.purpose == "checkpoint copy" })
    // 5·8 and 8 weights, 1 bias, γ and β of 8, each with Adam's two moments; running mean and variance. Every tensor
    // fills whole lines of 16.
    #expect(copy.bytes == 4 * (3 * (48 + 16 + 16 + 16 + 16) + 2 * 16))
    #expect(estimate.memoryTotal == estimate.memory.reduce(0) { $0 + $1.bytes })

    // Parameters and one gradient take 4/5 of what there is, the copy 2/5 more.
    let room = min(MachineMemory.bytes, MachineMemory.addresses)
    let units = Int((Double(room) / 4 * 2 / 5).squareRoot())
    let tight = try tinyRun(
      "model.layers=[{dense: {units: \(units)}}, tanh, {dense: {units: \(units)}}, {dense: {units: 1}}]",
      "optimizer={sgd: {learning_rate: 0.1}}", "training.shards=1", "training.batch_size=1", "training.threads=1")
    try withTemporaryFolder { folder in
      let error = try #require(throws: RunError.self) { try TrainingRun.start(tight, output: "\(folder)/run") }
      guard case .input(let text) = error else { throw error }
      #expect(text.contains("MiB checkpoint copy"), "\(text)")
    }
  }
}

/// A checkpoint that cannot be written is told of, and tried again; only the last one fails the run.
@Suite struct FailedSaveTests {
  /// Nothing can be written where a file stands in the place of the folder.
  private func block(_ folder: String) throws {
    try FileManager.default.moveItem(atPath: "\(folder)/checkpoints", toPath: "\(folder)/aside")
    try write("", to: "\(folder)/checkpoints")
  }

  private func unblock(_ folder: String) throws {
    try FileManager.default.removeItem(atPath: "\(folder)/checkpoints")
    try FileManager.default.moveItem(atPath: "\(folder)/aside", toPath: "\(folder)/checkpoints")
  }

  private func undisturbed() throws -> RunSummary {
    try withTemporaryFolder { try TrainingRun.start(tinyRun(), output: $0).train() }
  }

  @Test func trainingGoesOnAndTheNextSucceeds() throws {
    let expected = try undisturbed()
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun(), output: folder)
      let events = Events()
      events.then = { event in
        switch event {
        // Nothing is in flight then, and the next one is not begun.
        case .saved(6, _, _): try block(folder)
        case .warning: try unblock(folder)
        default: break
        }
      }
      let summary = try run.train(observe: events.observe)
      #expect(summary.end == .finished && summary.digest == expected.digest)
      #expect(events.saved == [6, 18, 20])
      #expect(events.warnings.count == 1)
      let warning = events.warnings.first ?? ""
      #expect(
        warning.hasPrefix("the checkpoint of step 12 is not saved") && warning.contains("cannot create"), "\(warning)")
      let failures = try run.lines.filter { $0["event"] == "save_failed" }
      #expect(failures.map { $0["step"] } == [12])
      #expect(failures.first?["message"]?.string.map { warning.hasSuffix($0) } == true)
      #expect(try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step) == [18, 20])
    }
  }

  /// At the step where one is due anyway, where none is due, and where a signal stops the run.
  @Test(arguments: [18, 20, 10]) func theLastOneFailsTheRun(last: Int) throws {
    let expected = try undisturbed()
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun(), output: folder, upTo: last == 10 ? nil : last)
      let (events, stop) = (Events(), StopRequest())
      let due = (last - 1) / 6 * 6
      events.then = { event in
        switch event {
        case .saved(due, _, _): try block(folder)
        case .step(let result, _) where last == 10 && result.step == last: stop.request(signal: 15)
        default: break
        }
      }
      let error = try #require(throws: RunError.self) { try run.train(stop: stop, observe: events.observe) }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("cannot create"), "\(text)")
      #expect(try run.lines.suffix(2).map { $0["event"] } == ["save_failed", "failed"])
      #expect(try RunRecord(folder).state == .failed(message: String(text.split(separator: "\n")[0])))
      try unblock(folder)
      // Going on from the one before is as if nothing had happened.
      #expect(try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step).last == due)
      #expect(try run.folder.readSummary() == nil)
      let again = try TrainingRun.resume(folder)
      #expect(try again.train().digest == expected.digest)
      #expect(try again.lines.allSatisfy { $0["event"] != "save_failed" })
    }
  }
}
