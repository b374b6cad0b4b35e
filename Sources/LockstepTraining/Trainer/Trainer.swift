import LockstepData
import LockstepKernels
import LockstepModel

/// Trains one network on one data set, a step at a time.
///
/// The trained bits are a function of the model, the loss, the optimizer, the options (`threads` left out) and the
/// data.
///
/// ```
/// let trainer = try Trainer(
///   model, loss: .softmaxCrossEntropy, optimizer: .adam(), batch: 512, shards: 8, threads: 2, seed: 1)
/// for try await step in trainer.steps(over: data).prefix(1000) { print(step.loss) }
/// ```
public final class Trainer {
  /// The network that is trained.
  package let network: Network
  /// What is minimised.
  public let loss: Loss
  /// How the parameters are updated.
  public let optimizer: Optimizer
  /// The settings beside model, loss and optimizer.
  public let options: Options
  /// Worker threads in use, worker 0 included.
  public let threads: Int
  /// How they share the shards.
  package let plan: TeamPlan
  /// In how many micro-batches each team goes through its shards at most.
  package let microBatches: Int
  /// How far training has come, beside the tensors.
  public private(set) var state = TrainerState()
  /// Whether evaluation and recalibration take the average of the weights, where there is one, rather than the weights
  /// themselves.
  public var infersFromAverage = true
  /// Which samples each step trains on, and how many steps an epoch has; nil before data is attached.
  public private(set) var sampler: Sampler?

  /// All ranks of the run, where there are several.
  let ranks: Ranks?
  /// How many there are.
  public var rankCount: Int { ranks?.count ?? 1 }
  /// What the other ranks shall know with the next step, such as that this one has been asked to stop; 0 for nothing.
  package var notice: () -> Int = { 0 }
  /// The largest notice of any rank at the last step.
  package var noticed: Int { ranks == nil ? 0 : coordinator.notices.combined.value }
  /// Of all workers.
  let coordinator: Coordinator
  /// Of one thread alone, once it has been needed.
  var alone: Coordinator?
  /// Which of them makes the next step; nil where there is no choice.
  var crew: Crew?
  /// Steps that one thread has made alone, because other processes held the cores. No bit depends on it.
  public internal(set) var stepsAlone = 0
  /// What `secondsOfMessages` sends, once it has been asked.
  var messages: Slots<UInt8>?
  /// Whether an initialisation by data is still to be done.
  var awaitsInitialization: Bool
  /// What the next steps train on; nil before data is attached.
  public private(set) var data: (any Dataset)?
  /// Whether `Steps` is doing a step beside the caller, which nothing may look at meanwhile.
  var isStepping = false

  /// A trainer with initial weights, without data.
  ///
  /// - Throws: `TrainingError` where the model or a setting is impossible.
  public convenience init(_ model: Model, loss: Loss, optimizer: Optimizer, options: Options) throws(TrainingError) {
    try self.init(model, loss: loss, optimizer: optimizer, options: options, communicator: nil)
  }

  /// The trainer of one of several ranks: rank 0 leads, and the others `follow`.
  ///
  /// - Parameters:
  ///   - communicator: this rank's; nil for a run of its own.
  ///   - bucket: parameters that go from rank to rank together, at most. No bit depends on it.
  package init(
    _ model: Model, loss: Loss, optimizer: Optimizer, options: Options, communicator: (any Communicator)?,
    bucket: Int = Ranks.bucket
  ) throws(TrainingError) {
    try options.check()
    try optimizer.check()
    try loss.check()
    self.loss = loss
    self.optimizer = optimizer
    self.options = options
    awaitsInitialization = options.lsuv != nil
    network = try Network.built(model, seed: options.seed)
    ranks = try options.ranks(communicator, network, bucket: bucket)
    plan = options.plan(for: network, slots: optimizer.slots.count, ranks)
    threads = plan.workers
    let places = try WorkerThreads(workers: threads)
    let networks = try network.copies(threads: threads)
    try options.checkClassWeights(loss, outputs: network.outputs)
    if let problem = options.augmentation?.problem(on: network.model.input) {
      try [problem].under("augment").throwFirst()
    }
    if options.accumulate > 1, network.hasBatchStatistics {
      throw .setting(
        "found a batch worked through in \(options.accumulate) parts and a BatchNorm with `statistics: batch`, whose statistics need the whole batch in memory: "
          + "take `statistics: shard`, or accumulate: 1")
    }
    let size = WorkspaceSize(options, plan, for: network, targetColumns: loss.targetColumns(outputs: network.outputs))
    microBatches = size.microBatches
    try MemoryEstimate(
      training: network, size, slots: optimizer.slots.count, isAveraged: options.weightAverage != nil, ranks
    ).check()
    coordinator = Coordinator(
      networks: networks, size: size, threads: places, loss: loss, optimizer: optimizer, options: options,
      trained: TrainedTensors(
        of: network, slots: optimizer.slots.count, isAveraged: options.weightAverage != nil), ranks: ranks)
    coordinator.run(.initialize)
    beginAverage()
    crew = threads > 1 && ranks == nil ? Crew() : nil
  }

