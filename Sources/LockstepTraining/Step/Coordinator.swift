import LockstepKernels
import LockstepModel
import Synchronization

/// Leads every step through its phases: load → differentiate → reduce → update → account. It computes as worker 0.
///
/// The shard is the unit of arithmetic: whatever depends on the number of workers is only *who* computes, never *what*.
///
/// `@unchecked Sendable`: `job` is written by the coordinator's thread while the workers wait at the pool's barrier;
/// everything else that workers write stands in regions of their own shards or slices.
final class Coordinator: @unchecked Sendable {
  let network: Network
  let loss: Loss
  let shards: Int
  let workers: Int
  let parameters: Arena
  let running: Arena
  let optimizerSlots: [Arena]
  /// The moving average of the parameters, if there is one.
  let average: Arena?
  let workspace: Workspace
  let regularization: Regularization
  let clip: GradientClip?
  let rowWeights: RowWeights
  /// Seconds each worker has spent in each phase.
  let seconds: Slots<Double>

  let plan: UpdatePlan
  let barrier: Barrier
  let outcomes: Slots<LossSums>
  /// By worker.
  let magnitudes: Slots<Magnitudes>
  /// By worker: the first of its BatchNorms whose statistics are not finite, where that has been looked for.
  let nonFiniteNorms: Slots<Int?>
  let squares: Slots<Double>
  /// How large parameters and slots may be after the last step.
  var bounds = UpdateBounds.unknown
  /// By worker: of its slice, where that has been measured.
  let measured: Slots<UpdateBounds>
  /// By worker: what of its slice the update would make infinite, where that has been looked for.
  let overflows: Slots<UpdateOverflow?>
  /// By worker: copies of a chunk of parameters, slots, average and gradient. Memory that is never touched is never
  /// given.
  let rehearsal: [Arena]
  let slotNames: [String]
  let inputs: [ShardInput]
  private let maxNormScratch: [Arena]
  private var job = Job.initialize
  private var pool: WorkerPool?
  /// Takes its memory when it is first asked for.
  private(set) lazy var observer = LayerObserver(
    network, plan, shards: shards, workers: workers, keepsAll: regularization.maxNorm != nil)
  /// For a copy of the reduced gradient, before it is clipped or decays; takes its memory likewise.
  private(set) lazy var gradient = Arena(count: network.parameters.count)

  /// A shard's own sample numbers, and what went wrong when they were read.
  ///
  /// `@unchecked Sendable`: written by the shard's worker, read by the coordinator after the barrier.
  final class ShardInput: @unchecked Sendable {
    let samples: Slots<Int>
    var error: DatasetError?
    /// Where the shard's loss is not finite: the first layer whose output is not.
    var nonFiniteLayer: String?
    init(rows: Int) { samples = Slots(repeating: 0, count: rows) }
  }

  /// The largest of what a worker hands on to be summed over shards.
  struct Magnitudes: BitwiseCopyable {
    var gradient = Magnitude()
    var statistic = Magnitude()
  }

