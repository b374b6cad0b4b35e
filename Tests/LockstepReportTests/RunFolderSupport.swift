import Foundation
import LockstepConfiguration
import LockstepResults
import LockstepRuns
import LockstepStudies

/// A folder of its own for one run, removed afterwards.
final class RunPlace {
  let path = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString)"

  /// - Parameters:
  ///   - changes: to a run of 12 steps, as `--set` takes them.
  ///   - steps: after which it pauses; nil for its length.
  init(_ changes: String..., task: String = RunPlace.classification, steps: Int? = nil) throws {
    let configuration = try RunConfiguration(
      yaml: """
        \(task)
        training: {batch_size: 32, shards: 4, threads: 1, steps: 12}
        checkpoint: {every: {steps: 4}, keep: 9}
        metrics: {every: {steps: 1}}
        """, overrides: changes.map { try ConfigurationOverride($0) })
    // Numbers that diverge end a run with an error, and leave it to be looked at.
    _ = try? TrainingRun.start(configuration, output: path, upTo: steps).train()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)")) }
  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  var report: String { get throws { try RunHistory(path).report().text } }

  static let classification = """
    data:
      train: {synthetic: {kind: gaussian_clusters, samples: 320, features: 8, classes: 3}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 90, features: 8, classes: 3, split: validation}}
    model: {layers: [{repeat: {times: 3, layers: [{dense: {units: 12, initializer: glorot_uniform}}, relu]}}, {dense: {units: 3}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.01}}
    evaluation: {every: {steps: 4}}
    """

  static let regression = """
    data: {train: {synthetic: {kind: friedman, samples: 320, features: 8, targets: 1}}}
    model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: 1}}]}
    loss: mean_squared_error
    optimizer: {sgd: {learning_rate: 0.01}}
    """
}
