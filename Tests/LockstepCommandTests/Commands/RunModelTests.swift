import Foundation
import TestSupport
import Testing

/// A run's folder stands for its model, wherever a checkpoint does.
@Suite("the folder of a run as a model")
struct RunModelTests {
  private func evaluated(_ place: Place, _ arguments: String...) throws -> (json: String, note: String) {
    let outcome = try Tool.run(["evaluate"] + arguments + ["--json"], in: place.folder)
    #expect(outcome.status == 0, "\(outcome)")
    return (outcome.output, outcome.errors)
  }

  @Test func theNewestWhereNoneIsKeptAsTheBest() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let newest = try #require(try place.checkpoints("run").last)
    let chosen = try evaluated(place, "run")
    #expect(try chosen.json == evaluated(place, newest).json && chosen.json == evaluated(place, "run", "--last").json)
    #expect(chosen.note.contains("note: run: the newest checkpoint, step 21"))
    try place.succeed("inspect", "run")
    try place.succeed("export", "run", "--to", "model.npz")
  }

  /// The best evaluation comes before the end: with a rate that ruins the rest.
  @Test func theBestWhereItIsKept() throws {
    let place = try Place()
    try place.succeed(
      "train", "config.yaml", "--output", "run", "--quiet", "--set", "checkpoint.keep_best=loss", "--set",
      "schedule={piecewise: {boundaries: [10], factors: [1, 1000]}}")
    let summary = try place.summary("run")
    let best = try evaluated(place, "run")
    let last = try evaluated(place, "run", "--last")
    #expect(best.note.contains("the best evaluation's checkpoint, step 7"), "\(best.note), \(summary)")
    #expect(try best.json == evaluated(place, "run", "--best").json && best.json != last.json)
    #expect(try last.json == evaluated(place, #require(try place.checkpoints("run").last)).json)
  }

  @Test func aRunWithoutCheckpoints() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    for checkpoint in try place.checkpoints("run") {
      try FileManager.default.removeItem(atPath: place.path(checkpoint))
    }
    try place.refuse(["evaluate", "run"], ["run: the run has no checkpoint yet"])
  }
}