  /// - Parameter optimizer: nil for one that evaluates alone, and whose parameters are still to be given.
  init(
    networks: [Network], threads: WorkerThreads, loss: Loss, optimizer: Optimizer?,
    regularization: Regularization = .none, clip: GradientClip? = nil, classWeights: [Float]? = nil,
    isAveraged: Bool = false, batch: Int, shards: Int, parts: Int, cores: Int
  ) {
    precondition(!networks.isEmpty && networks.count <= shards && networks.count == threads.workers)
    let (network, workers) = (networks[0], networks.count)
    self.network = network
    self.loss = loss
    self.shards = shards
    self.workers = workers
    self.regularization = regularization
    self.clip = clip
    rowWeights = RowWeights(classes: classWeights)
    let count = network.parameters.count
    let rows = (batch + shards - 1) / shards
    parameters = Arena(count: count)
    running = Arena(count: network.runningStatistics.count)
    optimizerSlots = optimizer.map { $0.slots.map { _ in Arena(count: count) } } ?? []
    average = isAveraged ? Arena(count: count) : nil
    workspace = Workspace(
      networks: networks, runs: (0..<workers).map { Shard.owned(by: $0, of: workers, shards: shards) }, parts: parts,
      shardRows: rows, targetColumns: loss.targetColumns(outputs: network.outputs), parameters: parameters,
      running: running, goesBackward: optimizer != nil)
    plan = UpdatePlan(layout: network.parameters, workers: workers, regularization: regularization)
    barrier = Barrier(parties: workers, spins: WorkerPool.spins(workers: workers, cores: cores))
    outcomes = Slots(repeating: LossSums(), count: shards)
    magnitudes = Slots(repeating: Magnitudes(), count: workers)
    nonFiniteNorms = Slots(repeating: nil, count: workers)
    squares = Slots(repeating: 0, count: network.parameters.blocks)
    measured = Slots(repeating: .unknown, count: workers)
    overflows = Slots(repeating: nil, count: workers)
    rehearsal = (0..<workers).map { _ in Arena(count: optimizer == nil ? 0 : 5 * UpdatePlan.chunk) }
    slotNames = optimizer?.slots ?? []
    inputs = (0..<shards).map { _ in ShardInput(rows: rows) }
    let widest = network.parameters.entries.filter { $0.role == .weight }.map { $0.shape.columns }.max() ?? 0
    maxNormScratch = (0..<workers).map { _ in Arena(count: regularization.maxNorm == nil ? 0 : widest) }
    seconds = Slots(repeating: 0, count: workers * Phase.allCases.count)
    pool = WorkerPool(threads: threads, cores: cores) { [unowned self] worker in work(worker) }
    if optimizer != nil { pool?.run() }
  }

  deinit {
    // The pool's residents call back into this object, so they end first.
    pool = nil
  }

  /// One step; the parameters are left alone where the outcome is not finite.
  func step(_ job: StepJob) -> StepOutcome {
    run(.step(job))
    return outcome(of: job)
  }

  func run(_ job: Job) {
    self.job = job
    pool?.run()
  }

  private func work(_ worker: Int) {
    switch job {
    case .initialize: initialize(worker)
    case .step(let job): step(worker, job)
    case .evaluate(let job): evaluate(worker, job)
    case .orthonormalize: orthonormalize(worker)
    case .measure(let job): measure(worker, job)
    case .pool(let job): pool(worker, job)
    }
  }

  /// Draws the initial parameters again, and empties the optimizer's slots.
  func restart() {
    for slot in optimizerSlots { slot.all.fill(0) }
    bounds = .unknown
    run(.initialize)
  }

  /// Draws the initial parameters, tensors in turn.
  private func initialize(_ worker: Int) {
    for tensor in network.parameters.entries.indices where tensor % workers == worker {
      network.initialize(parameters: parameters, tensors: tensor..<tensor + 1)
    }
    if worker == 0 { network.initialize(running: running) }
  }

  /// Gives the shards of a part of the worker's their rows of the batch.
  func begin(_ part: Int, of memory: WorkerMemory, batchRows: Int) {
    memory.begin(part: part, batchRows: batchRows) { Shard.rows($0, of: shards, batch: batchRows) }
  }

  /// The same, and fills them.
  func begin(_ part: Int, of memory: WorkerMemory, _ batch: SampledBatch, from data: any Dataset) {
    begin(part, of: memory, batchRows: batch.rows)
    for shard in memory.shards {
      let rows = shard.firstRow..<shard.firstRow + shard.rows
      load(shard, from: data) { batch.samples(rows, into: $0) }
    }
  }
}

// MARK: - The phases of a step, each as one worker sees it

