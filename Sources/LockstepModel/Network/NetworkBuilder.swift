import LockstepKernels

/// Turns a list of layers into operations: gives every layer its path, every tensor its place, and connects values and
/// gradients.
struct NetworkBuilder {
  private(set) var operations: [any Operation] = []
  private(set) var parameters = ParameterLayout()
  private(set) var runningStatistics = ParameterLayout()
  private(set) var initializers: [Initializer] = []
  private(set) var valueWidths: [Int]
  private(set) var factorWidths: [Int] = []
  private(set) var statisticsCount = 0
  private(set) var widestStatistics = 0
  private(set) var joinCount = 0
  private(set) var denseShapes: [(inputs: Int, units: Int)] = []
  /// Units of the value that the next layer reads.
  private(set) var width: Int

  private let seed: UInt64
  /// Whether no operation does another's work; see `Network.init`.
  private let separatesStages: Bool
  /// The value that the next layer reads.
  private var value = 0
  private var randomLayers: UInt64 = 0
  /// Layers met so far, every repetition counted.
  private var met = 0
  /// Most layers a model may have, so that a mistyped repeat is an error, not an exhausted memory.
  private static let limit = 100_000
  /// Most units of a value, so that no count of elements overflows.
  private static let widest = 1 << 24

  init(features: Int, seed: UInt64, separatingStages: Bool) {
    width = features
    valueWidths = [features]
    self.seed = seed
    separatesStages = separatingStages
  }

  mutating func build(_ model: Model) throws(ModelError) {
    guard (1...NetworkBuilder.widest).contains(model.features) else {
      throw ModelError(problem: "found \(model.features) input features, expected 1 … \(NetworkBuilder.widest)")
    }
    try append(model.layers, prefix: "")
    guard !parameters.entries.isEmpty else {
      throw ModelError(problem: "found no layer with weights, expected at least one `dense`")
    }
  }

  private mutating func append(_ layers: [Layer], prefix: String) throws(ModelError) {
    var ordinals: [String: Int] = [:]
    for layer in layers {
      let kind = layer.kind
      let path = "\(prefix)\(kind)\(ordinals[kind, default: 0])"
      ordinals[kind, default: 0] += 1
      guard met < NetworkBuilder.limit else {
        throw ModelError(
          layer: path, problem: "found more than \(NetworkBuilder.limit) layers; is a `repeat` too large?")
      }
      met += 1
      try append(layer, path: path)
    }
  }

  private mutating func append(_ layer: Layer, path: String) throws(ModelError) {
    switch layer {
    case .dense(let dense): try append(dense, path: path)
    case .batchNorm(let norm): try append(norm, path: path)
    case .activation(let activation): try append(activation, path: path)
    case .dropout(let dropout): try appendRandom(.dropout(rate: dropout.rate), .dropout, path: path)
    case .alphaDropout(let dropout): try appendRandom(.alphaDropout(rate: dropout.rate), .alphaDropout, path: path)
    case .repeated(let times, let layers):
      guard times >= 1 else { throw ModelError(layer: path, problem: "found times \(times), expected at least 1") }
      // Nothing is nothing however often: without this a `times` beyond all measure would count to it.
      if layers.isEmpty { return }
      for iteration in 0..<times { try append(layers, prefix: "\(path).\(iteration).") }
    case .residual(let layers):
      let (skip, units) = (value, width)
      append(ResidualBeginOperation(path: path), output: value)
      try append(layers, prefix: "\(path).")
      guard width == units else {
        throw ModelError(
          layer: path,
          problem:
            "its layers turn \(units) units into \(width), but the skip adds their input to their output: expected \(units)"
        )
      }
      // A branch without layers still needs a value of its own to write to.
      append(ResidualEndOperation(path: path, skip: skip), output: newValue(units))
    }
  }

  private mutating func append(_ dense: Dense, path: String) throws(ModelError) {
    guard dense.units >= 1 else {
      throw ModelError(layer: path, problem: "found \(dense.units) units, expected at least 1")
    }
    guard dense.units <= NetworkBuilder.widest, width * dense.units <= 1 << 34 else {
      throw ModelError(layer: path, problem: "found \(width) × \(dense.units) weights, expected at most 2³⁴")
    }
    let weight = parameter("\(path).weight", [width, dense.units], .weight, dense.initializer)
    let bias = dense.bias ? parameter("\(path).bias", [dense.units], .bias, dense.biasInitializer) : nil
    let operation = DenseOperation(path: path, weight: weight, bias: bias, inputActivation: takeDerivative())
    append(operation, output: newValue(dense.units))
    denseShapes.append((weight.rows, weight.columns))
  }

