import Foundation
import TestSupport
import Testing

/// `lockstep runs` and `lockstep diff`: what is said of runs is what stands in their folders.
@Suite struct RunsTests {
  private func place() throws -> Place {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "runs/a", "--quiet")
    try place.succeed(
      "train", "config.yaml", "--output", "runs/b", "--quiet", "--steps", "7", "--set",
      "optimizer.adam.learning_rate=0.1")
    return place
  }

  @Test func runsAreListedWithTheirBest() throws {
    let place = try place()
    let text = try place.succeed("runs", "runs").output
    #expect(text.hasPrefix("run  status             steps  metric      best  at step  samples/s\n"))
    let list = try JSONSerialization.jsonObject(with: Data(try place.succeed("runs", "runs", "--json").output.utf8))
    let runs = try #require(list as? [[String: Any]])
    #expect(runs.map { $0["path"] as? String } == ["runs/a", "runs/b"])
    #expect(runs.map { $0["status"] as? String } == ["finished", "paused"])
    #expect(runs.map { $0["steps"] as? Int } == [21, 7])
    let accuracies = try place.metrics("runs/a").filter { $0["event"] as? String == "validation" }.map {
      (value: $0["accuracy"] as? Double ?? 0, step: $0["step"] as? Int ?? 0)
    }
    #expect(accuracies.count == 3)
    let best = try #require(runs[0]["best"] as? [String: Any])
    let highest = try #require(accuracies.map(\.value).max())
    #expect(best["metric"] as? String == "accuracy" && best["value"] as? Double == highest)
    #expect(best["step"] as? Int == accuracies.first { $0.value == highest }?.step)
    // A process that is gone leaves no summary, or one of where the run had ended before.
    try place.remove("runs/a/summary.json")
    let log = String(decoding: try place.read("runs/b/metrics.jsonl"), as: UTF8.self)
    try place.write(
      log + "{\"event\":\"diverged\",\"step\":7,\"message\":\"not finite\"}\n", to: "runs/b/metrics.jsonl")
    let table = try place.succeed("runs", "runs").output
    #expect(table.contains(#/a +killed +21 /#) && table.contains(#/b +diverged +7 /#), "\(table)")
    #expect(try place.succeed("diff", "runs/a", "runs/b").output.contains(#/status +killed +diverged/#))
    // One that cannot be read is said, and hides no other.
    try place.write("layers: []\n", to: "runs/b/config.yaml")
    let outcome = try place.succeed("runs", "runs")
    #expect(outcome.errors.contains("warning: runs/b/config.yaml") && outcome.output.contains("killed"))
    try place.refuse(["runs", "nowhere"], ["nowhere", "no such file or directory"])
    try place.refuse(["runs", "runs/a/checkpoints"], ["found no run"])
  }

  @Test func configurationsAndResultsStandSideBySide() throws {
    let place = try place()
    let json = try place.succeed("diff", "runs/a", "runs/b", "--json").json
    #expect(
      json["configuration"] as? [String: [String]] == ["optimizer.adam.learning_rate": ["0.01", "0.1"]])
    let result = try #require(json["result"] as? [String: [Any]])
    #expect(result["steps"] as? [Int] == [21, 7])
    for (index, run) in ["runs/a", "runs/b"].enumerated() {
      let summary = try place.summary(run)
      #expect(result["weights digest"]?[index] as? String == summary["weights_digest"] as? String)
      #expect(result["final_loss"]?[index] as? Double == summary["final_loss"] as? Double)
      let validation = summary["validation"] as? [String: Double]
      #expect(result["validation accuracy"]?[index] as? Double == validation?["accuracy"])
    }
    let text = try place.succeed("diff", "runs/a", "runs/b").output
    #expect(text.contains("optimizer.adam.learning_rate  0.01    0.1"))
    #expect(try place.succeed("diff", "runs/a", "runs/a").output.contains("(no key differs)"))
    try place.refuse(["diff", "runs/a", "runs"], ["runs: not the folder of a run"])
  }
}
