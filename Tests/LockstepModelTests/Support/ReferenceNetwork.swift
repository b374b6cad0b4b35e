import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// A model's forward pass in Double, written from its description alone: it shares neither wiring nor memory nor names
/// with `Network`.
struct ReferenceNetwork {
  /// Tensors by name, running statistics included.
  typealias Tensors = [String: [Double]]

  let model: Model
  let seed: UInt64
  let shards: [Range<Int>]
  let mode: Pass.Mode
  let step: UInt64

  private var rows: Int { shards.last?.upperBound ?? 0 }
  private let drawn = Drawn()

  init(model: Model, seed: UInt64, shards: [Range<Int>], mode: Pass.Mode = .training, step: UInt64 = 0) {
    (self.model, self.seed, self.shards, self.mode, self.step) = (model, seed, shards, mode, step)
  }

  /// The outputs [rows, units] for x [rows, features].
  func outputs(_ x: [Double], _ tensors: Tensors) -> [Double] {
    var state = State(value: x, shape: model.input)
    walk(model.layers.settled, prefix: "", tensors, &state)
    return state.value
  }

  private struct State {
    var value: [Double]
    var shape: Shape
    var width: Int { shape.count }
    /// Random layers passed so far.
    var randomLayers: UInt64 = 0
  }

  private func walk(_ layers: [Layer], prefix: String, _ tensors: Tensors, _ state: inout State) {
    var ordinals: [String: Int] = [:]
    for layer in layers {
      let kind = ReferenceNetwork.kind(of: layer)
      let path = "\(prefix)\(kind)\(ordinals[kind, default: 0])"
      ordinals[kind, default: 0] += 1
      apply(layer, path: path, tensors, &state)
    }
  }

  private func apply(_ layer: Layer, path: String, _ tensors: Tensors, _ state: inout State) {
    func tensor(_ name: String) -> [Double] { tensors["\(path).\(name)"] ?? [] }
    switch layer {
    case .dense(let dense):
      let bias = dense.bias == true ? tensor("bias") : [Double](repeating: 0, count: dense.units)
      state.value = Reference.dense(
        state.value, weight: tensor("weight"), bias: bias, rows: rows, inputs: state.width, units: dense.units)
      state.shape = .features(dense.units)
    case .convolution(let layer):
      let shape = windows(
        state.shape, layer.kernel, layer.stride, layer.padding, layer.dilation, filters: layer.filters)
      let bias = layer.bias == true ? tensor("bias") : [Double](repeating: 0, count: layer.filters)
      state.value = Reference.convolution(
        state.value, weight: tensor("weight"), bias: bias, images: rows, shape: shape)
      state.shape = image(shape)
    case .depthwiseConvolution(let layer):
      let shape = windows(state.shape, layer.kernel, layer.stride, layer.padding, layer.dilation)
      let bias = layer.bias == true ? tensor("bias") : [Double](repeating: 0, count: shape.channels)
      state.value = Reference.depthwiseConvolution(
        state.value, weight: tensor("weight"), bias: bias, images: rows, shape: shape)
      state.shape = image(shape)
    case .maxPool(let pool):
      let shape = windows(state.shape, pool.size, pool.stride ?? pool.size, pool.padding)
      state.value = Reference.maxPool(state.value, images: rows, shape: shape)
      state.shape = image(shape)
    case .averagePool(let pool):
      let shape = windows(state.shape, pool.size, pool.stride ?? pool.size, pool.padding)
      state.value = Reference.averagePool(state.value, images: rows, shape: shape)
      state.shape = image(shape)
    case .globalAveragePool:
      let (channels, positions) = (state.shape.channels, state.shape.positions)
      state.value = (0..<rows * channels).map { place in
        (0..<positions).reduce(0) {
          $0 + state.value[(place / channels * positions + $1) * channels + place % channels]
        } / Double(positions)
      }
      state.shape = .features(channels)
    case .flatten: state.shape = .features(state.width)
    case .batchNorm(let norm):
      let epsilon = Double(norm.epsilon)
      if mode == .inference || !norm.training.isTrainable {
        state.value = Reference.normalize(
          state.value, mean: tensor("running_mean"), variance: tensor("running_variance"), gamma: tensor("gamma"),
          beta: tensor("beta"), epsilon: epsilon)
        return
      }
      let groups = norm.statistics == .shard ? shards : [0..<rows]
      state.value = groups.flatMap { group in
        Reference.batchNorm(
          Array(state.value[group.lowerBound * state.width..<group.upperBound * state.width]),
          rows: group.count * state.shape.positions,
          gamma: tensor("gamma"), beta: tensor("beta"), epsilon: epsilon)
      }
    case .activation(.function(let function)):
      state.value = state.value.map { Reference.value(of: function, at: $0) }
    case .activation(.custom(let named)):
      guard let function = named.function else { preconditionFailure("\(named.name) has no function") }
      state.value = state.value.map { Double(function.value(at: Float($0))) }
    case .activation(.prelu):
      state.value = Reference.parametricReLU(state.value, slope: tensor("slope"), columns: state.shape.channels)
    case .activation(.rrelu(let lower, let upper)):
      let (lower, upper) = (Double(lower), Double(upper))
      let draws = draws(.randomizedReLU, &state)
      let slopes =
        mode == .inference ? draws.map { _ in (lower + upper) / 2 } : draws.map { lower + (upper - lower) * $0 }
      state.value = Reference.randomizedReLU(state.value, factors: slopes).y
    case .dropout(let dropout):
      let draws = draws(.dropout, &state)
      if mode == .training { state.value = Reference.dropout(state.value, draws: draws, rate: Double(dropout.rate)).y }
    case .spatialDropout(let dropout):
      let (channels, positions) = (state.shape.channels, state.shape.positions)
      let draws = draws(.dropout, &state, width: channels)
      if mode == .training {
        let all = (0..<rows).flatMap { row in
          (0..<positions).flatMap { _ in draws[row * channels..<(row + 1) * channels] }
        }
        state.value = Reference.dropout(state.value, draws: all, rate: Double(dropout.rate)).y
      }
    case .alphaDropout(let dropout):
      let draws = draws(.alphaDropout, &state)
      if mode == .training {
        state.value = Reference.alphaDropout(state.value, draws: draws, rate: Double(dropout.rate)).y
      }
    case .repeated(let times, let layers):
      for iteration in 0..<times { walk(layers, prefix: "\(path).\(iteration).", tensors, &state) }
    case .residual(let layers, let projection):
      let (skip, shape) = (state.value, state.shape)
      walk(layers, prefix: "\(path).", tensors, &state)
      let end = state.value
      (state.value, state.shape) = (skip, shape)
      if !projection.isEmpty { walk(projection, prefix: "\(path).projection.", tensors, &state) }
      state.value = zip(state.value, end).map { $0 + $1 }
    }
  }

