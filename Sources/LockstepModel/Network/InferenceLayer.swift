import LockstepKernels

/// What inference computes at a layer, and between which values: a network as formats of other tools describe it.
///
/// Repetitions are unrolled, residuals are sums, RReLU has the mean of its slopes, and layers that let everything pass
/// in inference are not there.
package struct InferenceLayer: Sendable, Equatable {
  /// What is computed, each with its formula.
  package enum Operation: Sendable, Equatable {
    /// y = x W + b
    case dense(bias: Bool)
    /// y = x ∗ W + b
    case convolution(ConvolutionShape, bias: Bool)
    /// The same, a filter a channel.
    case depthwiseConvolution(ConvolutionShape, bias: Bool)
    /// The largest of every window.
    case maxPool(ConvolutionShape)
    /// The mean of every window.
    case averagePool(ConvolutionShape)
    /// The mean of every channel over the whole image.
    case globalAveragePool
    /// An image as a row of numbers, in the order of (row, column, channel).
    case flatten
    /// y = (x − running mean) / √(running variance + epsilon) · γ + β
    case batchNorm(epsilon: Float)
    case function(ActivationFunction)
    /// y = f(x) of a program's own function, by its name.
    case custom(String)
    /// y = x > 0 ? x : slope · x
    case prelu
    /// y = x + the value `skip`.
    case sum(skip: Int)
  }

  /// Path such as `repeat0.3.dense0`.
  package var path: String
  /// What it computes.
  package var operation: Operation
  /// What a row of its output is.
  package var shape: Shape
  /// The value it reads; 0 are the features.
  package var input: Int
  /// The value it writes.
  package var output: Int

  /// The values it reads.
  package var inputs: [Int] {
    if case .sum(let skip) = operation { [input, skip] } else { [input] }
  }

  /// The tensors it reads.
  package var roles: [ParameterLayout.Role] {
    switch operation {
    case .dense(let bias), .convolution(_, let bias), .depthwiseConvolution(_, let bias):
      bias ? [.weight, .bias] : [.weight]
    case .batchNorm: [.gamma, .beta, .runningMean, .runningVariance]
    case .prelu: [.slope]
    case .function, .custom, .sum, .maxPool, .averagePool, .globalAveragePool, .flatten: []
    }
  }
}

extension InferenceLayer {
  /// The layers of `model` in the order of the forward pass; the last one's output is the model's.
  package static func layers(of model: Model) throws(ModelError) -> [InferenceLayer] {
    var layers: [InferenceLayer] = []
    // Where a layer lets everything pass, its output is its input under another number.
    var sources: [Int: Int] = [:]
    func source(_ value: Int) -> Int { sources[value] ?? value }
    for stage in try Network(model, seed: 0, separatingStages: true).stages {
      let wiring = stage.wiring
      if let operation = operation(of: stage.content, source) {
        layers.append(
          InferenceLayer(
            path: stage.path, operation: operation, shape: wiring.outputShape, input: source(wiring.input),
            output: wiring.output))
      } else {
        sources[wiring.output] = source(wiring.input)
      }
    }
    return layers
  }

  /// nil for what lets everything pass.
  private static func operation(of content: StageContent, _ source: (Int) -> Int) -> Operation? {
    switch content {
    case .dense(_, let bias): return .dense(bias: bias != nil)
    case .convolution(_, let bias, let shape): return .convolution(shape, bias: bias != nil)
    case .depthwiseConvolution(_, let bias, let shape): return .depthwiseConvolution(shape, bias: bias != nil)
    case .pooling(.max, let shape): return .maxPool(shape)
    case .pooling(.average, let shape): return .averagePool(shape)
    case .pooling(.globalAverage, _): return .globalAveragePool
    case .flatten: return .flatten
    case .shardBatchNorm(let tensors), .synchronizedBatchNorm(let tensors, _), .frozenBatchNorm(let tensors):
      return .batchNorm(epsilon: tensors.epsilon)
    case .function(let function): return .function(function)
    case .custom(let function): return .custom(function.name)
    case .parametricReLU: return .prelu
    case .random(let layer):
      switch layer.factor {
      case .randomizedReLU(let lower, let upper): return .function(.leakyReLU(negativeSlope: (lower + upper) / 2))
      case .dropout, .spatialDropout, .alphaDropout: return nil
      }
    case .residualBegin, .projection: return nil
    case .residualEnd(let skip): return .sum(skip: source(skip))
    }
  }
}