extension Coordinator {
  private func step(_ worker: Int, _ job: StepJob) {
    var watch = PhaseWatch(seconds, worker: worker)
    let memory = workspace.workers[worker]
    // Asked once: a call through `any` for every shard is felt in steps of 60 µs.
    let weighted = rowWeights.differ(in: job.data) ? job.data : nil
    let units = job.data.targetDeviations
    for part in 0..<memory.partCount {
      begin(part, of: memory, job.batch, from: job.data)
      watch.lap(.load)
      memory.forward(job.pass, among: workspace.shards) { barrier.wait() }
      for shard in memory.shards { measure(shard, job.pass, units, withGradient: true, weightedBy: weighted) }
      memory.backward(job.pass, among: workspace.shards) { barrier.wait() }
      job.observer?.look(at: memory, by: worker, isFirst: part == 0)
      watch.lap(.differentiate)
    }
    magnitudes[worker] = Magnitudes(gradient: memory.largestGradient, statistic: memory.largestStatistic)
    watch.lap(.differentiate)
    barrier.wait()
    watch.lap(.wait)

    // Every worker sees the same outcomes and decides the same.
    guard lossIsFinite else { return }
    if needsNorm(job) {
      let isBounded = bounds(after: job, from: bounds) != nil
      reduceWithSquares(plan.slices[worker], by: worker)
      if !isBounded { measured[worker] = measureBounds(plan.slices[worker]) }
      nonFiniteNorms[worker] =
        isCertainlyFinite
        ? nil : memory.firstNonFiniteStatistics(from: workspace.shards, worker: worker, workers: workers)
      watch.lap(.reduce)
      barrier.wait()
      watch.lap(.wait)
      let norm = gradientNorm
      guard norm.isFinite, firstNonFiniteNorm == nil else { return }
      var scale: Float = 1
      if case .globalNorm(let limit) = clip { scale = Float(min(1, limit / (norm + 1e-6))) }
      if !isBounded {
        let isBounded = bounds(after: job, from: measuredBounds) != nil
        overflows[worker] = isBounded ? nil : rehearse(worker, job, scale: scale)
        barrier.wait()
        guard overflow == nil else { return }
      }
      for chunk in plan.chunks[worker] {
        update(chunk, workspace.gradient(chunk.range, by: worker), job, scale: scale, by: worker)
      }
    } else {
      for chunk in plan.chunks[worker] {
        update(chunk, workspace.reduce(chunk.range, by: worker), job, scale: 1, by: worker)
      }
    }
    if let limit = regularization.maxNorm {
      barrier.wait()
      boundNorms(worker, limit: Float(limit))
      if job.averageRest != nil || job.observer != nil {
        barrier.wait()
        follow(plan.slices[worker], job)
        for chunk in plan.chunks[worker] {
          job.observer?.didUpdate(
            chunk, parameters.vector(at: chunk.range.lowerBound, count: chunk.range.count), by: worker)
        }
      }
    }
    watch.lap(.update)
    memory.foldRunningStatistics(from: workspace.shards, worker: worker, workers: workers)
    watch.lap(.account)
  }

  /// Fills the shard's rows; a failure is kept for the coordinator and makes the shard's loss not a number.
  ///
  /// - Parameter number: writes the sample of each row.
  func load(_ shard: ShardMemory, from data: any Dataset, number: (Slots<Int>) -> Void) {
    let input = inputs[shard.shard]
    number(input.samples)
    input.error = nil
    do throws(DatasetError) {
      try input.samples.withSpan(0..<shard.rows) { samples throws(DatasetError) in
        try data.fill(samples, features: shard.input, targets: shard.targets)
      }
    } catch {
      input.error = error
    }
  }

  /// - Parameters:
  ///   - units: of the targets, for the metrics.
  ///   - data: whose weights count; nil where all are 1.
  func measure(
    _ shard: ShardMemory, _ pass: Pass, _ units: [Double], withGradient: Bool, weightedBy data: (any Dataset)? = nil
  ) {
    let weights = data.flatMap { rowWeights(of: shard, in: $0) }
    var sums = loss.sums(
      output: shard.output, targets: shard.targets, weights: weights, units: units, batchRows: pass.batchRows,
      gradient: withGradient ? shard.outputGradient : nil)
    if inputs[shard.shard].error != nil { sums.loss = .nan }
    // The next part takes the shard's memory, so what is not finite is looked for at once.
    if withGradient, !sums.loss.isFinite { inputs[shard.shard].nonFiniteLayer = network.firstNonFiniteLayer(in: shard) }
    outcomes[shard.shard] = sums
  }