  /// A trainer with initial weights, whose other options have their defaults.
  ///
  /// - Parameters:
  ///   - batch: rows of the global batch.
  ///   - shards: how many a batch is cut into; the trained bits depend on it. Nil for 8, or as many as give each 16
  ///     rows.
  ///   - threads: worker threads; nil for as many as there are cores. The trained bits do not depend on it.
  public convenience init(
    _ model: Model, loss: Loss, optimizer: Optimizer, batch: Int, shards: Int? = nil, threads: Int? = nil,
    seed: UInt64 = 1
  ) throws(TrainingError) {
    try self.init(
      model, loss: loss, optimizer: optimizer,
      options: Options(batch: batch, shards: shards, threads: threads.map { .count($0) } ?? .auto, seed: seed))
  }

  /// Sets the data that the next steps train on. The step count goes on.
  ///
  /// - Throws: `TrainingError` where the data does not fit the model, the loss or the options.
  public func attach(_ data: any Dataset) throws(TrainingError) {
    try checkIdle()
    try loss.check(network, on: data)
    let sampler: Sampler
    do throws(DatasetError) {
      sampler = try Sampler(
        sampleCount: data.count, batchSize: options.batch, dropLast: options.dropLast, seed: options.seed)
    } catch { throw .data(error) }
    if network.model.measuresRowsAlone(.shard) { try sampler.checkShardStatistics(shards: options.shards) }
    if network.model.measuresRowsAlone(.batch) { try sampler.checkBatchStatistics() }
    if options.classWeights != nil {
      switch data.task {
      case .classification: break
      case .regression:
        throw .setting("found class weights for data whose targets are numbers, expected classes")
      case .labels:
        throw .setting("found class weights for data whose targets are labels, expected classes: weigh the samples")
      }
    }
    self.data = data
    self.sampler = sampler
  }

  /// The data that is attached, and its sampler.
  package func attached() throws(TrainingError) -> (data: any Dataset, sampler: Sampler) {
    guard let data, let sampler else {
      throw .setting("no data is attached to the trainer: call attach(_:) or steps(over:)")
    }
    return (data, sampler)
  }

  /// One update of the parameters.
  ///
  /// - Parameters:
  ///   - measuringNorm: whether to measure the gradient, for `StepResult.gradientNorm`, though nothing may be clipped
  ///     by it.
  ///   - observingLayers: whether to look at the layers meanwhile, for `StepResult.layers`.
  ///   - keepingGradient: whether to keep the batch's gradient for `gradients`. No trained bit depends on any of these.
  /// - Throws: `TrainingError`; the parameters and the state are then those before the step.
  @discardableResult
  public func step(
    measuringNorm: Bool = false, observingLayers: Bool = false, keepingGradient: Bool = false
  ) throws(TrainingError) -> StepResult {
    try checkIdle()
    return try withFloatingPointEnvironment { () throws(TrainingError) in
      try advance(measuringNorm: measuringNorm, observingLayers: observingLayers, keepingGradient: keepingGradient)
    }
  }

