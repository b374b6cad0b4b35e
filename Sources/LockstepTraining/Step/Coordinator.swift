import LockstepData
import LockstepKernels
import LockstepModel

/// Leads every step through its phases: load → differentiate → reduce → update → account. It computes as worker 0.
///
/// The shard is the unit of arithmetic: whatever depends on the number of workers is only *who* computes, never *what*.
///
/// `@unchecked Sendable`: `job` and `rules` are written by the coordinator's thread while the workers wait at
/// the pool's barrier, so that exclusive access to them is not checked; everything else that workers write is their own
/// part of their team's shards, or of their slices.
final class Coordinator: @unchecked Sendable {
  let network: Network
  let loss: Loss
  let shards: Int
  let workers: Int
  let trained: TrainedTensors
  let workspace: Workspace
  let regularization: Regularization
  let clip: GradientClip?
  let rowWeights: RowWeights
  /// How images are varied before they are trained on.
  let variation: PictureVariation?
  /// By worker: for one image, where they are varied.
  let variationScratch: [Arena]
  /// Seconds each worker has spent in each phase.
  let seconds: Slots<Double>

  let plan: UpdatePlan
  /// The update's rule with each of the plan's factors.
  @exclusivity(unchecked) private(set) var rules: [UpdateRule] = []
  /// All ranks, where there are several.
  let ranks: Ranks?
  /// Of a worker's slice, where that has been measured.
  let measured: WorkerNotes<UpdateBounds>
  /// What of a worker's slice the update would make infinite, where that has been looked for.
  let overflows: WorkerNotes<FirstNote<UpdateOverflow>>
  /// By worker: copies of a chunk of parameters, slots, average and gradient. Memory that is never touched is never
  /// given.
  let rehearsal: [Arena]
  let slotNames: [String]
  let readings: [Reading]
  /// The first shard whose samples a worker could not read.
  let unreadable: WorkerNotes<FirstNote<Int>>
  /// What each rank wants the others to know, told with every step; the largest counts.
  let notices: WorkerNotes<Notice>
  /// By worker: for the norms of a weight's columns, where they are bounded.
  let maxNormScratch: [Arena]
  @exclusivity(unchecked) private var job = Job.initialize
  private var pool: WorkerPool?
  /// Takes its memory when it is first asked for.
  private(set) lazy var observer = LayerObserver(
    network, plan, shards: shards, workers: workers, ranks, keepsAll: regularization.maxNorm != nil)
  /// For a copy of the reduced gradient, before it is clipped or decays; takes its memory likewise.
  private(set) lazy var gradient = Arena(count: network.parameters.count)

  var tensors: NetworkTensors { trained.tensors }
  var parameters: Arena { tensors.parameters }
  var running: Arena { tensors.running }
  var optimizerSlots: [Arena] { trained.optimizerSlots }
  var average: Arena? { trained.average }
  var bounds: UpdateBounds {
    get { trained.bounds }
    set { trained.bounds = newValue }
  }
  /// What the caller's thread, which is worker 0's, reads of a step that is done.
  var exchange: Exchange { workspace.exchanges[0] }

