import LockstepFiles
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A valid configuration, small enough to count its lines and columns by eye.
let validConfiguration = """
  name: tiny
  seed: 3
  data:
    train: {synthetic: {kind: gaussian_clusters, samples: 1000, features: 8, classes: 4}}
    validation: {synthetic: {kind: gaussian_clusters, samples: 200, features: 8, classes: 4}}
  model:
    layers:
      - dense: {units: 16, bias: false}
      - batch_norm
      - relu
      - dense: {units: 4}
  loss: softmax_cross_entropy
  optimizer: {adam: {learning_rate: 0.001}}
  schedule: {cosine: {warmup_steps: 5}}
  training: {batch_size: 100, shards: 4, steps: 50}
  evaluation: {every: {epochs: 1}}
  checkpoint: {every: {steps: 10}, keep: 3}

  """

/// The same with the first `old` replaced.
func configuration(replacing old: String, with new: String) -> String {
  guard let range = validConfiguration.range(of: old) else {
    Issue.record("no \(old) in the configuration")
    return validConfiguration
  }
  return validConfiguration.replacingCharacters(in: range, with: new)
}

/// What is wrong with `yaml`, a line an error; empty if nothing is.
func messages(_ yaml: String, set overrides: [String] = []) -> [String] {
  do throws(ConfigurationErrors) {
    var parsed: [ConfigurationOverride] = []
    for override in overrides { parsed.append(try ConfigurationOverride(override)) }
    _ = try RunConfiguration(yaml: yaml, file: "tiny.yaml", overrides: parsed)
    return []
  } catch {
    return error.errors.map(\.description)
  }
}

/// The repository, found from this file.
let repository = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }

/// The shipped configurations, by path.
func shippedConfigurations() throws -> [String] {
  try ["configs", "configs/bench"].flatMap { folder in
    try FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)").sorted()
      .filter { $0.hasSuffix(".yaml") }.map { "\(repository)/\(folder)/\($0)" }
  }
}
