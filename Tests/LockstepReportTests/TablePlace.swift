import Foundation
import LockstepConfiguration
import LockstepReport
import LockstepResults
import LockstepRuns
import LockstepStudies

/// A table with numbers and categories, and a run that learns from four fifths of it.
final class TablePlace {
  let text: String
  let run: RunPlace
  /// The table's name, beside the folder of the run.
  let table = "lockstep-\(UUID().uuidString).csv"

  /// - Parameters:
  ///   - long: what is put behind every name.
  ///   - target: what is learned: `classes`, `labels` or `numbers`.
  init(long: String = "", learning target: String = "classes") throws {
    var lines = ["a\(long),b\(long),kind\(long),\(target == "labels" ? "u\(long),v\(long)" : "label\(long)")"]
    for row in 0..<400 {
      let (a, b, kind) = (Double(row * 37 % 101) / 8, row * 53 % 89, ["red", "green", "blue"][row * 7 % 3])
      let score = a / 4 - Double(b) / 30 + (kind == "red" ? 1 : 0) + Double(row * 11 % 13) / 13
      let last =
        switch target {
        case "labels": "\(score > 0.5 ? 1 : 0),\(b > 40 ? 1 : 0)"
        case "numbers": "\(score * 1000)"
        default: (score > 0.5 ? "yes" : "no") + long
        }
      lines.append("\(a),\(b),\(kind)\(long),\(last)")
    }
    text = lines.joined(separator: "\n") + "\n"
    let path = NSTemporaryDirectory() + table
    try Data(text.utf8).write(to: URL(filePath: path))
    let (loss, units) =
      switch target {
      case "labels": ("binary_cross_entropy", 2)
      case "numbers": ("mean_squared_error", 1)
      default: ("softmax_cross_entropy", 2)
      }
    let targets = target == "labels" ? "[\"u\(long)\", \"v\(long)\"]" : "\"label\(long)\""
    run = try RunPlace(
      task: """
        data: {source: {csv: {path: "\(path)", target: \(targets)}}, split: {validation: 0.2, seed: 1}, standardize: true}
        model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: \(units)}}]}
        loss: \(loss)
        optimizer: {adam: {learning_rate: 0.02}}
        """)
  }

  deinit { try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + table) }
}

extension RunPlace {
  /// The page of its newest checkpoint on its validation data, or on `data` as `--data` takes it.
  func results(on data: String? = nil) throws -> Page {
    let path = try RunModel.checkpoint(at: path).path
    let source = try data.map { try TrainedModel.source($0, label: "--data", checkpoint: path) }
    return try ModelResults(checkpoint: path, on: source).report(
      EvaluationReport(checkpoint: path, on: source), on: data ?? "the run's validation data")
  }

  /// Another run in a folder of this one.
  func train(_ name: String, _ changes: String..., task: String = RunPlace.classification) throws {
    let configuration = try RunConfiguration(
      yaml: "\(task)\ntraining: {batch_size: 32, shards: 4, threads: 1, steps: 12}",
      overrides: changes.map { try ConfigurationOverride($0) })
    _ = try? TrainingRun.start(configuration, output: "\(path)/\(name)").train()
  }
}