  func advance(
    measuringNorm: Bool, observingLayers: Bool, keepingGradient: Bool
  ) throws(TrainingError) -> StepResult {
    try initializeFromData()
    let (data, sampler) = try attached()
    let batch = sampler.batch(at: state.step)
    let factor =
      options.schedule.factor(
        step: state.step, horizon: options.horizon ?? 0, stepsPerEpoch: sampler.stepsPerEpoch, plateau: state.plateau)
      * state.learningRateFactor
    let order = StepOrder(
      step: state.step, factor: factor, updates: state.optimizer.updates,
      momentumProduct: state.optimizer.momentumProduct, bounds: coordinator.bounds, measuresNorm: measuringNorm,
      observesLayers: observingLayers, keepsGradient: keepingGradient)
    ranks?.tell(.step(order))
    let (job, progress) = job(order, on: data, sampler)
    switch takeStep(job) {
    case .unreadable(_, let error): throw .data(error)
    case .notFinite(let shard, let layer): throw .lossNotFinite(step: state.step + 1, shard: shard, layer: layer)
    case .gradientNotFinite(let tensor): throw .gradientNotFinite(step: state.step + 1, tensor: tensor)
    case .statisticsNotFinite(let layer): throw .statisticsNotFinite(step: state.step + 1, layer: layer)
    case .overflow(let tensor): throw .updateNotFinite(step: state.step + 1, tensor: tensor)
    case .updated(let sums, let gradientNorm):
      state.step += 1
      state.optimizer = progress
      return StepResult(
        step: state.step, epoch: batch.epoch, rows: batch.rows, loss: sums.meanLoss, sums: sums,
        learningRate: job.rule.learningRate, gradientNorm: gradientNorm,
        layers: job.observer?.figures(rows: batch.rows, coordinator.exchange))
    }
  }

  /// What an order of a step comes to, and what the optimizer remembers after it.
  func job(
    _ order: StepOrder, on data: any Dataset, _ sampler: Sampler
  ) -> (job: StepJob, progress: OptimizerProgress) {
    var progress = OptimizerProgress(updates: order.updates, momentumProduct: order.momentumProduct)
    let rule = optimizer.rule(factor: order.factor, progress: &progress)
    let batch = sampler.batch(at: order.step)
    let job = StepJob(
      pass: pass(of: batch), batch: batch, data: data, rule: rule,
      averageRest: options.weightAverage?.rest(update: progress.updates), measuresNorm: order.measuresNorm,
      observer: order.observesLayers ? coordinator.observer : nil,
      gradient: order.keepsGradient ? coordinator.gradient : nil)
    return (job, progress)
  }

  /// As in training.
  func pass(of batch: SampledBatch) -> Pass {
    Pass(mode: .training, step: UInt64(batch.step), batchRows: batch.rows, precision: options.precision)
  }

  /// Counts the next step as done, without an update: for a step that throws and is to be left out.
  public func skip() { state.step += 1 }

  /// Tells `Schedule.reduceOnPlateau` what an evaluation has found; other schedules do not look at it, and none before
  /// its warm-up is over.
  ///
  /// - Parameter metrics: by name, such as `loss`.
  public func observe(_ metrics: [(name: String, value: Double)]) {
    guard case .reduceOnPlateau(let plateau) = options.schedule.shape,
      !isWarmingUp, let value = metrics.first(where: { $0.name == plateau.metric.rawValue })?.value
    else { return }
    state.plateau.observe(value, plateau)
  }

  private var isWarmingUp: Bool {
    sampler.map { state.step < options.schedule.warmup.steps(ofEpoch: $0.stepsPerEpoch) } ?? false
  }
}

// MARK: - What a checkpoint holds

extension Trainer {
  /// Whoever gets tensors may write into them.
  private func lendTensors() {
    precondition(!isStepping, "the trainer is asked for its tensors while steps(over:) is doing a step")
    ranks?.background.complete()
    coordinator.bounds = .unknown
  }

  /// Every tensor in file order: parameters, running statistics, optimizer slots, the average of the parameters.
  public var tensors: [Tensor] {
    lendTensors()
    let slots = zip(optimizer.slots, coordinator.optimizerSlots)
    let arriving = ranks.map { ArrivingElements(ranks: $0) }
    return tensors(network.parameters, coordinator.parameters, "model.", arriving)
      + tensors(network.runningStatistics, coordinator.running, "model.", arriving)
      + slots.enumerated().flatMap { index, slot in
        tensors(network.parameters, slot.1, "optimizer.\(slot.0).", source(of: .slot(index)))
      }
      + (coordinator.average.map { tensors(network.parameters, $0, Tensor.averagePrefix, source(of: .average)) } ?? [])
  }

