import Foundation
import LockstepTraining
import RunSupport
import SwiftProtobuf
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepFormats
@testable import LockstepRuns

/// TensorBoard shows what the log and the checkpoints hold, each step once, whatever happens to the run; and no bit of
/// it follows from that.
@Suite struct EventLogTests {
  /// Checkpoints stay at the steps of the histograms.
  private static func configuration(_ changes: String...) throws -> RunConfiguration {
    let yaml = try tinyRun(
      "optimizer={adam: {learning_rate: 0.05, beta1: 0}}", "checkpoint={every: {steps: 5}, keep: 9}",
      "metrics={every: {steps: 3}, layers_every: {steps: 4}}", "logging={tensorboard: {histograms_every: {steps: 5}}}"
    ).resolvedYAML
    return try RunConfiguration(yaml: yaml, overrides: changes.map { try ConfigurationOverride($0) })
  }

  /// The values of the events in words, without the clock: `train 20 epoch_loss simpleValue(0.5)`.
  private func events(_ folder: String) throws -> [String] {
    #expect(
      Set(try Folder.names(in: "\(folder)/tensorboard")) == ["train", "validation", "events.out.tfevents.settings"])
    return try ["train", "validation"].flatMap { try events(of: $0, folder) }
  }

  private func events(of run: String, _ folder: String) throws -> [String] {
    var values: [String] = []
    for name in try Folder.names(in: "\(folder)/tensorboard/\(run)") {
      #expect(name.wholeMatch(of: /events\.out\.tfevents\.\d+\..+/) != nil, "\(name)")
      let file = try FileDescriptor.reading("\(folder)/tensorboard/\(run)/\(name)")
      var beginning: [Tensorboard_Event] = []
      while let record = try EventRecord.next(in: file) {
        let event = try Tensorboard_Event(serializedBytes: record)
        if event.summary.value.isEmpty { beginning.append(event) }
        for value in event.summary.value where value.tag != "epoch_samples_per_second" {
          values.append("\(run) \(event.step) \(value.tag) \(try value.jsonString())")
        }
      }
      #expect(beginning.map(\.fileVersion) == ["brain.Event:2", ""])
      #expect(beginning.last?.sessionLog.status == .start && (1...21).contains(beginning.last?.step ?? 0))
    }
    return values
  }

  private func undisturbed() throws -> (events: [String], digest: String?) {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(Self.configuration(), output: folder).train()
      return (try events(folder), summary.digest)
    }
  }

  @Test func stoppedAndKilled() throws {
    let whole = try undisturbed()
    for step in 1...19 {
      try withTemporaryFolder { folder in
        let killed = "\(folder)-killed"
        defer { try? FileManager.default.removeItem(atPath: killed) }
        let (request, told) = (StopRequest(), Events())
        told.then = { event in
          guard case .step(let result, _) = event, result.step == step else { return }
          try copyRun(folder, to: killed)
          request.request(signal: 15)
        }
        _ = try TrainingRun.start(Self.configuration(), output: folder).train(stop: request, observe: told.observe)
        // A record that was cut, and what a rewriting that was killed has left.
        let name = try #require(try Folder.names(in: "\(killed)/tensorboard/train").first)
        let cut = try FileHandle(forWritingTo: URL(filePath: "\(killed)/tensorboard/train/\(name)"))
        try cut.seekToEnd()
        try cut.write(contentsOf: Data(EventRecord.framed([1, 2, 3, 4, 5]).dropLast(step % 20 + 1)))
        try cut.close()
        try write("half", to: "\(killed)/tensorboard/train/.\(name).77-1.partial")
        try write("half", to: "\(killed)/tensorboard/.events.out.tfevents.settings.77-1.partial")
        for place in [folder, killed] {
          let configuration = try Self.configuration("training.threads=\(step % 4 + 1)")
          let summary = try TrainingRun.resumeOrStart(configuration, output: place).train()
          let found = try events(place)
          #expect(found == whole.events, "\(place == folder ? "stopped" : "killed") after \(step)")
          #expect(summary.digest == whole.digest)
        }
      }
    }
  }

  /// Several times within a second: every file has a later name than the one before.
  @Test func aFileForEveryTime() throws {
    let whole = try undisturbed()
    try withTemporaryFolder { folder in
      for step in stride(from: 2, through: 20, by: 3) {
        _ = try TrainingRun.resumeOrStart(Self.configuration(), output: folder, upTo: step).train()
      }
      for run in ["train", "validation"] { #expect(try Folder.names(in: "\(folder)/tensorboard/\(run)").count == 7) }
      #expect(try events(folder) == whole.events)
      // Taken back over several of them.
      try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).removeLater(than: 5)
      _ = try TrainingRun.resume(folder).train()
      #expect(try events(folder) == whole.events)
    }
  }

  @Test func takenBack() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(Self.configuration("training.on_divergence=restore"), output: folder)
      _ = try run.train { event in
        guard case .step(let result, _) = event, result.step == 13, run.trainer.state.learningRateFactor == 1 else {
          return
        }
        run.trainer.tensors[0].values.fill(.nan)
      }
      #expect(run.state.divergences.restores == 1)
      let losses = try events(folder).filter { $0.hasPrefix("train") && $0.contains(" epoch_loss ") }
      let logged = try run.lines.filter { $0["event"] == "train" }
      #expect(losses.compactMap { Int($0.split(separator: " ")[1]) } == [3, 6, 9, 12, 15, 18, 20])
      for (event, line) in zip(losses, logged) {
        let loss = try #require(line["loss"]?.number)
        #expect(event.contains("\"simpleValue\":\(Float(loss))"), "\(event), \(loss)")
      }
    }
  }

  /// With events or without, on any number of threads: one digest. Whoever takes them up later has the scalars of
  /// before.
  @Test func noBitFollowsFromThem() throws {
    let whole = try undisturbed()
    for threads in [1, 2] {
      for wanted in ["false", "true", "{histograms_every: {steps: 1}}"] {
        try withTemporaryFolder { folder in
          let configuration = try Self.configuration("training.threads=\(threads)", "logging.tensorboard=\(wanted)")
          #expect(try TrainingRun.start(configuration, output: folder, upTo: 12).train().digest != nil)
          #expect(try Folder.names(in: folder).contains("tensorboard") == (wanted != "false"))
          let summary = try TrainingRun.resume(
            folder, overrides: [ConfigurationOverride("logging={tensorboard: true}")]
          ).train()
          #expect(summary.digest == whole.digest)
          let scalars = try events(folder).filter { !$0.contains("histo") }
          #expect(scalars == whole.events.filter { !$0.contains("histo") }, "tensorboard: \(wanted)")
        }
      }
    }
  }

  /// A gradient is copied, which takes memory; `check` says so before.
  @Test func memoryIsCounted() throws {
    let (seen, unseen) = try (
      RunEstimate(Self.configuration()), RunEstimate(Self.configuration("logging.tensorboard=true"))
    )
    // One block of the layout.
    #expect(seen.memory.first { $0.purpose == "gradient copy" }?.bytes == 4096)
    #expect(!unseen.memory.contains { $0.purpose == "gradient copy" } && seen.memoryTotal > unseen.memoryTotal)
  }

  @Test func notThroughALink() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(Self.configuration(), output: "\(folder)/run", upTo: 3).train()
      try FileManager.default.moveItem(atPath: "\(folder)/run/tensorboard", toPath: "\(folder)/elsewhere")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/run/tensorboard", withDestinationPath: "../elsewhere")
      let before = try contents(of: "\(folder)/elsewhere")
      let error = try #require(throws: RunError.self) { try TrainingRun.resume("\(folder)/run") }
      #expect("\(error)".contains("A symbolic link stands there"))
      #expect(try contents(of: "\(folder)/elsewhere") == before)
    }
  }

  @Test(
    arguments: [
      ("logging={tensor_board: true}", "logging.tensor_board", "did you mean tensorboard?"),
      ("logging.tensorboard=yes please", "logging.tensorboard", "true or false"),
      ("logging.tensorboard=[1]", "logging.tensorboard", "true, false or a mapping"),
      ("logging.tensorboard={histograms_every: five}", "logging.tensorboard.histograms_every", "steps"),
    ])
  func badInput(override: String, path: String, expected: String) throws {
    let error = try #require(throws: ConfigurationErrors.self) { try tinyRun(override) }
    #expect("\(error)".contains(path) && "\(error)".contains(expected), "\(error)")
  }
}
