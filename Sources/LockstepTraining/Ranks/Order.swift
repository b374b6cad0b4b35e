import LockstepKernels
import LockstepModel

/// What rank 0, which alone decides, tells the other ranks to do with it: plain numbers, from which each makes the same
/// job as rank 0.
struct Order: BitwiseCopyable, Sendable {
  enum Task: BitwiseCopyable, Sendable {
    /// One update of the parameters.
    case step(StepOrder)
    /// Sums of loss and metrics over these samples of the validation data, in inference.
    case evaluate(samples: Bounds, keepsOutputs: Bool)
    /// The average of the weights takes the place of the parameters, or they take theirs again.
    case exchangeAverage(isShared: Bool)
    /// The average begins anew from the parameters.
    case restartAverage
    /// The initial parameters and running statistics, and empty slots.
    case restart
    case orthonormalize
    /// The variance of a dense layer's outputs over the batch of a step.
    case measure(step: Int, stages: Bounds)
    /// Parameter number `entry` times `factor`.
    case scale(entry: Int, factor: Float)
    /// The statistics of the batch of a step, to be pooled.
    case pool(step: Int)
    /// All tensors as rank 0 has them.
    case takeTensors
    /// The running statistics as rank 0 has them.
    case takeStatistics
    /// What this rank has of elements of a tensor that ranks share.
    case handOver(SharedTensor, Bounds)
    /// A digest of what all ranks have alike.
    case digest
    /// What goes between the ranks in a step, and nothing else.
    case exchange
    /// A message of so many bytes to every other rank.
    case sendMessages(bytes: Int)
    /// No more orders come; the process ends with this status.
    case end(status: Int32)
  }

  /// A range in plain numbers.
  struct Bounds: BitwiseCopyable, Sendable {
    private let lower: Int
    private let upper: Int

    init(_ range: Range<Int>) { (lower, upper) = (range.lowerBound, range.upperBound) }
    var range: Range<Int> { lower..<upper }
  }

  var task: Task
}

/// What a step follows from, beside what all ranks know.
struct StepOrder: BitwiseCopyable, Sendable {
  /// Steps done before it.
  var step: Int
  /// The schedule's.
  var factor: Double
  /// Before the step.
  var updates: Int
  var momentumProduct: Double
  var bounds: UpdateBounds
  var measuresNorm: Bool
  var observesLayers: Bool
  var keepsGradient: Bool
}

extension Communicator {
  /// Tells all other ranks what to do next.
  func tell(_ task: Order.Task) {
    settle(before: task)
    let order = Slots(repeating: Order(task: task), count: 1)
    for other in others { send(order, 0..<1, to: other) }
    complete()
    withExtendedLifetime(order) {}
  }

  /// Of what goes beside, only the parameters for the next step may still be on their way when an order is obeyed, and
  /// only if that is the order.
  private func settle(before task: Order.Task) {
    if case .step = task { return }
    background.complete()
  }

  /// Waits for what rank 0 tells to do.
  func nextOrder() -> Order.Task {
    let order = Slots(repeating: Order(task: .end(status: 1)), count: 1)
    receive(order, 0..<1, from: 0)
    complete()
    settle(before: order[0].task)
    return order[0].task
  }
}

extension Ranks {
  func tell(_ task: Order.Task) { communicator.tell(task) }
}
