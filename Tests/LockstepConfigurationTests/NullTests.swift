import Foundation
import TestSupport
import Testing

@testable import LockstepConfiguration

/// `null`, or nothing after the colon, is the same as leaving an optional key out, everywhere.
@Suite struct NullTests {
  /// Configurations that together have every section.
  private static let texts = [
    """
    name: a
    seed: 3
    data:
      train: {synthetic: {kind: gaussian_clusters, samples: 640, features: 4, classes: 3, separation: 3, seed: 4}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 64, features: 4, classes: 3, separation: 3, seed: 4}}
    model:
      initialization: {lsuv: {tolerance: 0.2, max_iterations: 4, samples: 64}}
      layers:
        - dense: {units: 8, initializer: {he_normal: {}}, bias: true, bias_initializer: zeros}
        - batch_norm: {momentum: 0.8, epsilon: 0.001, statistics: shard}
        - leaky_relu: {negative_slope: 0.2}
        - dropout: {rate: 0.25}
        - residual: [{dense: {units: 8}}, {rrelu: {lower: 0.1, upper: 0.3}}]
        - {dense: {units: 3}}
    loss: {softmax_cross_entropy: {label_smoothing: 0.1}}
    optimizer: {adamw: {learning_rate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1.0e-6, weight_decay: 0.1}}
    regularization: {l1: 0.001, max_norm: 3, everything: true}
    schedule: {cosine: {warmup_steps: 3, end: 0.1}}
    training:
      batch_size: 64
      shards: 4
      threads: 1
      epochs: 5
      drop_last: true
      accumulate: 2
      gradient_clip: {global_norm: 1}
      weight_average: {decay: 0.9}
      on_divergence: {skip: {limit: 4}}
      early_stopping: {metric: accuracy, mode: max, patience: 3, minimum_delta: 0.001}
    evaluation: {every: {epochs: 2}}
    checkpoint: {every: {steps: 5}, keep: 4, keep_best: {metric: accuracy, mode: max}, keep_every: {steps: 10}}
    metrics: {every: {steps: 2}, digest_every: {steps: 4}, layers_every: {steps: 5}}
    logging: {tensorboard: {histograms_every: {steps: 5}}}
    """,
    """
    data:
      train: {synthetic: {kind: teacher, samples: 640, features: 4, targets: 2, depth: 1, width: 8, noise: 0.1}}
      validation: {synthetic: {kind: teacher, samples: 64, features: 4, targets: 2, depth: 1, width: 8, noise: 0.1}}
    model: {layers: [{dense: {units: 8}}, {elu: {alpha: 0.5}}, {dense: {units: 2}}]}
    loss: {huber: {delta: 2}}
    optimizer: {sgd: {learning_rate: 0.01, momentum: 0.9, nesterov: true}}
    schedule: {reduce_on_plateau: {metric: loss, mode: min, factor: 0.5, patience: 2, threshold: 0.1, minimum: 0.1}}
    training: {batch_size: 64, steps: 50, on_divergence: {restore: {factor: 0.3, tries: 2}}, gradient_clip: {value: 2}}
    """,
  ]

  /// Every key of a mapping, by its path; lists by their indices.
  private func paths(_ node: ConfigurationNode, _ path: [String] = []) -> [[String]] {
    switch node.content {
    case .mapping(let entries):
      entries.flatMap { entry in [path + [entry.key]] + paths(entry.value, path + [entry.key]) }
    case .list(let items):
      items.enumerated().flatMap { paths($1, path + ["\($0)"]) }
    case .scalar, .nothing, .refused: []
    }
  }

  /// The same with something else in the place of a key; nil takes the key away.
  private func changed(
    _ node: ConfigurationNode, _ path: ArraySlice<String>, _ content: ConfigurationNode.Content?
  ) -> ConfigurationNode {
    var node = node
    guard let key = path.first else { return node }
    switch node.content {
    case .mapping(var entries):
      for index in entries.indices.reversed() where entries[index].key == key {
        if path.count > 1 {
          entries[index].value = changed(entries[index].value, path.dropFirst(), content)
        } else if let content {
          entries[index].value.content = content
        } else {
          entries.remove(at: index)
        }
      }
      node.content = .mapping(entries)
    case .list(var items):
      if let index = Int(key) { items[index] = changed(items[index], path.dropFirst(), content) }
      node.content = .list(items)
    case .scalar, .nothing, .refused: break
    }
    return node
  }

  private func read(_ node: ConfigurationNode) -> RunConfiguration? {
    let diagnostics = Diagnostics()
    let configuration = Decode.run(
      Field(node: node, path: "", diagnostics: diagnostics), defaultName: "run")
    return diagnostics.errors.isEmpty ? configuration : nil
  }

  @Test(arguments: texts)
  func isAsGoodAsLeavingOut(text: String) throws {
    var parser = ConfigurationParser(file: "test.yaml", diagnostics: Diagnostics())
    let tree = parser.parse(try ConfigurationText(Array(text.utf8), file: "test.yaml"))
    let root = try #require(tree)
    let whole = try #require(read(root))
    var optional = 0
    for path in paths(root) {
      // What cannot be left out is either missed as well, or a choice such as `adam: null`, which takes its defaults.
      guard let without = read(changed(root, path[...], nil)) else { continue }
      #expect(read(changed(root, path[...], .nothing)) == without, "\(path.joined(separator: "."))")
      optional += without == whole ? 0 : 1
    }
    #expect(optional > (text == Self.texts[0] ? 40 : 15), "found \(optional) optional keys")
  }

  /// As on the command line, and in a file without a word after the colon.
  @Test func everyWayToWriteIt() throws {
    for value in ["null", "~", "Null", "NULL", ""] {
      let text = Self.texts[0].replacingOccurrences(
        of: "early_stopping: {metric: accuracy, mode: max, patience: 3, minimum_delta: 0.001}",
        with: "early_stopping: \(value)")
      #expect(try RunConfiguration(yaml: text).training.earlyStopping == nil)
    }
    let overridden = try RunConfiguration(
      yaml: Self.texts[0], overrides: [ConfigurationOverride("training.early_stopping=null")])
    #expect(overridden.training.earlyStopping == nil)
    // A key that nobody knows stays unknown.
    #expect(throws: ConfigurationErrors.self) { try RunConfiguration(yaml: Self.texts[0] + "\nnonsense: null") }
  }
}
