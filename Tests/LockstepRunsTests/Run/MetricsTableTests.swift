import Foundation
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// `metrics.csv` holds the figures of `metrics.jsonl`, a row a step, whatever happens to the run.
@Suite struct MetricsTableTests {
  /// Both lines and evaluations at step 12, a checkpoint too; only a line at 3, only an evaluation at 4.
  private static func configuration(_ change: String = "name=tiny") throws -> RunConfiguration {
    try tinyRun("training.gradient_clip={global_norm: 1}", change)
  }

  private func table(_ folder: String) throws -> [[String]] {
    let text = try String(contentsOfFile: "\(folder)/metrics.csv", encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// The rows that the log's lines make, put together here; the speed, which no two runs share, is only there or not.
  private func expected(_ run: TrainingRun) throws -> [[String]] {
    let metrics = ["loss", "mean_absolute_error", "mean_squared_error"]
    let training = metrics + ["learning_rate", "gradient_norm", "samples_per_second"]
    let lines = try MetricsLog.lines(run.folder.metricsFile)
    let steps = Set(lines.filter { ["train", "validation"].contains($0.event) }.map(\.step)).sorted()
    return [["step", "epoch", "samples"] + training + metrics.map { "validation_\($0)" }]
      + steps.map { step in
        func cells(_ event: String, _ names: [String]) -> [String] {
          let line = lines.first { $0.event == event && $0.step == step }
          return names.map { name in line?.values[name].map { $0 == .null ? "" : $0.text } ?? "" }
        }
        // 5 steps an epoch, all of 32 samples.
        return ["\(step)", "\((step - 1) / 5)", "\(step * 32)"] + cells("train", training)
          + cells("validation", metrics)
      }
  }

  private func withoutSpeed(_ rows: [[String]]) -> [[String]] {
    rows.map { row in row.enumerated().filter { $0.offset != 8 }.map(\.element) }
  }

  @Test func holdsWhatTheLogHolds() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(Self.configuration(), output: folder)
      _ = try run.train()
      let rows = try table(folder)
      #expect(rows == (try expected(run)))
      #expect(rows.dropFirst().map { $0[0] } == ["3", "4", "6", "8", "9", "12", "15", "16", "18", "20"])
      #expect(rows[6].allSatisfy { !$0.isEmpty }, "at step 12 all is measured")
    }
  }

  /// Stopped anywhere, killed with a row cut, or asked to stop in an evaluation: the table is that of the undisturbed
  /// run.
  @Test func stoppedAndKilled() throws {
    let whole = try withTemporaryFolder { folder in
      _ = try TrainingRun.start(Self.configuration(), output: folder).train()
      return withoutSpeed(try table(folder))
    }
    for step in 1...19 {
      try withTemporaryFolder { folder in
        let killed = "\(folder)-killed"
        defer { try? FileManager.default.removeItem(atPath: killed) }
        let (request, events) = (StopRequest(), Events())
        events.then = { event in
          guard case .step(let result, _) = event, result.step == step else { return }
          try copyRun(folder, to: killed)
          request.request(signal: 15)
        }
        let stopped = try TrainingRun.start(Self.configuration(), output: folder)
        _ = try stopped.train(stop: request, observe: events.observe)
        let rows = try table(folder)
        #expect(try rows == expected(stopped), "stopped after \(step)")
        #expect(withoutSpeed(rows) == Array(whole.prefix(rows.count)) || step % 4 == 0, "stopped after \(step)")
        let cut = try FileHandle(forWritingTo: URL(filePath: "\(killed)/metrics.csv"))
        try cut.seekToEnd()
        try cut.write(contentsOf: Data("21,4,6".utf8))
        try cut.close()
        for place in [folder, killed] {
          let configuration = try Self.configuration("training.threads=\(step % 4 + 1)")
          let run = try TrainingRun.resumeOrStart(configuration, output: place)
          _ = try run.train()
          #expect(withoutSpeed(try table(place)) == whole, "\(place == folder ? "stopped" : "killed") after \(step)")
          #expect(try table(place) == expected(run))
        }
      }
    }
  }

  /// What the run was taken back from is taken out of the table too.
  @Test func takenBack() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(Self.configuration("training.on_divergence=restore"), output: folder)
      _ = try run.train { event in
        guard case .step(let result, _) = event, result.step == 16, run.trainer.state.learningRateFactor == 1 else {
          return
        }
        run.trainer.tensors[0].values.fill(.nan)
      }
      #expect(run.state.divergences.restores == 1)
      #expect(try table(folder) == expected(run))
    }
  }

  @Test func columnsFollowFromTheConfiguration() throws {
    var configuration = try tinyRun()
    (configuration.data.validation, configuration.evaluation) = (nil, nil)
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(configuration, output: folder, upTo: 7).train()
      let columns =
        "step,epoch,samples,loss,mean_absolute_error,mean_squared_error,learning_rate,gradient_norm,samples_per_second"
      #expect(try table(folder).first == columns.split(separator: ",").map(String.init))
      // With validation data from here on, the rows before have empty cells.
      _ = try TrainingRun.resumeOrStart(tinyRun(), output: folder).train()
      let rows = try table(folder)
      #expect(
        rows[0].suffix(3) == ["validation_loss", "validation_mean_absolute_error", "validation_mean_squared_error"])
      #expect(rows.allSatisfy { $0.count == 12 } && rows[1].suffix(3) == ["", "", ""])
      #expect(rows.map { $0[0] } == ["step", "3", "6", "8", "9", "12", "15", "16", "18", "20"])
      // The norm is measured though nothing is clipped; the last step has a row though it is no multiple of three.
      for row in rows.dropFirst() { #expect(row[7].isEmpty == ["8", "16"].contains(row[0]), "\(row)") }
    }
  }
}
