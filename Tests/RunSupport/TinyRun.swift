import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepRuns
import TestSupport

/// A run of 20 steps, 5 an epoch, on 160 samples: small enough to be trained many times over.
///
/// - Parameter changes: as `--set` takes them.
public func tinyRun(_ changes: String...) throws -> RunConfiguration {
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

extension RunSummary {
  /// SHA-256 of the last checkpoint.
  public var digest: String? { json["weights_digest"]?.string }
}

/// Every file of a folder by its name: its bytes and when it was written.
public func contents(of folder: String) throws -> [String: FileContent] {
  var contents: [String: FileContent] = [:]
  for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
    let isFile = attributes[.type] as? FileAttributeType == .typeRegular
    contents[name] = FileContent(
      bytes: isFile ? try bytes(of: "\(folder)/\(name)") : [], written: attributes[.modificationDate] as? Date)
  }
  return contents
}

/// A file as it was at one moment.
public struct FileContent: Equatable {
  public var bytes: [UInt8]
  public var written: Date?
}
