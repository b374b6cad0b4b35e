import LockstepConfiguration
import LockstepData
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Diagnosis {
  /// Looks a configuration's run over: its data, the network as it starts, and its first steps. Every figure follows
  /// from the configuration alone.
  ///
  /// - Parameters:
  ///   - configuration: the one that was diagnosed.
  ///   - steps: how many of the first steps are looked at, at least.
  /// - Returns: one a kind, in the order of `Check.Kind`.
  /// - Throws: `RunError` where the configuration cannot work, or memory is short. Numbers that diverge are a result.
  public func checks(of configuration: RunConfiguration, steps: Int = 0) throws(RunError) -> [Check] {
    try checks(of: RunSetup(configuration), steps: steps)
  }

  /// - Parameter observe: is called with what is done next.
  package func checks(
    of setup: RunSetup, steps: Int = 0, observe: (String) -> Void = { _ in }
  ) throws(RunError) -> [Check] {
    observe("looking at the data")
    var checks = try asInput { () throws(DatasetError) in
      let survey = try DataSurvey(setup)
      return [
        survey.spread(), survey.scale(setup.configuration.model), survey.constants(), try survey.duplicates(setup),
        survey.telling(), survey.targetScale(),
      ]
    }
    let battery = try CheckBattery(setup, steps, observe)
    checks += battery.learning.map { $0.following(checks) }
    let classes: Int? = if case .classification(let count) = setup.train.task { count } else { nil }
    if let start = stages.first { checks.append(.rank(start, classes: classes)) }
    if let end = stages.last { checks.append(.lostUpdates(end)) }
    let order = Dictionary(uniqueKeysWithValues: Check.Kind.allCases.enumerated().map { ($1, $0) })
    return checks.sorted { (order[$0.kind] ?? 0) < (order[$1.kind] ?? 0) }
  }
}

/// The checks that train: the run's first steps, and what is held against them.
private struct CheckBattery {
  private(set) var learning: [Check] = []

  /// Steps whose place on the parabola is looked at, of a network that takes long and of any other.
  private static let looks = (fewest: 3, most: 12)
  /// Groups of samples whose gradients tell the noise.
  private static let groups = 16

  init(_ setup: RunSetup, _ asked: Int, _ observe: (String) -> Void) throws(RunError) {
    let trainer = try setup.fresh()
    let weights = TrainerWeights(trainer)
    // So many outputs of 64 MB, however many classes there are.
    let most = min(65_536, max(64, (1 << 24) / trainer.network.outputs))
    let samples = SampledData.spread(most, over: setup.train)
    let constants = try asInput { () throws(DatasetError) in
      try TargetConstants(
        trainer.loss, outputs: trainer.network.outputs, of: setup.train, samples,
        classWeights: trainer.options.classWeights)
    }
    observe("training the first steps")
    let start = try asFailure { () throws(TrainingError) in try Self.startLoss(setup, trainer) }
    learning.append(.startLoss(start, constants, trainer.loss))
    let steps = min(setup.steps, max(asked, FirstSteps.steps(of: trainer, most: 300)))
    let (trial, landings) = try asFailure { () throws(TrainingError) in try Self.train(setup, trainer, steps, constants)
    }
    observe("measuring gradient and curvature")
    if trial.stopped == nil {
      try asFailure { () throws(TrainingError) in
        learning.append(try Self.noise(setup, trainer))
        learning.append(try Self.sharpness(setup, trainer, rate: trial.rate))
      }
    } else {
      learning += [Check.Kind.noiseScale, .sharpness].map { Check($0, .skipped, [], "Training has diverged.") }
    }
    let isNoise = learning.contains {
      $0.kind == .noiseScale && $0.judgement == .noted && ($0.noiseRatio ?? .infinity) > 1
    }
    learning.append(.stepLength(landings.alphas, factor: landings.factor, isNoise: isNoise))
    observe("training baselines")
    learning.append(
      try Check.baselines(setup, trainer, weights, trial, constants, start: start, factor: landings.factor))
    observe("learning one batch by heart")
    learning.append(try Check.oneBatch(setup, like: trainer, weights))
  }

  /// Over the batches that training takes first, 512 samples at least where there are so many; of a network that takes
  /// long over one.
  private static func startLoss(_ setup: RunSetup, _ trainer: Trainer) throws(TrainingError) -> Double {
    let batch = trainer.options.batch
    let batches = FirstSteps.steps(of: trainer, fewest: 1, most: (511 + batch) / batch)
    guard let probe = try setup.probe(like: trainer, batches: batches) else { return .nan }
    let weights = GradientProbe.weights(trainer)
    var sum = 0.0
    do throws(TrainingError) {
      for batch in 0..<probe.batches { sum += try probe.look(at: weights, batch: batch).loss }
    } catch {
      guard error.isDivergence else { throw error }
      return .infinity
    }
    return sum / Double(probe.batches)
  }

  private struct Landings {
    var alphas: [Double] = []
    /// What the schedule left of the learning rate at the last step.
    var factor = 1.0
  }