  /// The numbers of the samples that a worker reads, and what went wrong first.
  ///
  /// `@unchecked Sendable`: written by the worker, read by the coordinator after the barrier.
  final class Reading: @unchecked Sendable {
    let samples: Slots<Int>
    var error: DatasetError?
    /// The first of its shards whose loss is not finite, and the first layer whose output is not.
    var notFinite: (shard: Int, layer: String?)?
    init(rows: Int) { samples = Slots(repeating: 0, count: rows) }
  }

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - size: how the batch is divided among them.
  ///   - threads: those of the workers.
  ///   - optimizer: nil for a coordinator that evaluates alone; of the options only batch, shards and accumulate have a
  ///     part in it then.
  ///   - trained: what it works on, for which initial values are still to be drawn or given.
  ///   - ranks: all, where there are several.
  init(
    networks: [Network], size: WorkspaceSize, threads: WorkerThreads, loss: Loss, optimizer: Optimizer?,
    options: Trainer.Options, trained: TrainedTensors, ranks: Ranks? = nil
  ) {
    precondition(!networks.isEmpty && networks.count == threads.workers)
    let (network, workers, trains) = (networks[0], networks.count, optimizer != nil)
    let (layout, cores) = (network.parameters, Processor.availableCores)
    self.network = network
    self.loss = loss
    self.workers = workers
    shards = options.shards
    regularization = trains ? options.regularization : .none
    clip = trains ? options.clip : nil
    rowWeights = RowWeights(classes: trains ? options.classWeights : nil)
    let variation = trains ? options.augmentation?.variation(of: network.model.input, seed: options.seed) : nil
    self.variation = variation
    variationScratch = (0..<workers).map { _ in Arena(count: variation?.count ?? 0) }
    self.trained = trained
    workspace = Workspace(
      networks: networks, size: size, tensors: trained.tensors, spins: WorkerPool.spins(workers: workers, cores: cores),
      ranks: ranks)
    self.ranks = ranks
    plan = UpdatePlan(layout: layout, workers: workers, regularization: regularization, ranks: ranks)
    measured = WorkerNotes(repeating: .unknown, workers: workers, ranks)
    overflows = WorkerNotes(repeating: FirstNote(), workers: workers, ranks)
    rehearsal = (0..<workers).map { _ in Arena(count: trains ? 5 * UpdatePlan.chunk : 0) }
    slotNames = optimizer?.slots ?? []
    readings = (0..<workers).map { _ in Reading(rows: size.shardRows) }
    unreadable = WorkerNotes(repeating: FirstNote(), workers: workers, ranks)
    notices = WorkerNotes(repeating: Notice(), workers: workers, ranks)
    let widest = layout.entries.filter { $0.role == .weight }.map(\.shape.columns).max() ?? 0
    let scratch = regularization.maxNorm == nil ? 0 : widest
    maxNormScratch = (0..<workers).map { _ in Arena(count: scratch) }
    seconds = Slots(repeating: 0, count: workers * Phase.allCases.count)
    pool = WorkerPool(threads: threads, cores: cores) { [unowned self] worker in work(worker) }
  }

  deinit {
    // The pool's residents call back into this object, so they end first.
    pool = nil
  }

  /// One step; the parameters are left alone where the outcome is not finite.
  func step(_ job: StepJob) -> StepOutcome {
    // In place: a step allocates nothing.
    rules.removeAll(keepingCapacity: true)
    for factor in plan.factors { rules.append(factor == 1 ? job.rule : job.rule.scaled(by: factor)) }
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
    case .exchange: exchange(worker)
    }
  }

  /// What of the parameters this rank updates, and of the optimizer's slots it has.
  var ownParts: [Range<Int>] { ranks.map { $0.owned(by: $0.rank) } ?? [0..<network.parameters.count] }

  /// Draws the initial parameters again, and empties the optimizer's slots.
  func restart() {
    for slot in optimizerSlots {
      for part in ownParts { slot.vector(at: part.lowerBound, count: part.count).fill(0) }
    }
    bounds = .unknown
    run(.initialize)
  }

  /// Draws the initial parameters, tensors in turn.
  private func initialize(_ worker: Int) {
    for tensor in workspace.exchanges[worker].turns(of: network.parameters.entries.count) {
      network.initialize(parameters: parameters, tensors: tensor..<tensor + 1)
    }
    if worker == 0 { network.initialize(running: running) }
  }

  /// Gives the shards of a micro-batch of the worker's team their rows of the batch.
  func begin(_ microBatch: Int, of memory: WorkerMemory, by worker: Int, batchRows: Int) {
    memory.begin(microBatch: microBatch) { Shard.rows($0, of: shards, batch: batchRows) }
    if microBatch == 0 {
      workspace.exchanges[worker].begin { Shard.rows($0, of: shards, batch: batchRows) }
    }
  }

  /// Gives the shards of a micro-batch of the worker's team their rows of the batch, and fills its share of them.
  ///
  /// - Parameter isWeighted: whether rows count differently.
  func begin(
    _ microBatch: Int, of memory: WorkerMemory, by worker: Int, _ batch: SampledBatch, from data: any Dataset,
    isWeighted: Bool = false
  ) {
    begin(microBatch, of: memory, by: worker, batchRows: batch.rows)
    load(memory, by: worker, isFirst: microBatch == 0, from: data, isWeighted: isWeighted) { rows, samples in
      batch.samples(rows, into: samples)
    }
  }
}

/// What a rank wants the others to know; 0 for nothing.
struct Notice: WorkerNote {
  var value = 0

  static func combine(_ a: Notice, _ b: Notice) -> Notice { Notice(value: max(a.value, b.value)) }
}
