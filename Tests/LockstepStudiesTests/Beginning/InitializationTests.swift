import LockstepConfiguration
import LockstepFormats
import LockstepRuns
import LockstepStudies
import LockstepTraining
import RunSupport
import TestSupport
import Testing

/// A run whose weights are initialised by its data.
@Suite struct InitializationTests {
  private func digest(_ changes: String...) throws -> String? {
    try withTemporaryFolder { folder in
      var configuration = try tinyRun("model.initialization={lsuv: {samples: 40, tolerance: 0.02}}")
      if changes.contains("none") { configuration.initialization = nil }
      if changes.contains("threads") { configuration.training.threads = .count(3) }
      if changes.contains("killed") {
        // Nothing has been saved when it ends, so it begins again.
        _ = try TrainingRun.start(configuration, output: folder)
        return try TrainingRun.resumeOrStart(configuration, output: folder).train().digest
      }
      guard changes.contains("stopped") else {
        return try TrainingRun.start(configuration, output: folder).train().digest
      }
      _ = try TrainingRun.start(configuration, output: folder, upTo: 7).train()
      return try TrainingRun.resume(folder).train().digest
    }
  }

  @Test func stoppedAndKilledRunsEndWithTheSameBits() throws {
    let expected = try digest()
    #expect(try expected != nil && expected != digest("none"))
    #expect(try digest("threads") == expected)
    #expect(try digest("stopped") == expected)
    #expect(try digest("stopped", "threads") == expected)
    #expect(try digest("killed") == expected)
  }

  /// A layer that cannot be scaled is said before there is a folder.
  @Test func whatCannotBeScaled() throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun(
        "model={initialization: lsuv, layers: [{dense: {units: 8, bias_initializer: {constant: {value: -1000}}}}, relu, {dense: {units: 1}}]}"
      )
      let path = "\(folder)/run"
      let ways: [() throws -> Void] = [
        { _ = try TrainingRun.start(configuration, output: path) },
        { _ = try TrainingRun.resumeOrStart(configuration, output: path) },
        { _ = try Diagnosis.measure(configuration) },
        { _ = try ThreadScaling.measure(configuration, threads: [1], steps: 10) },
        { _ = try LearningRateRange.measure(configuration, .init(from: 1e-5, to: 1, steps: 20)) },
      ]
      for way in ways {
        let error = #expect(throws: RunError.self) { try way() }
        guard case .input(let text) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(text.contains("LSUV cannot scale layer dense1"))
      }
      #expect(try Folder.item(at: "\(folder)/run/config.yaml") == .missing)
    }
  }

  @Test func defaultsAndText() throws {
    let named = try tinyRun("model.initialization=lsuv")
    #expect(named.initialization == LSUV(tolerance: 0.1, maxIterations: 10, samples: 1024))
    #expect(try tinyRun().initialization == nil)
    #expect(named.resolvedYAML.contains("initialization: {lsuv: {tolerance: 0.1, max_iterations: 10, samples: 1024}}"))
    #expect(try RunConfiguration(yaml: named.resolvedYAML, file: "tiny.yaml") == named)
    let differences = try named.differences(from: tinyRun("model.initialization={lsuv: {samples: 99}}"))
    #expect(differences.map(\.key) == ["model.initialization.lsuv.samples"] && differences[0].touchesBits)
  }
}