  /// Trains the first steps, and looks where some of them land, as long as there is something left to learn.
  private static func train(
    _ setup: RunSetup, _ trainer: Trainer, _ steps: Int, _ constants: TargetConstants
  ) throws(TrainingError) -> (FirstSteps, Landings) {
    var landings = Landings()
    // A look takes the step's batch twice.
    let looks = FirstSteps.steps(of: trainer, fewest: 2 * looks.fewest, most: 2 * looks.most) / 2
    let stride = max(1, steps / looks)
    var before: (weights: [Float], loss: Double, gradient: [Float], probe: GradientProbe)?
    func isLookedAt(_ step: Int) -> Bool { step % stride == stride - 1 && landings.alphas.count < looks }
    let trial = try FirstSteps(
      trainer, steps: steps,
      before: { step throws(TrainingError) in
        before = nil
        guard isLookedAt(step), let probe = try setup.probe(like: trainer, batches: 1) else { return }
        let weights = GradientProbe.weights(trainer)
        let (loss, gradient) = try probe.look(at: weights)
        if loss - constants.least > 1e-4 * (constants.best - constants.least) {
          before = (weights, loss, gradient, probe)
        }
      },
      after: { step throws(TrainingError) in
        guard let start = before else { return }
        let weights = GradientProbe.weights(trainer)
        let (loss, gradient) = try start.probe.look(at: weights)
        let move = zip(weights, start.weights).map { $0 - $1 }
        let length = StepLength(
          loss: (start.loss, loss), slope: (Flat.product(start.gradient, move), Flat.product(gradient, move)))
        landings.alphas.append(length.alpha)
      })
    if trainer.optimizer.learningRate > 0 { landings.factor = trial.rate / trainer.optimizer.learningRate }
    return (trial, landings)
  }

  private static func noise(_ setup: RunSetup, _ trainer: Trainer) throws(TrainingError) -> Check {
    let options = trainer.options
    // A BatchNorm over the whole batch makes of it one thing.
    let isWhole = trainer.network.hasBatchStatistics
    let shard = max(1, options.batch / options.shards)
    // Where a batch is much of the set, groups are smaller, as long as no BatchNorm knows how large they are.
    let few = trainer.network.hasShardStatistics ? shard : max(1, setup.train.count / groups)
    let group = isWhole ? options.batch : min(shard, few)
    let count = min(groups, setup.train.count / group)
    if count < 4 { return Check(.noiseScale, .skipped, [], "There are too few samples for \(groups) gradients.") }
    let samples = setup.next(count * group, of: trainer)
    if samples.count < count * group {
      return Check(.noiseScale, .skipped, [], "There are too few samples in an epoch.")
    }
    let probe = try GradientProbe(
      like: trainer, on: setup.train, samples, batch: group, shards: isWhole ? options.shards : 1)
    let weights = GradientProbe.weights(trainer)
    var gradients: [[Float]] = []
    for batch in 0..<count { gradients.append(try probe.look(at: weights, batch: batch).gradient) }
    return .noiseScale(
      NoiseScale(gradients: gradients, group: group), batch: options.batch, step: trainer.state.step)
  }

  private static func sharpness(_ setup: RunSetup, _ trainer: Trainer, rate: Double) throws(TrainingError) -> Check {
    guard let probe = try setup.probe(like: trainer, batches: 1) else {
      return Check(.sharpness, .skipped, [], "There are too few samples.")
    }
    let stability = Stability(trainer)
    do throws(TrainingError) {
      let sharpness = try Sharpness(probe, at: GradientProbe.weights(trainer), divisors: stability?.divisors)
      return .sharpness(sharpness, rate: rate, stability, trainer.optimizer)
    } catch {
      guard error.isDivergence else { throw error }
      return Check(.sharpness, .skipped, [], "The gradient beside the weights is not finite.")
    }
  }
}

extension RunSetup {
  /// The numbers of the samples that the trainer trains on next: whole batches of its epoch, which wraps around.
  func next(_ count: Int, of trainer: Trainer) -> [Int] {
    guard let sampler = trainer.sampler else { return [] }
    var samples: [Int] = []
    var step = trainer.state.step
    // A set that is smaller than that comes round again, and is not asked for.
    let last = step + sampler.stepsPerEpoch
    while samples.count < count, step < last {
      samples += (0..<sampler.rows(of: step)).map { sampler.sample(step, row: $0) }
      step += 1
    }
    return Array(samples.prefix(count))
  }

  /// A probe of the batches that the trainer trains on next; nil where there is no whole one.
  func probe(like trainer: Trainer, batches: Int) throws(TrainingError) -> GradientProbe? {
    let batch = min(trainer.options.batch, train.count)
    let samples = next(batches * batch, of: trainer)
    let whole = samples.count / batch * batch
    if whole == 0 { return nil }
    return try GradientProbe(
      like: trainer, on: train, Array(samples.prefix(whole)), batch: batch,
      shards: min(trainer.options.shards, batch))
  }
}
