import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining
import TestSupport
import Testing

/// A run of 20 steps, 5 an epoch, on 160 samples: small enough to be trained many times over.
///
/// - Parameter changes: as `--set` takes them.
func tinyRun(_ changes: String...) throws -> RunConfiguration {
  let yaml = """
    name: tiny
    data:
      train: {synthetic: {kind: friedman, samples: 160, features: 5}}
      validation: {synthetic: {kind: friedman, samples: 70, features: 5}}
    model: {layers: [{dense: {units: 8, bias: false}}, batch_norm, tanh, {dense: {units: 1}}]}
    loss: huber
    optimizer: {adam: {learning_rate: 0.05}}
    training: {batch_size: 32, shards: 4, threads: 2, steps: 20}
    evaluation: {every: {steps: 4}}
    checkpoint: {every: {steps: 6}, keep: 2}
    metrics: {every: {steps: 3}, digest_every: {steps: 5}}
    """
  return try RunConfiguration(yaml: yaml, overrides: changes.map { try ConfigurationOverride($0) })
}

/// What a run has told.
final class Events {
  private(set) var all: [RunEvent] = []
  /// Called after each.
  var then: (RunEvent) throws -> Void = { _ in }

  func observe(_ event: RunEvent) {
    all.append(event)
    do { try then(event) } catch { Issue.record(error) }
  }

  var evaluated: [Int] {
    all.compactMap { if case .evaluated(let step, _) = $0 { step } else { nil } }
  }

  var saved: [Int] {
    all.compactMap { if case .saved(let step, _, _) = $0 { step } else { nil } }
  }

  var warnings: [String] {
    all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
  }
}

extension RunSummary {
  var digest: String? { json["weights_digest"]?.string }
}

extension TrainingRun {
  /// The lines of the log without the speed, which no two runs share.
  var lines: [JSONObject] {
    get throws {
      try MetricsLog.lines(folder.metricsFile).map {
        var values = $0.values
        values["samples_per_second"] = nil
        return values
      }
    }
  }
}

/// Every file of a folder by its name: its bytes and when it was written.
func contents(of folder: String) throws -> [String: FileContent] {
  var contents: [String: FileContent] = [:]
  for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
    let isFile = attributes[.type] as? FileAttributeType == .typeRegular
    contents[name] = FileContent(
      bytes: isFile ? try bytes(of: "\(folder)/\(name)") : [], written: attributes[.modificationDate] as? Date)
  }
  return contents
}

/// Copies the folder of a run that goes on, as a process that is killed there leaves it; again where a file was renamed
/// meanwhile.
func copyRun(_ folder: String, to copy: String) throws {
  for _ in 0..<20 {
    do { return try FileManager.default.copyItem(atPath: folder, toPath: copy) } catch {
      try? FileManager.default.removeItem(atPath: copy)
    }
  }
  try FileManager.default.copyItem(atPath: folder, toPath: copy)
}

struct FileContent: Equatable {
  var bytes: [UInt8]
  var written: Date?
}
