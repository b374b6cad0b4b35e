import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension Diagnosis {
  /// Share of a layer's units whose death is worth a change whenever it came. Behind many layers of ReLU all samples
  /// point the same way, and a unit is on for all or off for all: up to a half are dead at the start in a network that
  /// is sound.
  private static let manyDead = 0.6

  /// What the last stage shows that the configuration alone does not.
  func measuredAdvice(_ configuration: RunConfiguration, _ layers: [WrittenLayer]) -> [Advice] {
    guard let stage = stages.last else { return [] }
    return deadUnits(stage, layers) + fading(stage, layers) + tooLarge(stage, configuration)
      + tooCoarse(stage, configuration)
  }

  private func deadUnits(_ stage: Stage, _ layers: [WrittenLayer]) -> [Advice] {
    let many = zip(stage.layers, stages[0].layers).filter { now, start in
      guard now.kind == "relu", let dead = now.dead else { return false }
      return dead >= Self.manyDead || dead - (start.dead ?? 0) >= Threshold.dying
    }.map(\.0)
    guard let worst = many.max(by: { ($0.dead ?? 0) < ($1.dead ?? 0) }),
      let place = layers.first(where: { $0.stands(for: worst.name) })
    else { return [] }
    let what = worst.isImage ? "channels are 0 at every position" : "units are 0"
    let when = stage.step == 0 ? "before training" : "after \(stage.step) \(Format.plural(stage.step, "step"))"
    return [
      Advice(
        id: "dead_units", layer: worst.name,
        rule:
          "\(Format.percent(worst.dead ?? 0)) of its \(what) for every sample \(when) and get no gradient; a slope below 0, as of leaky_relu or elu, lets them come back",
        source: "Maas, Hannun, Ng 2013, https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        key: place.key, value: "{leaky_relu: {negative_slope: 0.1}}")
    ]
  }

  /// Where the activation itself takes the signal or the gradient away: initialisation alone does not mend it.
  private func fading(_ stage: Stage, _ layers: [WrittenLayer]) -> [Advice] {
    let verdicts = Set(stage.verdicts)
    guard !verdicts.isDisjoint(with: [.vanishingGradient, .vanishingSignal, .saturated]) else { return [] }
    for layer in layers {
      guard let activation = layer.activation, let (rule, source) = Self.fading(activation) else { continue }
      return [
        Advice(id: "fading_activation", layer: layer.path, rule: rule, source: source, key: layer.key, value: "relu")
      ]
    }
    return []
  }

  private static func fading(_ activation: Activation) -> (rule: String, source: String)? {
    guard case .function(let function) = activation else { return nil }
    switch function.bend {
    case .saturating(let steepest, _) where steepest < 1:
      return (
        "\(function.name)'s slope is at most 1/\(Int(1 / steepest)), so the gradient shrinks at every layer whatever the weights; relu with he_normal, or BatchNorm before the activation, keeps it",
        "Glorot, Bordes, Bengio 2011, https://proceedings.mlr.press/v15/glorot11a.html"
      )
    case .saturating:
      return (
        "\(function.name) is flat on both sides, where large arguments end; smaller weights, BatchNorm before it, or relu with he_normal keep the gradient",
        "Glorot, Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"
      )
    case .rectifyingSmoothly:
      return (
        "\(function.name)'s slope at 0 is about 1/2, so small signals shrink from layer to layer even after he_normal; relu, BatchNorm before it, or residual blocks keep them",
        "He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1512.03385"
      )
    case .rectifying, .rectifyingToLimit, .normalizing, .positive: return nil
    }
  }

  /// Numbers that run away, or units that steps have killed: smaller steps.
  private func tooLarge(_ stage: Stage, _ configuration: RunConfiguration) -> [Advice] {
    let verdicts = Set(stage.verdicts)
    var found: [Advice] = []
    if stage.stopped != nil || verdicts.contains(.dying) {
      let optimizer = configuration.optimizer
      found.append(
        Advice(
          id: "learning_rate", layer: "",
          rule: verdicts.contains(.dying)
            ? "steps have pushed units to their flat side: smaller steps do that less"
            : "training diverges: smaller steps",
          source: "Lu, Shin, Su, Karniadakis 2019, https://arxiv.org/abs/1903.06733",
          key: "optimizer.\(optimizer.name).learning_rate", value: Format.significant(optimizer.learningRate / 10, 3)))
    }
    let explodes = verdicts.contains(.explodingGradient) || verdicts.contains(.explodingSignal) || stage.stopped != nil
    if explodes, configuration.training.gradientClip == nil {
      found.append(
        Advice(
          id: "gradient_clip", layer: "",
          rule: "one large gradient undoes many steps; a bound on its norm keeps the direction and limits the length",
          source: "Pascanu, Mikolov, Bengio 2012, https://arxiv.org/abs/1211.5063", key: "training.gradient_clip",
          value: "{global_norm: 1.0}"))
    }
    return found
  }
}

extension Diagnosis {
  /// Steps too small for the weights' last place, and signals too small for bfloat16's.
  private func tooCoarse(_ stage: Stage, _ configuration: RunConfiguration) -> [Advice] {
    var found: [Advice] = []
    let optimizer = configuration.optimizer
    if stage.verdicts.contains(.lostUpdates) {
      found.append(
        Advice(
          id: "lost_updates", layer: "",
          rule:
            "what a step adds is rounded away, and the next one begins where this one did; larger steps arrive (lockstep find-lr says how large they may be)",
          source: "Gupta, Agrawal, Gopalakrishnan, Narayanan 2015, https://arxiv.org/abs/1502.02551",
          key: "optimizer.\(optimizer.name).learning_rate", value: Format.significant(optimizer.learningRate * 100, 3)))
    }
    if stage.verdicts.contains(.imprecise) {
      found.append(
        Advice(
          id: "precision", layer: "",
          rule:
            "bfloat16 has 8 significant bits, too few for what tells samples apart there, as for numbers that are far from 0 and close to each other, such as inputs that are not standardised; float32 has 24",
          source: "Kalamkar et al. 2019, https://arxiv.org/abs/1905.12322", key: "training.precision", value: "float32")
      )
    }
    return found
  }
}

extension WrittenLayer {
  /// Whether the layer `name` of the network is a repetition of this one: the second stands for all later ones.
  fileprivate func stands(for name: String) -> Bool {
    let parts = name.split(separator: ".").map { part in Int(part).map { "\(min($0, 1))" } ?? String(part) }
    return parts.joined(separator: ".") == path
  }
}
