import LockstepData
import LockstepKernels
import LockstepModel

/// What the workers are to do next: written by the coordinator before it starts them, read by all.
enum Job: Sendable {
  /// Touch the memory and draw the initial parameters.
  case initialize
  /// One update of the parameters.
  case step(StepJob)
  /// Sums of loss and metrics over a chunk of consecutive samples, in inference.
  case evaluate(EvaluationJob)
  /// Orthonormal weights, tensors in turn.
  case orthonormalize
  /// The variance of a dense layer's outputs over one batch.
  case measure(OutputVarianceJob)
  /// The statistics of one batch, to be pooled.
  case pool(PopulationJob)
  /// What goes between the ranks in a step, and nothing else.
  case exchange
}

/// One update of the parameters: its batch, its rule, and what is wanted beside it.
struct StepJob: Sendable {
  var pass: Pass
  var batch: SampledBatch
  var data: any Dataset
  var rule: UpdateRule
  /// What the average of the weights takes of the updated ones, if there is an average.
  var averageRest: Float?
  /// Whether the gradient's norm is wanted, though nothing may be clipped by it.
  var measuresNorm = false
  /// Looks at the layers in this step, if somebody wants to know.
  var observer: LayerObserver?
  /// Takes a copy of the reduced gradient, if somebody wants to know it.
  var gradient: Arena?
}

/// Loss and metrics over consecutive samples.
struct EvaluationJob: Sendable {
  var pass: Pass
  /// The samples, one a row of the batch.
  var samples: Range<Int>
  var data: any Dataset
  /// Takes the outputs of all rows and their targets, if somebody wants to see them.
  var kept: (outputs: Matrix, targets: Matrix)?
}

/// The phases of a step, in their order; each worker measures the time of its own.
public enum Phase: Int, Sendable, CaseIterable {
  /// Samples are written into the shards' memory.
  case load
  /// Forward pass, loss and backward pass.
  case differentiate
  /// Gradients are summed over the shards.
  case reduce
  /// Clipping, weight decay, the optimizer, the average of the weights.
  case update
  /// Running statistics, loss and metrics of the whole batch.
  case account
  /// At barriers, until the other workers have come.
  case wait
  /// Until other ranks have sent what the next layer or phase needs.
  case communicate

  /// The word in tables and JSON, such as `load`.
  public var name: String {
    switch self {
    case .load: "load"
    case .differentiate: "differentiate"
    case .reduce: "reduce"
    case .update: "update"
    case .account: "account"
    case .wait: "wait"
    case .communicate: "communicate"
    }
  }
}
