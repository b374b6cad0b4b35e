import LockstepData
import LockstepKernels
import LockstepModel

/// A trained network in inference: it computes outputs and nothing else.
///
/// Rows go through in chunks of a fixed size, so that a row's bits depend on its place among the rows given, not on
/// threads.
public final class Predictor {
  /// Rows of a chunk.
  package static let chunk = 256

  /// The network that it computes.
  package let network: Network
  /// Worker threads that share the chunks.
  public let threads: Int
  private let state: NetworkTensors
  private let workspace: Workspace
  private let pool: WorkerPool
  private let work: Work

  /// A network with the weights that its initializers draw: `tensors` takes those of a trained one.
  ///
  /// ```
  /// let predictor = try Predictor(model)
  /// for (mine, trained) in zip(predictor.tensors, trainer.tensors) { mine.values.copy(from: trained.values) }
  /// ```
  /// - Parameters:
  ///   - threads: 1 … 128; outputs do not depend on it.
  ///   - precision: of the products; outputs depend on it.
  /// - Throws: `TrainingError` where the model is impossible or memory is short.
  public init(_ model: Model, threads: Int = 1, precision: Precision = .float32) throws(TrainingError) {
    guard threads >= 1 else { throw .setting("found \(threads) threads, expected 1 … 128") }
    let places = try WorkerThreads(workers: threads)
    network = try Network.built(model)
    let networks = try network.copies(threads: threads)
    let size = WorkspaceSize(
      runs: (0..<threads).map { $0..<$0 + 1 }, shardRows: Predictor.chunk, targetColumns: 1, goesBackward: false,
      precision: precision)
    try MemoryEstimate(inferring: network, size).check()
    self.threads = threads
    state = NetworkTensors(of: network)
    let workspace = Workspace(networks: networks, size: size, tensors: state)
    let work = Work(workers: threads, precision: precision)
    (self.workspace, self.work) = (workspace, work)
    pool = WorkerPool(threads: places, cores: Processor.availableCores) { work.run(worker: $0, workspace) }
  }

  /// The memory of the parameters, then of the running statistics, named as in `Trainer.tensors`; to be overwritten.
  public var tensors: [Tensor] { state.tensors(of: network) }

  /// The parameters under the names that their averages have in a checkpoint.
  package var averageTargets: [Tensor] { state.averageTargets(of: network) }

  /// Outputs of the network (logits, for a classifier) for `features` [rows, inputs], into `outputs` [rows, units].
  public func predict(_ features: Matrix, into outputs: Matrix) {
    precondition(features.columns == network.model.features && outputs.rows == features.rows)
    do throws(DatasetError) {
      try predict(into: outputs) { rows, input throws(DatasetError) in
        input.elements.copy(from: features.rows(rows).elements)
      }
    } catch { preconditionFailure("copying cannot fail") }
  }

  /// Outputs of the network for inputs that are made where they are needed, into `outputs` [rows, units].
  ///
  /// - Parameter fill: writes the inputs of the given rows of `outputs`; workers call it at the same time.
  /// - Throws: what `fill` has thrown for the lowest rows.
  package func predict(
    into outputs: Matrix, fill: @escaping @Sendable (Range<Int>, Matrix) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    precondition(outputs.columns == network.outputs)
    try work.run(pool, workspace, outputs, fill)
  }
}

/// What the workers of a predictor are to do.
///
/// `@unchecked Sendable`: the caller writes the job before the barrier that starts the workers; they only read it.
private final class Work: @unchecked Sendable {
  typealias Fill = @Sendable (Range<Int>, Matrix) throws(DatasetError) -> Void

  private var outputs: Matrix?
  private var fill: Fill?
  /// By worker: the first chunk that it could not fill.
  private let failed: Slots<Int>
  private let workers: Int
  private let precision: Precision

  init(workers: Int, precision: Precision) {
    (self.workers, self.precision) = (workers, precision)
    failed = Slots(repeating: .max, count: workers)
  }

  func run(_ pool: WorkerPool, _ workspace: Workspace, _ outputs: Matrix, _ fill: @escaping Fill) throws(DatasetError) {
    (self.outputs, self.fill) = (outputs, fill)
    for worker in 0..<workers { failed[worker] = .max }
    pool.run()
    (self.outputs, self.fill) = (nil, nil)
    let first = (0..<workers).map { failed[$0] }.min() ?? .max
    guard first < .max else { return }
    // Once more, to hear why.
    let (rows, memory) = (Self.rows(of: first, outputs), workspace.workers[0])
    memory.begin { _ in 0..<rows.count }
    try fill(rows, memory.all.input)
    throw DatasetError("rows \(rows.lowerBound) … \(rows.upperBound - 1): they could not be read, and then they could")
  }

  /// Worker k has every chunk whose number is k modulo the workers.
  func run(worker: Int, _ workspace: Workspace) {
    guard let outputs, let fill else { return }
    let memory = workspace.workers[worker]
    let chunks = (outputs.rows + Predictor.chunk - 1) / Predictor.chunk
    for chunk in stride(from: worker, to: chunks, by: workers) {
      let rows = Self.rows(of: chunk, outputs)
      memory.begin { _ in 0..<rows.count }
      do throws(DatasetError) { try fill(rows, memory.all.input) } catch {
        failed[worker] = chunk
        return
      }
      memory.forward(
        Pass(mode: .inference, step: 0, batchRows: rows.count, precision: precision), workspace.exchanges[worker])
      outputs.rows(rows).elements.copy(from: memory.all.output.elements)
    }
  }

  private static func rows(of chunk: Int, _ outputs: Matrix) -> Range<Int> {
    chunk * Predictor.chunk..<min((chunk + 1) * Predictor.chunk, outputs.rows)
  }
}
