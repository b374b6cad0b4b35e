import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

/// Changes of a configuration that belong together, which may mend what a diagnosis has found. Pieces of advice, each
/// right by itself, need not fit each other; of a cure nothing is left to advise.
public struct Cure: Sendable, Equatable {
  /// Where a cure begins, the smallest change first. What has to change with it follows from the rules that
  /// `RunConfiguration.advice()` tells.
  public enum Kind: String, Sendable, CaseIterable {
    /// Weights that start as fits the activations behind them.
    case initialization
    /// All that is advised, together.
    case advice
    /// A BatchNorm before every activation.
    case batchNorm = "batch_norm"
    /// ReLU in the place of every activation.
    case relu
    /// SELU in the place of every activation, without BatchNorm.
    case selu
  }

  /// A key and the value that it should have, as YAML.
  public struct Change: Sendable, Equatable {
    /// Keys and list indices joined by dots.
    public var key: String
    /// `null` for a key that should not be there.
    public var value: String

    /// The change as an option of a command, as a shell reads it.
    public var option: String { Shell.command(["--set", "\(key)=\(value)"]) }
  }

  /// Where it begins.
  public var kind: Kind
  /// What is changed, in the order of the configuration.
  public var changes: [Change]
  /// The configuration with it.
  public var configuration: RunConfiguration

  /// What it does, and why that may help.
  public var rule: String {
    switch kind {
    case .initialization: "weights that start as fits the activations behind them"
    case .advice: "all that is said line by line, together, and what follows from it"
    case .batchNorm:
      "a BatchNorm before every activation, which gives every layer a signal of the same size whatever the weights"
    case .relu: "relu, whose slope is 1 wherever it is not 0, with the weights that keep the signal's size through it"
    case .selu:
      "selu, which draws mean and variance of the signal to 0 and 1 by itself, with the weights, inputs and dropout that it relies on"
    }
  }

  /// Who found it: author, year, link.
  public var source: String {
    switch kind {
    case .initialization: "Glorot, Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"
    case .advice: ""
    case .batchNorm: "Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167"
    case .relu: "He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852"
    case .selu: "Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"
    }
  }
}

extension OpenedConfiguration {
  /// What may mend the network that this configuration describes, each cure once, the smallest change first. None of
  /// them has been tried.
  ///
  /// - Parameter advice: what a diagnosis of it advises.
  package func cures(_ advice: [Advice]) -> [Cure] {
    var found: [Cure] = []
    for kind in Cure.Kind.allCases {
      guard let cured = begin(kind, advice)?.settled()?.configuration else { continue }
      let changes = changes(to: cured)
      if changes.isEmpty || found.contains(where: { $0.changes == changes }) { continue }
      found.append(Cure(kind: kind, changes: changes, configuration: cured))
    }
    return found
  }

  /// nil where it makes no sense, or leads to a configuration that cannot work.
  private func begin(_ kind: Cure.Kind, _ advice: [Advice]) -> OpenedConfiguration? {
    let layers = configuration.layers
    switch kind {
    case .initialization: return self
    case .advice: return following(advice)
    case .batchNorm:
      if layers.contains(where: \.hasBatchStatistics) || layers.contains(where: \.hasShardStatistics) { return nil }
      return with(layers.setting(.shard))
    case .relu: return with(layers.replacing(activation: .relu))
    case .selu:
      if configuration.model.hasResiduals { return nil }
      return with(layers.replacing(activation: .selu).removingBatchNorm())
    }
  }

  private func with(_ layers: [Layer]) -> OpenedConfiguration? {
    var changed = configuration
    changed.layers = layers
    return try? changed.opened(reusing: files)
  }

  private func following(_ advice: [Advice]) -> OpenedConfiguration? {
    try? overriding(advice.map { ConfigurationOverride(path: $0.key, value: $0.value) })
  }

  /// This configuration once nothing is left to advise of how its layers fit each other.
  private func settled() -> OpenedConfiguration? {
    var settled = self
    // What follows from one piece of advice is there after the next round.
    for _ in 0..<4 {
      let left = settled.configuration.advice().filter(\.concernsFit)
      if left.isEmpty { return settled }
      guard let next = settled.following(left) else { return nil }
      settled = next
    }
    return nil
  }

  /// What makes `cured` of this configuration where it was written.
  private func changes(to cured: RunConfiguration) -> [Cure.Change] {
    cured.differences(from: configuration).map { Cure.Change(key: $0.key, value: $0.new ?? "null") }
  }
}

extension Cure {
  /// Its configuration with the data open that is open for the one it cures.
  func opened(beside setup: RunSetup) throws(RunError) -> OpenedConfiguration {
    try asInput { () throws(ConfigurationErrors) in try configuration.opened(reusing: setup.opened.files) }
  }
}

extension Model {
  /// Whether some layer stands in a residual.
  fileprivate var hasResiduals: Bool {
    var found = false
    _ = try? walk(repetitions: 1) { step in
      if case .layer(let place) = step, place.residual != nil { found = true }
    }
    return found
  }
}

extension Advice {
  /// Whether it is about what a layer needs of those beside it.
  fileprivate var concernsFit: Bool {
    ["initializer", "symmetry", "bias", "small_shards"].contains(id) || id.hasPrefix("selu_")
  }
}
