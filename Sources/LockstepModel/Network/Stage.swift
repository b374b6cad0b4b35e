import LockstepKernels

/// One step of a network's passes: what it computes, where it stands, and the operation that does it.
///
/// An object, so that walking over the stages counts one reference each.
final class Stage: Sendable {
  /// Path of the layer, such as `dense0`. Both stages of a residual have the same.
  let path: String
  let content: StageContent
  let wiring: Wiring
  let operation: any Operation

  init(path: String, content: StageContent, wiring: Wiring) {
    (self.path, self.content, self.wiring) = (path, content, wiring)
    operation = content.operation(wiring)
  }

  /// Whether the backward pass has anything to do here: nobody reads a gradient on the input's side of the first
  /// parameters that are trained.
  var goesBackward: Bool { wiring.needsInputGradient || wiring.isTrained }
}

/// What a stage computes, and with which tensors. All that is asked about a stage is answered by a switch over these
/// cases, so that a new one cannot be forgotten.
enum StageContent: Sendable {
  case dense(weight: ParameterLayout.Place, bias: ParameterLayout.Place?)
  case shardBatchNorm(BatchNormTensors)
  case synchronizedBatchNorm(BatchNormTensors, joined: JoinPlace)
  /// By its running statistics.
  case frozenBatchNorm(BatchNormTensors)
  case function(ActivationFunction)
  case parametricReLU(slope: ParameterLayout.Place)
  case random(RandomLayer)
  /// Where a residual's skip leaves.
  case residualBegin
  /// Where the value `skip` is added to the branch.
  case residualEnd(skip: Int)

  func operation(_ wiring: Wiring) -> any Operation {
    switch self {
    case .dense(let weight, let bias): DenseOperation(weight: weight, bias: bias, wiring: wiring)
    case .shardBatchNorm(let tensors): ShardBatchNormOperation(tensors: tensors, wiring: wiring)
    case .synchronizedBatchNorm(let tensors, let joined):
      SynchronizedBatchNormOperation(tensors: tensors, joined: joined, wiring: wiring)
    case .frozenBatchNorm(let tensors): FrozenBatchNormOperation(tensors: tensors, wiring: wiring)
    case .function(let function): ActivationOperation(function: function, wiring: wiring)
    case .parametricReLU(let slope): ParametricReLUOperation(slope: slope, wiring: wiring)
    case .random(let layer): RandomOperation(layer: layer, wiring: wiring)
    case .residualBegin: ResidualBeginOperation(wiring: wiring)
    case .residualEnd(let skip): ResidualEndOperation(skip: skip, wiring: wiring)
    }
  }

  /// The layer whose value the stage gives; nil for one that makes no value of its own: where a residual's skip leaves.
  var layer: LayerKind? {
    switch self {
    case .dense: .dense
    case .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm: .batchNorm
    case .function(let function): .function(function)
    case .parametricReLU: .prelu
    case .random(let layer):
      switch layer.factor {
      case .randomizedReLU: .rrelu
      case .dropout: .dropout
      case .alphaDropout: .alphaDropout
      }
    case .residualBegin: nil
    case .residualEnd: .residual
    }
  }

  var hasParameters: Bool {
    switch self {
    case .dense, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .parametricReLU: true
    case .function, .random, .residualBegin, .residualEnd: false
    }
  }

  /// Of a BatchNorm that measures what it normalises.
  var batchNorm: BatchNormTensors? {
    switch self {
    case .shardBatchNorm(let tensors), .synchronizedBatchNorm(let tensors, _): tensors
    case .dense, .frozenBatchNorm, .function, .parametricReLU, .random, .residualBegin, .residualEnd: nil
    }
  }

  /// Whether it applies the activation that follows at once to its output, if that activation's derivative follows from
  /// its value; see `Wiring.activation`.
  var appliesActivation: Bool {
    switch self {
    case .dense, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm: true
    case .function, .parametricReLU, .random, .residualBegin, .residualEnd: false
    }
  }

  /// Whether the gradient of its input takes the place of that of its output.
  var worksInPlace: Bool {
    switch self {
    case .dense: false
    case .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function, .parametricReLU, .random, .residualBegin,
      .residualEnd:
      true
    }
  }
}