  private func rowWeights(of shard: ShardMemory, in data: any Dataset) -> Vector? {
    let input = inputs[shard.shard]
    do throws(DatasetError) { return try rowWeights.write(into: shard, input.samples, of: data) } catch {
      input.error = input.error ?? error
      return nil
    }
  }

  /// The gradient's tree sum, and the squares of every block, so that the norm does not depend on who owns which slice.
  private func reduceWithSquares(_ slice: Range<Int>, by worker: Int) {
    let block = ParameterLayout.block
    for start in stride(from: slice.lowerBound, to: slice.upperBound, by: block) {
      squares[start / block] = workspace.reduce(start..<start + block, by: worker).sumOfSquares
    }
  }

  private func update(
    _ chunk: UpdatePlan.Chunk, _ gradient: Vector, _ job: StepJob, scale: Float, by worker: Int
  ) {
    let range = chunk.range
    let parameter = parameters.vector(at: range.lowerBound, count: range.count)
    job.observer?.willUpdate(chunk, gradient, parameter, by: worker)
    job.gradient?.vector(at: range.lowerBound, count: range.count).copy(from: gradient)
    apply(chunk, job.rule, scale: scale, gradient: gradient, to: parameter, slot(0, range), slot(1, range))
    // Bounded norms come first.
    guard regularization.maxNorm == nil else { return }
    job.observer?.didUpdate(chunk, parameter, by: worker)
    follow(range, job)
  }

  /// What is done to the gradient of a chunk, and the optimizer's rule.
  func apply(
    _ chunk: UpdatePlan.Chunk, _ rule: UpdateRule, scale: Float, gradient: Vector, to parameter: Vector,
    _ first: Vector?, _ second: Vector?
  ) {
    let l1 = chunk.decays ? Float(regularization.l1) : 0
    let l2 = chunk.decays ? Float(regularization.l2) : 0
    var limit = Float.infinity
    if case .value(let bound) = clip { limit = Float(bound) }
    if scale != 1 || limit.isFinite || l1 != 0 || l2 != 0 {
      UpdateKernels.prepare(gradient: gradient, parameter: parameter, scale: scale, limit: limit, l1: l1, l2: l2)
    }
    let keep = chunk.decays ? Float(1 - rule.learningRate * regularization.decoupled) : 1
    rule.apply(to: parameter, gradient: gradient, first: first, second: second, keep: keep)
  }

  /// The average takes the updated parameters, most often while they are in cache.
  private func follow(_ range: Range<Int>, _ job: StepJob) {
    guard let average, let rest = job.averageRest else { return }
    UpdateKernels.follow(
      average.vector(at: range.lowerBound, count: range.count),
      parameters.vector(at: range.lowerBound, count: range.count), rest: rest)
  }

  private func slot(_ index: Int, _ range: Range<Int>) -> Vector? {
    index < optimizerSlots.count ? optimizerSlots[index].vector(at: range.lowerBound, count: range.count) : nil
  }

  private func boundNorms(_ worker: Int, limit: Float) {
    for entry in plan.bounded[worker] {
      UpdateKernels.maxNorm(
        parameters.matrix(entry), limit: limit,
        scratch: maxNormScratch[worker].vector(at: 0, count: entry.shape.columns))
    }
  }
}

/// Adds the time since the last lap to a phase of one worker.
private struct PhaseWatch {
  private let seconds: Slots<Double>
  private let base: Int
  private var last: Double

  init(_ seconds: Slots<Double>, worker: Int) {
    self.seconds = seconds
    base = worker * Phase.allCases.count
    last = MonotonicClock.seconds()
  }

  mutating func lap(_ phase: Phase) {
    let now = MonotonicClock.seconds()
    seconds[base + phase.rawValue] += now - last
    last = now
  }
}
