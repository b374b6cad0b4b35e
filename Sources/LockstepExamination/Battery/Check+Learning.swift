import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Check {
  /// The loss before the first step, against that of a network whose outputs are 0.
  static func startLoss(_ loss: Double, _ constants: TargetConstants, _ form: Loss) -> Check {
    let figures = [
      Figure("loss", loss), Figure("expected", constants.zero), Figure("constant", constants.best),
    ]
    let known =
      switch form {
      case .softmaxCrossEntropy: "ln K of K classes"
      case .binaryCrossEntropy: "ln 2"
      case .meanSquaredError, .meanAbsoluteError, .huber, .custom: "that of an output of 0"
      }
    let words =
      "The loss starts at \(Format.significant(loss, 3)); \(known) is \(Format.significant(constants.zero, 3))"
    let remedy =
      "The outputs are too large to begin with, and the first steps only take them back: start the last layer smaller (glorot_uniform is the default), or keep the signal's size in the layers before it."
    if !loss.isFinite || loss > constants.far.fault {
      return Check(.startLoss, .fault, figures, "\(words).", remedy: remedy)
    }
    if loss > constants.far.note { return Check(.startLoss, .noted, figures, "\(words).", remedy: remedy) }
    if constants.best < 0.5 * constants.zero {
      return Check(
        .startLoss, .noted, figures,
        "\(words), but a constant reaches \(Format.significant(constants.best, 3)): the first steps learn the base rate."
      )
    }
    return Check(.startLoss, .passed, figures, "\(words).")
  }

  /// Whether the network can learn one batch by heart: a network, a loss, or a learning rate with which it cannot, will
  /// not learn more of them.
  static func oneBatch(
    _ setup: RunSetup, like trainer: Trainer, _ weights: TrainerWeights
  ) throws(RunError) -> Check {
    // Of a network that takes long some rows of it, of every shard enough for a BatchNorm.
    let rows = max(8 * trainer.options.shards, FirstSteps.rows(of: trainer) / FirstSteps.fewest)
    let batch = setup.firstBatch(of: trainer)
    let samples = Array(batch.prefix(rows))
    let constants = try asInput { () throws(DatasetError) in
      try TargetConstants(
        trainer.loss, outputs: trainer.network.outputs, of: setup.train, samples,
        classWeights: trainer.options.classWeights)
    }
    // A network that happens to know something of the batch has learned nothing of it yet.
    func share(_ loss: Double, _ start: Double) -> Double {
      let begin = min(constants.best, start)
      return (begin - loss) / max(begin - constants.least, 1e-12)
    }
    if !(constants.best - constants.least > 1e-9) {
      return Check(.oneBatch, .skipped, [], "All targets of the first batch are the same.")
    }
    func learn(_ optimizer: Optimizer) throws(TrainingError) -> FirstSteps {
      var options = trainer.options
      (options.schedule, options.horizon, options.lsuv) = (.constant, nil, nil)
      (options.weightAverage, options.dropLast) = (nil, false)
      if samples.count < batch.count { options.batch = samples.count }
      let learner = try Trainer(trainer.network.model, loss: trainer.loss, optimizer: optimizer, options: options)
      try learner.attach(SampledData(setup.train, samples))
      weights.write(into: learner)
      let steps = FirstSteps.steps(of: learner, most: 1000)
      return try FirstSteps(
        learner, steps: steps,
        until: { losses in losses.count >= 8 && losses.suffix(8).allSatisfy { share($0, losses[0]) > 0.9 } })
    }
    return try asFailure { () throws(TrainingError) in
      var trial = try learn(trainer.optimizer)
      // A learning rate that is meant to be warmed up.
      if trial.stopped != nil, trainer.options.schedule.warmup != 0 {
        trial = try learn(trainer.optimizer.with(learningRate: trainer.optimizer.learningRate / 10))
      }
      let steps = trial.losses.count
      let learned = share(trial.loss, trial.losses.first ?? .infinity)
      let figures = [
        Figure("learned", learned), Figure("loss", trial.loss), Figure("constant", constants.best),
        Figure("steps", Double(steps)),
      ]
      if let stopped = trial.stopped {
        return Check(
          .oneBatch, .fault, figures, "On one batch alone training diverges: \(stopped)",
          remedy: "Take a smaller learning rate: lockstep find-lr suggests one.")
      }
      let words =
        "Trained on \(samples.count < batch.count ? "\(Format.count(samples.count)) samples of " : "")its first batch alone for \(Format.count(steps)) \(Format.plural(steps, "step")), the network learns \(Format.percent(max(0, learned))) of it by heart"
      let remedy =
        "It has too little room, too much regularisation, or steps that are too small: look at the verdict above, raise the learning rate (lockstep find-lr), or take weaker dropout and decay."
      if learned < 0.1, trial.isFalling {
        return Check(
          .oneBatch, .noted, figures, "\(words); its loss still falls, and so few steps say no more.",
          remedy: "Look again after more steps, with --steps.")
      }
      // A weight can hold about a number — Cover 1965, https://doi.org/10.1109/PGEC.1965.264137
      let room = GradientProbe.weights(trainer).count
      let needed = samples.count * trainer.network.outputs
      if learned < 0.5, room < needed {
        return Check(
          .oneBatch, .noted, figures,
          "\(words); its \(Format.count(room)) \(Format.plural(room, "weight")) cannot hold the \(Format.count(needed)) outputs of \(Format.count(samples.count)) samples."
        )
      }
      if learned < 0.1 { return Check(.oneBatch, .fault, figures, "\(words).", remedy: remedy) }
      if learned < 0.5 { return Check(.oneBatch, .noted, figures, "\(words).", remedy: remedy) }
      return Check(.oneBatch, .passed, figures, "\(words).")
    }
  }

  /// What the first steps come to, beside three that know less.
  ///
  /// - Parameters:
  ///   - trained: the network behind the run's own first steps.
  ///   - trial: what became of them.
  ///   - start: the loss before the first.
  ///   - factor: what the schedule left of the learning rate at the last.
  static func baselines(
    _ setup: RunSetup, _ trained: Trainer, _ weights: TrainerWeights, _ trial: FirstSteps,
    _ constants: TargetConstants, start: Double, factor: Double
  ) throws(RunError) -> Check {
    let steps = trial.losses.count
    return try asFailure { () throws(TrainingError) in
      var options = trained.options
      options.lsuv = nil
      let blind = try Trainer(
        trained.network.model, loss: trained.loss, optimizer: trained.optimizer, options: options)
      try blind.attach(SampledData(permutingInputsOf: setup.train, seed: trained.options.seed))
      weights.write(into: blind)
      let range = constants.best - constants.least
      func gain(_ trial: FirstSteps) -> Double { (constants.best - trial.loss) / max(range, 1e-12) }
      let own = gain(trial)
      // What has learned nothing is not asked whether it needs its inputs for that.
      let permuted = own > 0.03 ? try FirstSteps(blind, steps: steps) : nil
      let line = try linear(setup, like: trained)
      let linear = try FirstSteps(line, steps: steps)
      let (without, straight) = (permuted.map(gain), gain(linear))
      let figures = [
        Figure("loss", trial.loss), Figure("constant", constants.best), Figure("permuted", permuted?.loss),
        Figure("linear", linear.loss), Figure("steps", Double(steps)),
      ]
      func number(_ value: Double) -> String { value.isFinite ? Format.significant(value, 3) : "not finite" }
      let words =
        "After \(steps) \(Format.plural(steps, "step")) the loss is \(number(trial.loss)); a constant has \(number(constants.best)), a linear model \(number(linear.loss))\(permuted.map { ", the same network on inputs that belong to other targets \(number($0.loss))" } ?? "")"
      if let stopped = trial.stopped {
        return Check(
          .baselines, .fault, figures, "Training diverges within its first steps: \(stopped)",
          remedy: "Take a smaller learning rate: lockstep find-lr suggests one.")
      }
      let isFirst = steps <= trained.sampler?.stepsPerEpoch ?? 0
      if steps < FirstSteps.fewest {
        return Check(.baselines, .noted, figures, "\(words): so few steps say nothing yet.")
      }
      if let without, without > 0.5 * own {
        let heldOut = try HeldOut(setup, trained, against: blind)
        // What is seen for the first time is not known by heart.
        let isSeenOnce = isFirst && without > 0.8 * own
        // A network that knows most by heart is as sure of what it has not seen: its loss there tells of that alone.
        let isByHeart = !isSeenOnce && (heldOut == nil || without > 0.5)
        if heldOut.map({ !$0.isBetter }) ?? (without > 0.8 * own) {
          let place = heldOut == nil ? "" : ", and on validation it is no better than that"
          if isByHeart {
            return Check(.baselines, .noted, figures, "\(words)\(place): that much can be learned by heart.")
          }
          return Check(
            .baselines, .fault, figures, "\(words)\(place): what it learns is not in the inputs.",
            remedy:
              "Look whether inputs and targets of a sample belong together: rows sorted apart, or a join gone wrong.")
        }
      }
      if steps >= 100, own < -0.1, trial.loss > start, !trial.isFalling {
        return Check(
          .baselines, .fault, figures, "\(words): training makes it worse than the \(number(start)) of the start.",
          remedy: "Take a smaller learning rate: lockstep find-lr suggests one.")
      }
      if straight > 0.2, own < 0.05, factor < 0.5 {
        return Check(
          .baselines, .noted, figures,
          "\(words): the schedule has come to \(Format.percent(factor)) of the learning rate, and what a linear model learns is still ahead.",
          remedy: "Look again after more steps, with --steps.")
      }
      if straight > 0.2, own < 0.05 {
        let isKnown = isFirst ? true : try HeldOut(setup, line, against: trained)?.isBetter ?? false
        if !isKnown {
          return Check(
            .baselines, .noted, figures, "\(words): a linear model is ahead, and may know that by heart.",
            remedy: "Look again after more steps, with --steps.")
        }
        return Check(
          .baselines, .fault, figures, "\(words): what a linear model learns the network does not.",
          remedy: "The layers between are in the way: look at the verdict above, and at the learning rate.")
      }
      if own < 0.05 {
        return Check(
          .baselines, .noted, figures, "\(words): nothing is learned yet.",
          remedy: "Look again after more steps, with --steps.")
      }
      return Check(.baselines, .passed, figures, "\(words).")
    }
  }

  /// One dense layer on the inputs, trained by Adam at a rate that suits inputs of any likely size.
  private static func linear(_ setup: RunSetup, like trainer: Trainer) throws(TrainingError) -> Trainer {
    let dense = Layer.dense(Dense(trainer.network.outputs))
    let layers = setup.train.shape.isImage ? [.flatten, dense] : [dense]
    var options = trainer.options
    (options.schedule, options.horizon, options.lsuv, options.weightAverage) = (.constant, nil, nil, nil)
    (options.regularization, options.precision) = (.none, .float32)
    let linear = try Trainer(
      Model(input: setup.train.shape, layers: layers), loss: trainer.loss, optimizer: .adam(learningRate: 0.01),
      options: options)
    try linear.attach(setup.train)
    return linear
  }
}

/// What a network starts from, kept for others of its kind.
struct TrainerWeights {
  private let tensors: [[Float]]

  init(_ trainer: Trainer) {
    tensors = trainer.tensors.filter { $0.name.hasPrefix("model.") }.map(\.values.array)
  }

  func write(into trainer: Trainer) {
    for (tensor, values) in zip(trainer.tensors.filter({ $0.name.hasPrefix("model.") }), tensors) {
      tensor.values.copy(from: values)
    }
  }
}

extension RunSetup {
  /// The numbers of the samples that the first step trains on.
  func firstBatch(of trainer: Trainer) -> [Int] {
    guard let sampler = trainer.sampler else { return [] }
    return (0..<sampler.rows(of: 0)).map { sampler.sample(0, row: $0) }
  }
}
