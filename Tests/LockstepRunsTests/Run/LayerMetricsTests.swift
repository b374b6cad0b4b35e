import LockstepConfiguration
import LockstepFormats
import LockstepRuns
import RunSupport
import TestSupport
import Testing

/// `metrics.layers_every`: a line that tells of every layer, and no bit that follows from it.
@Suite struct LayerMetricsTests {
  private func configuration(_ changes: String...) throws -> RunConfiguration {
    var configuration = try tinyRun(
      "model.layers=[{dense: {units: 8, bias: false}}, batch_norm, relu, {dense: {units: 1}}]")
    configuration.training.threads = .count(changes.contains("threads") ? 4 : 1)
    if !changes.contains("unseen") { configuration.metrics.layersEvery = .steps(6) }
    return configuration
  }

  @Test func linesComeWhenTheyAreDue() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration(), output: folder)
      _ = try run.train()
      let lines = try MetricsLog.lines("\(folder)/metrics.jsonl")
      let layers = lines.filter { $0.event == "layers" }
      #expect(layers.map(\.step) == [6, 12, 18])
      #expect(lines.map(\.step) == lines.map(\.step).sorted())
      for line in layers {
        let list = try #require(line.values["layers"]?.array).map { try #require($0.object) }
        #expect(list.map { $0["name"]?.string } == ["dense0", "relu0", "dense1"])
        for index in [0, 2] {
          #expect(list[index].members.map(\.name) == ["name", "signal", "gradient_norm", "update_ratio"])
          #expect(try #require(list[index]["signal"]?.number) > 0)
          #expect(try #require(list[index]["gradient_norm"]?.number) > 0)
          #expect(try #require(list[index]["update_ratio"]?.number) > 0)
        }
        #expect(list[1].members.map(\.name) == ["name", "dead"])
        #expect((0...1).contains(try #require(list[1]["dead"]?.number)))
      }
    }
  }

  /// Seen or unseen, stopped or not, on any threads: one digest, and one log but for those lines.
  @Test func nothingFollowsFromThem() throws {
    func train(_ configuration: RunConfiguration, stop: Int? = nil) throws -> (digest: String?, lines: [JSONObject]) {
      try withTemporaryFolder { folder in
        if let stop {
          _ = try TrainingRun.start(configuration, output: folder, upTo: stop).train()
          let run = try TrainingRun.resume(folder)
          return (try run.train().digest, try run.lines)
        }
        let run = try TrainingRun.start(configuration, output: folder)
        return (try run.train().digest, try run.lines)
      }
    }
    let expected = try train(configuration())
    let unseen = try train(configuration("unseen"))
    #expect(unseen.digest == expected.digest && unseen.lines.count == expected.lines.count - 3)
    #expect(unseen.lines == expected.lines.filter { $0["event"] != "layers" })
    for (other, stop) in [
      (try configuration("threads"), nil), (try configuration(), 6), (try configuration("threads"), 7),
    ] {
      let found = try train(other, stop: stop)
      #expect(found.digest == expected.digest && found.lines == expected.lines, "stopped at \(stop ?? 0)")
    }
  }
}
