import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

extension InferenceModel {
  /// Puts every BatchNorm that alone reads what a dense layer or a convolution gives into that layer's weight and bias:
  ///
  /// ```
  /// s = γ / √(running variance + ε)      W ← W s, unit by unit      b ← (b − running mean) s + β
  /// ```
  /// in Double. A BatchNorm behind an activation, a sum, or a value that a residual's skip reads too stays as it is.
  ///
  /// - Returns: how many there were, and how many of them were folded.
  mutating func foldBatchNorms() -> (found: Int, folded: Int) {
    var readers: [Int: Int] = [:]
    for value in layers.flatMap(\.inputs) { readers[value, default: 0] += 1 }
    var (found, folded) = (0, 0)
    var kept: [InferenceLayer] = []
    for layer in layers {
      guard case .batchNorm(let epsilon) = layer.operation else {
        kept.append(layer)
        continue
      }
      found += 1
      guard let last = kept.indices.last, kept[last].operation.hasBias != nil, kept[last].output == layer.input,
        readers[layer.input] == 1
      else {
        kept.append(layer)
        continue
      }
      folded += 1
      fold(layer, epsilon, into: &kept[last])
    }
    layers = kept
    return (found, folded)
  }

  /// Puts what brings standardised targets back to their units into the last layer, if that is a dense one with a bias:
  /// W ← W d, column by column, b ← b d + m, in Double.
  ///
  /// - Returns: false where there is nothing to do, or no such layer.
  mutating func takeUnits(_ targets: [Preprocessing.Scale]) -> Bool {
    guard !targets.isEmpty, let last = layers.last, case .dense(bias: true) = last.operation else { return false }
    var (weight, bias) = (tensor(.weight, of: last), tensor(.bias, of: last))
    for index in weight.values.indices {
      weight.values[index] = Float(Double(weight.values[index]) * targets[index % targets.count].deviation)
    }
    for (index, scale) in targets.enumerated() {
      bias.values[index] = Float(Double(bias.values[index]) * scale.deviation + scale.mean)
    }
    tensors[Key(layer: last.path, role: .weight)] = weight
    tensors[Key(layer: last.path, role: .bias)] = bias
    return true
  }

  private mutating func fold(_ norm: InferenceLayer, _ epsilon: Float, into layer: inout InferenceLayer) {
    func values(_ role: ParameterLayout.Role) -> [Double] { tensor(role, of: norm).values.map(Double.init) }
    let (gamma, beta, mean, variance) = (values(.gamma), values(.beta), values(.runningMean), values(.runningVariance))
    let scale = zip(gamma, variance).map { $0 / ($1 + Double(epsilon)).squareRoot() }
    // Whatever its rank, its last axis has the units, filters or channels.
    var weight = tensor(.weight, of: layer)
    for index in weight.values.indices {
      weight.values[index] = Float(Double(weight.values[index]) * scale[index % scale.count])
    }
    let old: [Double] =
      layer.operation.hasBias == true
      ? tensor(.bias, of: layer).values.map(Double.init) : [Double](repeating: 0, count: scale.count)
    let bias = scale.indices.map { Float((old[$0] - mean[$0]) * scale[$0] + beta[$0]) }
    tensors[Key(layer: layer.path, role: .weight)] = weight
    tensors[Key(layer: layer.path, role: .bias)] = Tensor(shape: .vector(bias.count), values: bias)
    layer.operation.takeBias()
    layer.output = norm.output
  }
}

extension InferenceLayer.Operation {
  /// Whether there is a bias behind the weight; nil of what has no weight.
  fileprivate var hasBias: Bool? {
    switch self {
    case .dense(let bias), .convolution(_, let bias), .depthwiseConvolution(_, let bias): bias
    case .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm, .function, .custom, .prelu, .sum: nil
    }
  }

  fileprivate mutating func takeBias() {
    switch self {
    case .dense: self = .dense(bias: true)
    case .convolution(let shape, _): self = .convolution(shape, bias: true)
    case .depthwiseConvolution(let shape, _): self = .depthwiseConvolution(shape, bias: true)
    case .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm, .function, .custom, .prelu, .sum: break
    }
  }
}