  private mutating func append(_ norm: BatchNorm, path: String) throws(ModelError) {
    guard (0..<1).contains(norm.momentum) else {
      throw ModelError(layer: path, problem: "found momentum \(norm.momentum), expected a number in [0, 1)")
    }
    guard norm.epsilon > 0, norm.epsilon.isNormal else {
      throw ModelError(layer: path, problem: "found epsilon \(norm.epsilon), expected a number above 0")
    }
    let place = StatisticsPlace(offset: statisticsCount, width: width)
    statisticsCount += StatisticsPlace.parts * place.stride
    widestStatistics = max(widestStatistics, width)
    let tensors = BatchNormTensors(
      gamma: parameter("\(path).gamma", [width], .gamma, .ones),
      beta: parameter("\(path).beta", [width], .beta, .zeros),
      runningMean: runningStatistics.append("\(path).running_mean", shape: [width], role: .runningMean).place,
      runningVariance: runningStatistics.append("\(path).running_variance", shape: [width], role: .runningVariance)
        .place,
      place: place, momentum: norm.momentum, epsilon: norm.epsilon)
    switch norm.statistics {
    case .shard:
      append(ShardBatchNormOperation(path: path, tensors: tensors), output: newValue(width))
    case .batch:
      let joined = JoinPlace(offset: joinCount, width: width)
      joinCount += JoinPlace.parts * joined.stride
      let operation = SynchronizedBatchNormOperation(path: path, tensors: tensors, joined: joined)
      append(operation, output: newValue(width))
    }
  }

  private mutating func append(_ activation: Activation, path: String) throws(ModelError) {
    switch activation {
    case .function(let function):
      if !separatesStages, function.derivesFromValue, let last = operations.indices.last,
        operations[last].appliesActivation
      {
        operations[last].wiring.activation = function
        append(ActivationOperation(path: path, function: function, isApplied: true), output: value)
      } else {
        append(ActivationOperation(path: path, function: function), output: newValue(width))
      }
    case .prelu(let initial, let slopes):
      let slope = parameter("\(path).slope", [slopes == .shared ? 1 : width], .slope, .constant(initial))
      append(ParametricReLUOperation(path: path, slope: slope), output: newValue(width))
    case .rrelu(let lower, let upper):
      guard lower <= upper, lower.isFinite, upper.isFinite else {
        throw ModelError(layer: path, problem: "found slopes from \(lower) to \(upper), expected lower ≤ upper")
      }
      try appendRandom(.randomizedReLU(lower: lower, upper: upper), .randomizedReLU, path: path)
    }
  }

  /// The activation just before, if the operation to come can multiply by its derivative.
  private mutating func takeDerivative() -> ActivationFunction? {
    guard !separatesStages, var last = operations.last as? ActivationOperation, last.function.derivesFromValue else {
      return nil
    }
    last.isDifferentiated = true
    operations[operations.count - 1] = last
    return last.function
  }

  private mutating func appendRandom(
    _ kind: RandomOperation.Kind, _ purpose: RandomPurpose, path: String
  ) throws(ModelError) {
    if case .dropout(let rate) = kind { try checkRate(rate, path) }
    if case .alphaDropout(let rate) = kind { try checkRate(rate, path) }
    let key = RandomKey(seed: seed, purpose: purpose, index: randomLayers)
    randomLayers += 1
    factorWidths.append(width)
    let operation = RandomOperation(path: path, kind: kind, key: key, factor: factorWidths.count - 1)
    append(operation, output: newValue(width))
  }

  private func checkRate(_ rate: Float, _ path: String) throws(ModelError) {
    guard (0..<1).contains(rate) else {
      throw ModelError(layer: path, problem: "found rate \(rate), expected a number in [0, 1)")
    }
  }

  private mutating func parameter(
    _ name: String, _ shape: [Int], _ role: ParameterLayout.Role, _ initializer: Initializer
  ) -> ParameterLayout.Place {
    initializers.append(initializer)
    return parameters.append(name, shape: shape, role: role).place
  }

  private mutating func newValue(_ units: Int) -> Int {
    valueWidths.append(units)
    return valueWidths.count - 1
  }

  /// Connects `operation` to the current value and makes `output` the current one.
  private mutating func append(_ operation: some Operation, output: Int) {
    var operation = operation
    operation.wiring.input = value
    operation.wiring.inputWidth = width
    operation.wiring.output = output
    value = output
    width = valueWidths[output]
    operation.wiring.outputWidth = width
    operations.append(operation)
  }
}

extension NetworkBuilder {
  /// Walks the stages from last to first and gives every gradient a buffer: a dense layer reads one and writes the
  /// other of a pair, everything else works in place, and every open residual keeps what its skip brings.
  func wireGradients() -> (operations: [any Operation], buffers: Int) {
    var operations = operations
    var current = 0
    var open: [Int] = []
    var buffers = 2
    let firstParameter = operations.firstIndex { $0.hasParameters } ?? operations.count
    for index in operations.indices.reversed() {
      operations[index].wiring.needsInputGradient = index > firstParameter
      operations[index].wiring.outputGradient = current
      if operations[index] is DenseOperation { current = 1 - current }
      operations[index].wiring.inputGradient = current
      if var end = operations[index] as? ResidualEndOperation {
        end.kept = 2 + open.count
        open.append(end.kept)
        buffers = max(buffers, end.kept + 1)
        operations[index] = end
      } else if var begin = operations[index] as? ResidualBeginOperation {
        begin.kept = open.removeLast()
        operations[index] = begin
      }
    }
    return (operations, buffers)
  }
}

extension Layer {
  /// The word that paths and configurations use.
  package var kind: String {
    switch self {
    case .dense: "dense"
    case .batchNorm: "batch_norm"
    case .activation(let activation): activation.name
    case .dropout: "dropout"
    case .alphaDropout: "alpha_dropout"
    case .repeated: "repeat"
    case .residual: "residual"
    }
  }
}