  /// The parameters by their own names, such as `dense0.weight`.
  public var parameters: [Tensor] {
    lendTensors()
    return tensors(network.parameters, coordinator.parameters, "")
  }

  /// The gradient of every parameter at the last step that kept it: over the batch, before clipping and decay.
  /// None where the layer is frozen.
  public var gradients: [Tensor] {
    network.parameters.entries.filter(\.training.isTrainable).map { Tensor($0, in: coordinator.gradient, prefix: "") }
  }

  private func tensors(
    _ layout: ParameterLayout, _ arena: Arena, _ prefix: String, _ source: (any TensorSource)? = nil
  ) -> [Tensor] {
    layout.entries.map { Tensor($0, in: arena, prefix: prefix, source: source) }
  }

  /// Begins anew: the initial parameters and running statistics, empty slots, no step done. If there is `Options.lsuv`,
  /// the next step initialises by the data again.
  public func restart() {
    precondition(!isStepping, "the trainer is restarted while steps(over:) is doing a step")
    ranks?.tell(.restart)
    coordinator.restart()
    restartAverage()
    state = TrainerState()
    awaitsInitialization = options.lsuv != nil
  }

  /// Goes on from `state`. Before, the caller overwrites `tensors` with those that belong to it.
  public func resume(from state: TrainerState) {
    precondition(!isStepping, "the trainer is resumed while steps(over:) is doing a step")
    self.state = state
    awaitsInitialization = false
  }

  /// Seconds that the workers have spent in each phase, summed over the workers, since the trainer was made; of a rank,
  /// its own. One that is alone has nobody to communicate with.
  public var phaseSeconds: [(phase: Phase, seconds: Double)] {
    let phases = Phase.allCases
    return phases.filter { $0 != .communicate || ranks != nil }.map { phase in
      let seconds = (0..<threads).reduce(0) { $0 + coordinator.seconds[$1 * phases.count + phase.rawValue] }
      return (phase, seconds + (alone?.seconds[phase.rawValue] ?? 0))
    }
  }
}

extension Loss {
  /// Whether the network fits the data set, and its outputs this loss of them.
  package func check(_ network: Network, on data: any Dataset) throws(TrainingError) {
    guard data.shape == network.model.input else {
      throw .setting("the data set has \(data.shape.phrase), the model expects \(network.model.input.phrase)")
    }
    try check(outputs: network.outputs, fit: data.task)
  }

  /// Whether a network with `outputs` units can be trained with this loss on such targets.
  package func check(outputs: Int, fit task: LearningTask) throws(TrainingError) {
    if case .custom(let named) = self, named.function == nil {
      throw .setting("found \(name), a loss of a program's own, which that program alone can give again")
    }
    switch (targets, task) {
    case (.classes, .classification(let classes)):
      guard outputs == classes else {
        throw .setting(
          "the model ends in \(outputs) units, but the data has \(classes) classes: \(name) needs one unit a class")
      }
    case (.labels, .classification(let classes)):
      guard classes == 2, outputs == 1 else {
        throw .setting("\(name) needs one unit and two classes, found \(outputs) units and \(classes) classes")
      }
    case (.labels, .labels(let labels)):
      guard outputs == labels else {
        throw .setting(
          "the model ends in \(outputs) units, but the data has \(labels) labels: \(name) needs one unit a label")
      }
    case (_, .labels(let labels)):
      throw .setting("\(name) is not for labels, but the data has \(labels) of them: take binary_cross_entropy")
    case (.classes, .regression):
      throw .setting(
        "\(name) needs classes, but the data has real targets: take mean_squared_error, mean_absolute_error or huber")
    case (.labels, .regression(let targets)), (.numbers, .regression(let targets)):
      guard outputs == targets else {
        throw .setting(
          "the model ends in \(outputs) units, but the data has \(targets) targets: \(name) needs one unit a target")
      }
    case (.numbers, .classification):
      throw .setting("\(name) needs real targets, but the data has classes: take softmax_cross_entropy")
    }
  }
}
