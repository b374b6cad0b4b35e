import Foundation
import LockstepResults
import TestSupport
import Testing

/// What `--mlflow` writes, read by MLflow's own client.
@Suite(.enabled(if: PrivatePython.has("mlflow"), PrivatePython.excuse))
struct MLflowTests {
  /// With the run's state and a name that YAML would take for a number.
  private static let configuration = """
    name: "17"
    data:
      train: {synthetic: {kind: friedman, samples: 160, features: 5}}
      validation: {synthetic: {kind: friedman, samples: 70, features: 5}}
    model: {layers: [{dense: {units: 8}}, relu, {dense: {units: 1}}]}
    loss: huber
    optimizer: {adam: {learning_rate: 0.05}}
    training: {batch_size: 32, shards: 4, threads: 1, steps: 20}
    evaluation: {every: {steps: 4}}
    metrics: {every: {steps: 3}, layers_every: {steps: 4}}

    """

  private func check(_ place: Place, _ store: String, status: String, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    let script = "\(PrivatePython.repository)/Tests/Fixtures/mlflow/read_store.py"
    let (output, code) = try PrivatePython.run([script, store, "my run", status], in: place.folder)
    #expect(code == 0 && output.hasSuffix("equal\n"), "\(output)", sourceLocation: location)
  }

  /// The store's files but the pages beside them.
  private func files(_ place: Place, _ store: String) throws -> [String: Data] {
    try place.bytes().filter { $0.key.hasPrefix("\(store)/") }
  }

  /// Stopped, gone on with, written again: one run, with what its folder says.
  @Test func clientReadsTheRun() throws {
    let place = try Place(Self.configuration)
    try place.succeed(
      "train", "config.yaml", "--output", "my run", "--steps", "9", "--mlflow", "store", "--quiet")
    try check(place, "store", status: "KILLED")
    try place.succeed("resume", "my run", "--mlflow", "store", "--quiet")
    try check(place, "store", status: "FINISHED")
    let once = try files(place, "store")
    try place.succeed("report", "my run", "--mlflow", "store")
    let twice = try files(place, "store")
    // MLflow's own folder of what was deleted is no file.
    #expect(Set(once.keys) == Set(twice.keys))
    for (name, bytes) in once { #expect(twice[name] == bytes, "\(name)") }
    try check(place, "store", status: "FINISHED")
  }

  /// A run whose numbers diverge is told of too, beside others of the same name in the store.
  @Test func failedRun() throws {
    let place = try Place(Self.configuration)
    try place.succeed("train", "config.yaml", "--output", "other", "--mlflow", "store", "--quiet")
    let outcome = try Tool.run(
      [
        "train", "config.yaml", "--output", "my run", "--mlflow", "store", "--quiet", "--set", "optimizer=sgd", "--set",
        "optimizer.sgd.learning_rate=1e20",
      ],
      in: place.folder)
    #expect(outcome.status == 1, "\(outcome)")
    try check(place, "store", status: "FAILED")
  }
}