  private func image(_ shape: ConvolutionShape) -> Shape {
    .image(height: shape.output.height, width: shape.output.width, channels: shape.filters)
  }

  /// TensorFlow's rule: positions along an axis, and zeros before its first pixel.
  private func windows(
    _ input: Shape, _ kernel: Extent, _ stride: Extent, _ padding: Padding, _ dilation: Extent = 1, filters: Int? = nil
  ) -> ConvolutionShape {
    guard case .image(let height, let width, let channels) = input else { preconditionFailure("no image") }
    func axis(_ pixels: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> (output: Int, before: Int) {
      let effective = (kernel - 1) * dilation + 1
      if padding == .valid { return (Int((Double(pixels - effective + 1) / Double(stride)).rounded(.up)), 0) }
      let output = Int((Double(pixels) / Double(stride)).rounded(.up))
      return (output, max((output - 1) * stride + effective - pixels, 0) / 2)
    }
    let rows = axis(height, kernel.height, stride.height, dilation.height)
    let columns = axis(width, kernel.width, stride.width, dilation.width)
    return ConvolutionShape(
      image: Extent(height, width), channels: channels, filters: filters, kernel: kernel, stride: stride,
      dilation: dilation, padding: Extent(rows.before, columns.before), output: Extent(rows.output, columns.output))
  }

  /// The uniform numbers of a random layer, [rows, units]: by seed, step, layer, row of the batch and unit.
  private func draws(_ purpose: RandomPurpose, _ state: inout State, width: Int? = nil) -> [Double] {
    let width = width ?? state.width
    let layer = state.randomLayers
    state.randomLayers += 1
    if let known = drawn.numbers[layer] { return known }
    let words = RandomKey(seed: seed, purpose: purpose, index: layer).words
    let numbers = (0..<rows).flatMap { row in
      let counter = [UInt32(row), UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)]
      return (0..<width).map { Reference.uniform($0, key: [words.0, words.1], counter: counter) }
    }
    drawn.numbers[layer] = numbers
    return numbers
  }

  /// The numbers of the random layers met so far: a gradient check passes them hundreds of times.
  private final class Drawn {
    var numbers: [UInt64: [Double]] = [:]
  }

  private static func kind(of layer: Layer) -> String {
    switch layer {
    case .dense: "dense"
    case .convolution: "conv2d"
    case .depthwiseConvolution: "depthwise_conv2d"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .flatten: "flatten"
    case .spatialDropout: "spatial_dropout"
    case .batchNorm: "batch_norm"
    case .activation(let activation): activation.name
    case .dropout: "dropout"
    case .alphaDropout: "alpha_dropout"
    case .repeated: "repeat"
    case .residual: "residual"
    }
  }
}

extension Loss {
  /// The mean over the batch in Double. Targets are class indices for softmax cross entropy.
  func reference(_ outputs: [Double], targets: [Double], units: Int) -> Double {
    let elements = Double(outputs.count)
    return switch self {
    case .softmaxCrossEntropy(let labelSmoothing):
      Reference.softmaxCrossEntropy(
        outputs, labels: targets.map { Int($0) }, classes: units, smoothing: Double(labelSmoothing)
      ).sum / (elements / Double(units))
    case .binaryCrossEntropy: Reference.binaryCrossEntropy(outputs, targets: targets).sum / elements
    case .meanSquaredError: Reference.squaredError(outputs, targets).sum / elements
    case .meanAbsoluteError: Reference.absoluteError(outputs, targets).sum / elements
    case .huber(let delta): Reference.huber(outputs, targets, delta: Double(delta)).sum / elements
    case .custom(let named): preconditionFailure("\(named.name) has no reference")
    }
  }

  /// (1/B) Σ wᵢ lᵢ: each row's own mean, times its weight, over the rows of the batch.
  func reference(_ outputs: [Double], targets: [Double], weights: [Double], units: Int) -> Double {
    let columns = targets.count / weights.count
    return weights.indices.reduce(0) { sum, row in
      let loss = reference(
        Array(outputs[row * units..<(row + 1) * units]), targets: Array(targets[row * columns..<(row + 1) * columns]),
        units: units)
      return sum + weights[row] * loss
    } / Double(weights.count)
  }
}
