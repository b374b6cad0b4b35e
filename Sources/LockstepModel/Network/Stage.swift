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
  case convolution(weight: ParameterLayout.Place, bias: ParameterLayout.Place?, ConvolutionShape)
  case depthwiseConvolution(weight: ParameterLayout.Place, bias: ParameterLayout.Place?, ConvolutionShape)
  case pooling(PoolingOperation.Kind, ConvolutionShape)
  /// An image as a row of numbers, in the same memory.
  case flatten
  case shardBatchNorm(BatchNormTensors)
  case synchronizedBatchNorm(BatchNormTensors, joined: JoinPlace)
  /// By its running statistics.
  case frozenBatchNorm(BatchNormTensors)
  case function(ActivationFunction)
  case custom(any CustomActivation)
  case parametricReLU(slope: ParameterLayout.Place)
  case random(RandomLayer)
  /// Where a residual's skip leaves.
  case residualBegin
  /// Where a residual's projection begins, which reads what its layers have read.
  case projection
  /// Where the value `skip` is added to the branch.
  case residualEnd(skip: Int)

  func operation(_ wiring: Wiring) -> any Operation {
    switch self {
    case .dense(let weight, let bias): DenseOperation(weight: weight, bias: bias, wiring: wiring)
    case .convolution(let weight, let bias, let shape):
      ConvolutionOperation(weight: weight, bias: bias, shape: shape, wiring: wiring)
    case .depthwiseConvolution(let weight, let bias, let shape):
      DepthwiseConvolutionOperation(weight: weight, bias: bias, shape: shape, wiring: wiring)
    case .pooling(let kind, let shape): PoolingOperation(kind: kind, shape: shape, wiring: wiring)
    case .flatten: FlattenOperation(wiring: wiring)
    case .shardBatchNorm(let tensors): ShardBatchNormOperation(tensors: tensors, wiring: wiring)
    case .synchronizedBatchNorm(let tensors, let joined):
      SynchronizedBatchNormOperation(tensors: tensors, joined: joined, wiring: wiring)
    case .frozenBatchNorm(let tensors): FrozenBatchNormOperation(tensors: tensors, wiring: wiring)
    case .function(let function): ActivationOperation(function: function, wiring: wiring)
    case .custom(let function): CustomActivationOperation(function: function, wiring: wiring)
    case .parametricReLU(let slope): ParametricReLUOperation(slope: slope, wiring: wiring)
    case .random(let layer): RandomOperation(layer: layer, wiring: wiring)
    case .residualBegin: ResidualBeginOperation(wiring: wiring)
    case .projection: ProjectionOperation(wiring: wiring)
    case .residualEnd(let skip): ResidualEndOperation(skip: skip, wiring: wiring)
    }
  }

  /// The layer whose value the stage gives; nil for one that makes no value of its own: where a residual's
  /// skip leaves, and where its projection begins.
  var layer: LayerKind? {
    switch self {
    case .dense: .dense
    case .convolution: .convolution
    case .depthwiseConvolution: .depthwiseConvolution
    case .pooling(.max, _): .maxPool
    case .pooling(.average, _): .averagePool
    case .pooling(.globalAverage, _): .globalAveragePool
    case .flatten: .flatten
    case .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm: .batchNorm
    case .function(let function): .function(function)
    case .custom(let function): .custom(function.name)
    case .parametricReLU: .prelu
    case .random(let layer):
      switch layer.factor {
      case .randomizedReLU: .rrelu
      case .dropout: .dropout
      case .spatialDropout: .spatialDropout
      case .alphaDropout: .alphaDropout
      }
    case .residualBegin, .projection: nil
    case .residualEnd: .residual
    }
  }

  /// Of what it multiplies by; nil where there is no such weight.
  var weightShape: TensorShape? {
    switch self {
    case .dense(let weight, _): .matrix(inputs: weight.rows, units: weight.columns)
    case .convolution(_, _, let shape): shape.weight
    case .depthwiseConvolution(_, _, let shape): shape.depthwiseWeight
    case .pooling, .flatten, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function, .custom,
      .parametricReLU,
      .random, .residualBegin, .projection, .residualEnd:
      nil
    }
  }

  /// Where that stands.
  var weight: ParameterLayout.Place? {
    switch self {
    case .dense(let weight, _), .convolution(let weight, _, _), .depthwiseConvolution(let weight, _, _): weight
    case .pooling, .flatten, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function, .custom,
      .parametricReLU,
      .random, .residualBegin, .projection, .residualEnd:
      nil
    }
  }

  var hasParameters: Bool {
    switch self {
    case .dense, .convolution, .depthwiseConvolution, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm,
      .parametricReLU:
      true
    case .pooling, .flatten, .function, .custom, .random, .residualBegin, .projection, .residualEnd: false
    }
  }

  /// Of a BatchNorm that measures what it normalises.
  var batchNorm: BatchNormTensors? {
    switch self {
    case .shardBatchNorm(let tensors), .synchronizedBatchNorm(let tensors, _): tensors
    case .dense, .convolution, .depthwiseConvolution, .pooling, .flatten, .frozenBatchNorm, .function, .custom,
      .parametricReLU,
      .random, .residualBegin, .projection, .residualEnd:
      nil
    }
  }

  /// Whether it applies the activation that follows at once to its output, if that activation's derivative follows from
  /// its value; see `Wiring.activation`.
  var appliesActivation: Bool {
    switch self {
    case .dense, .convolution, .depthwiseConvolution, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm,
      .residualEnd:
      true
    case .pooling, .flatten, .function, .custom, .parametricReLU, .random, .residualBegin, .projection: false
    }
  }

  /// Whether the gradient of its input takes the place of that of its output.
  var worksInPlace: Bool {
    switch self {
    case .dense, .convolution, .depthwiseConvolution, .pooling: false
    case .flatten, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function, .custom, .parametricReLU,
      .random,
      .residualBegin, .projection, .residualEnd:
      true
    }
  }

  /// Whether it may as well write that gradient elsewhere, so that the one of its output stays.
  var writesElsewhere: Bool {
    switch self {
    case .dense, .convolution, .depthwiseConvolution, .pooling, .shardBatchNorm, .synchronizedBatchNorm,
      .frozenBatchNorm, .function, .custom, .parametricReLU, .random:
      true
    case .flatten, .residualBegin, .projection, .residualEnd: false
    }
  }
}
