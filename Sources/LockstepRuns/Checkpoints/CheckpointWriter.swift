import Dispatch
import LockstepKernels
import LockstepTraining
import Synchronization

/// Writes a run's checkpoints while it trains on, at most one at a time.
///
/// A save costs the caller a copy of the tensors into a `Snapshot`. Compressing, hashing, writing and waiting for the
/// device happen on a queue of its own, and what came of them is asked for between steps. The writer itself belongs to
/// the thread that trains.
final class CheckpointWriter {
  /// What came of a checkpoint that was begun.
  struct Outcome: Sendable {
    let step: Int
    let result: Result<CheckpointStore.Saved, CheckpointError>
  }

  /// The step whose checkpoint is being written, until its outcome has been fetched.
  private(set) var stepInFlight: Int?

  private let snapshot: Snapshot
  private let queue = DispatchQueue(label: "lockstep.checkpoint", qos: .utility)
  private let delivery = Delivery()

  /// Where the queue leaves an outcome. Whoever finds it there takes it without waiting.
  private final class Delivery: Sendable {
    let outcome = Mutex<Outcome?>(nil)
    let isThere = Atomic(false)
  }

  /// - Parameter tensors: the memory that is trained, in the order of the file.
  init(of tensors: [Tensor]) {
    snapshot = Snapshot(of: tensors)
  }

  /// Bytes of a checkpoint's numbers.
  var bytes: Int { snapshot.tensors.reduce(0) { $0 + $1.values.count * MemoryLayout<Float>.stride } }

  /// Bytes of memory that a writer of `tensors` takes: each begins on a cache line.
  static func bytes(of tensors: [Tensor]) -> Int {
    tensors.reduce(0) { $0 + Arena.aligned($1.values.count) } * MemoryLayout<Float>.stride
  }

  /// Touches the memory of the copy on the queue, beside the first steps, so that the first save costs no more than the
  /// others.
  func prepare() {
    queue.async { [tensors = snapshot.tensors] in
      for tensor in tensors { tensor.values.fill(0) }
    }
  }

  /// Copies the tensors as they are now and begins to write them. Nothing may be in flight: the copy has one place.
  ///
  /// - Parameters:
  ///   - isBeside: whether training goes on meanwhile, from a copy. Tensors of which other ranks have parts are brought
  ///     here piece by piece, while training waits.
  ///   - write: puts a checkpoint of that content on the device; it runs on the queue, or at once.
  /// - Throws: `NotFinite` where a tensor is not finite; then nothing is written.
  func begin(
    step: Int, metadata: [String: String], beside isBeside: Bool = true,
    _ write: @escaping @Sendable (CheckpointContent) throws(CheckpointError) -> CheckpointStore.Saved
  ) throws(Snapshot.NotFinite) {
    precondition(stepInFlight == nil, "a checkpoint is begun while another is being written")
    guard isBeside else {
      let content = CheckpointContent(
        tensors: snapshot.sources, metadata: metadata, weightsDigest: try snapshot.digestOfSources())
      let result: Result<CheckpointStore.Saved, CheckpointError>
      do throws(CheckpointError) { result = .success(try write(content)) } catch { result = .failure(error) }
      stepInFlight = step
      delivery.outcome.withLock { $0 = Outcome(step: step, result: result) }
      delivery.isThere.store(true, ordering: .releasing)
      return
    }
    // What `prepare` has begun comes first.
    queue.sync {}
    try snapshot.take()
    stepInFlight = step
    let content = CheckpointContent(tensors: snapshot.tensors, metadata: metadata)
    queue.async { [delivery] in
      let result: Result<CheckpointStore.Saved, CheckpointError>
      do throws(CheckpointError) { result = .success(try write(content)) } catch { result = .failure(error) }
      delivery.outcome.withLock { $0 = Outcome(step: step, result: result) }
      delivery.isThere.store(true, ordering: .releasing)
    }
  }

  /// The outcome of the checkpoint in flight, if it is there already. Each outcome is handed out once.
  func finished() -> Outcome? {
    guard stepInFlight != nil, delivery.isThere.load(ordering: .acquiring) else { return nil }
    return take()
  }

  /// Waits for the checkpoint in flight; nil where there is none.
  func wait() -> Outcome? {
    guard stepInFlight != nil else { return nil }
    queue.sync {}
    return take()
  }

  private func take() -> Outcome? {
    stepInFlight = nil
    delivery.isThere.store(false, ordering: .relaxed)
    return delivery.outcome.withLock { $0.take() }
  }
}
