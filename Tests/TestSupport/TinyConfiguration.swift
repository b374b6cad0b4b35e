import Foundation
import Testing

/// A valid configuration, small enough to count its lines and columns by eye.
public let validConfiguration = """
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
public func configuration(replacing old: String, with new: String) -> String {
  guard let range = validConfiguration.range(of: old) else {
    Issue.record("no \(old) in the configuration")
    return validConfiguration
  }
  return validConfiguration.replacingCharacters(in: range, with: new)
}
