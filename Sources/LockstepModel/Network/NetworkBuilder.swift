import LockstepKernels

/// Turns a list of layers into stages: gives every tensor its place, and connects values and gradients.
struct NetworkBuilder {
  /// A stage that is still to be connected to what follows.
  struct Draft {
    let path: String
    let content: StageContent
    var wiring: Wiring
  }

  private(set) var drafts: [Draft] = []
  private(set) var parameters = ParameterLayout()
  private(set) var runningStatistics = ParameterLayout()
  private(set) var initializers: [Initializer] = []
  /// By value; value 0 is the input.
  private(set) var values: [NetworkValue]
  /// By random layer: those of the factors that it draws.
  private(set) var factorShapes: [Shape] = []
  private(set) var statisticsCount = 0
  private(set) var widestStatistics = 0
  private(set) var joinCount = 0

  private let seed: UInt64
  /// Whether no stage does another's work; see `Network.init`.
  private let separatesStages: Bool
  /// The value that the next layer reads.
  private var value = 0
  /// The values at the beginnings of the residuals that are open.
  private var skips: [Int] = []
  private var randomLayers: UInt64 = 0

  init(input: Shape, seed: UInt64, separatingStages: Bool) {
    values = [NetworkValue(shape: input)]
    self.seed = seed
    separatesStages = separatingStages
  }

  mutating func build(_ model: Model) throws(ModelError) {
    guard model.input.isPossible else {
      throw ModelError(problem: "found \(model.input.phrase) as input, expected 1 … \(Model.widest) numbers")
    }
    try model.walk { (step) throws(ModelError) in
      switch step {
      case .layer(let layer): try append(layer)
      case .branch(let residual):
        skips.append(value)
        append(residual, .residualBegin, output: value, through: takeDerivative())
      case .projection(let residual):
        // What the layers have given waits for the projection, which reads what they have read.
        swap(&value, &skips[skips.count - 1])
        append(residual, .projection, output: value)
      case .sum(let residual):
        // A branch without layers still needs a value of its own to write to.
        append(residual, .residualEnd(skip: skips.removeLast()), output: newValue(residual.output))
      }
    }
    guard !parameters.entries.isEmpty else {
      throw ModelError(problem: "found no layer with weights, expected at least one `dense`")
    }
    guard parameters.trainedElements > 0 else {
      throw ModelError(problem: "found only frozen layers, expected at least one that is trained")
    }
  }

  private mutating func append(_ place: PlacedLayer) throws(ModelError) {
    if let problem = place.layer.training.flatMap({ LayerTraining.factor.problems(of: $0.learningRateFactor).first }) {
      throw ModelError(place, "found the learning rate's factor \(problem.found), expected \(problem.expected)")
    }
    switch place.layer {
    case .dense: appendWeighted(place) { .dense(weight: $0, bias: $1) }
    case .convolution:
      appendWeighted(place) { [shape = windows(of: place)] in .convolution(weight: $0, bias: $1, shape) }
    case .depthwiseConvolution:
      appendWeighted(place) { [shape = windows(of: place)] in .depthwiseConvolution(weight: $0, bias: $1, shape) }
    case .maxPool: appendPooling(.max, place)
    case .averagePool: appendPooling(.average, place)
    case .globalAveragePool: appendPooling(.globalAverage, place)
    case .flatten: append(place, .flatten, output: newValue(place.output, at: value))
    case .batchNorm(let norm): try append(norm, place)
    case .activation(.function(let function)): append(function, place)
    case .activation(.prelu):
      append(place, .parametricReLU(slope: parameters(of: place)[0]), output: newValue(place.output))
    case .activation(.rrelu(let lower, let upper)):
      guard lower <= upper, lower.isFinite, upper.isFinite else {
        throw ModelError(place, "found slopes from \(lower) to \(upper), expected lower ≤ upper")
      }
      appendRandom(.randomizedReLU(lower: lower, upper: upper), .randomizedReLU, place)
    case .activation(.custom(let named)):
      if let problem = place.layer.problems.first {
        throw ModelError(place, "found the name \(problem.found), expected \(problem.expected)")
      }
      guard let function = named.function else {
        throw ModelError(
          place, "found \(named.name), an activation of a program's own, which that program alone can give again")
      }
      append(place, .custom(function), output: newValue(place.output))
    case .dropout(let dropout):
      try checkRate(dropout.rate, place)
      appendRandom(.dropout(rate: dropout.rate), .dropout, place)
    case .spatialDropout(let dropout):
      try checkRate(dropout.rate, place)
      appendRandom(.spatialDropout(rate: dropout.rate), .dropout, place, factors: .features(place.input.channels))
    case .alphaDropout(let dropout):
      try checkRate(dropout.rate, place)
      appendRandom(.alphaDropout(rate: dropout.rate), .alphaDropout, place)
    case .repeated, .residual: preconditionFailure("a walk shows what is inside, not \(place.path)")
    }
  }
}

extension NetworkBuilder {
  private mutating func append(_ norm: BatchNorm, _ place: PlacedLayer) throws(ModelError) {
    guard (0..<1).contains(norm.momentum) else {
      throw ModelError(place, "found momentum \(norm.momentum), expected a number in [0, 1)")
    }
    guard norm.epsilon > 0, norm.epsilon.isNormal else {
      throw ModelError(place, "found epsilon \(norm.epsilon), expected a number above 0")
    }
    let channels = place.input.channels
    let statistics = ColumnVectors(offset: statisticsCount, width: channels)
    statisticsCount += StatisticsPlace.parts * statistics.stride
    widestStatistics = max(widestStatistics, channels)
    let scale = parameters(of: place)
    let tensors = BatchNormTensors(
      gamma: scale[0], beta: scale[1], runningMean: running(.runningMean, place),
      runningVariance: running(.runningVariance, place),
      place: StatisticsPlace(statistics, positions: place.input.positions),
      momentum: norm.momentum, epsilon: norm.epsilon)
    switch norm.statistics {
    case _ where !norm.training.isTrainable: append(place, .frozenBatchNorm(tensors), output: newValue(place.output))
    case .shard: append(place, .shardBatchNorm(tensors), output: newValue(place.output))
    case .batch:
      let joined = ColumnVectors(offset: joinCount, width: channels)
      joinCount += JoinPlace.parts * joined.stride
      append(place, .synchronizedBatchNorm(tensors, joined: JoinPlace(joined)), output: newValue(place.output))
    }
  }

  private mutating func appendWeighted(
    _ place: PlacedLayer, _ content: (ParameterLayout.Place, ParameterLayout.Place?) -> StageContent
  ) {
    let tensors = parameters(of: place)
    let through = takeDerivative()
    append(place, content(tensors[0], tensors.dropFirst().first), output: newValue(place.output), through: through)
  }

  private mutating func appendPooling(_ kind: PoolingOperation.Kind, _ place: PlacedLayer) {
    let through = takeDerivative()
    append(place, .pooling(kind, windows(of: place)), output: newValue(place.output), through: through)
  }

  private func windows(of place: PlacedLayer) -> ConvolutionShape {
    guard let shape = place.layer.windows(over: place.input) else {
      preconditionFailure("a walk shows no window that does not fit")
    }
    return shape
  }

  private mutating func append(_ function: ActivationFunction, _ place: PlacedLayer) {
    if !separatesStages, function.derivesFromValue, let last = drafts.indices.last,
      drafts[last].content.appliesActivation
    {
      drafts[last].wiring.activation = function
      append(place, .function(function), output: value, isApplied: true)
    } else {
      append(place, .function(function), output: newValue(place.output))
    }
  }

  /// The activation just before, if what is to come can multiply by its derivative.
  private mutating func takeDerivative() -> ActivationFunction? {
    guard !separatesStages, let last = drafts.indices.last, case .function(let function) = drafts[last].content,
      function.derivesFromValue
    else { return nil }
    drafts[last].wiring.isDifferentiated = true
    return function
  }

  /// - Parameter factors: the shape of what is drawn for a row, where that is not what the layer reads.
  private mutating func appendRandom(
    _ factor: RandomFactor, _ purpose: RandomPurpose, _ place: PlacedLayer, factors: Shape? = nil
  ) {
    let key = RandomKey(seed: seed, purpose: purpose, index: randomLayers)
    randomLayers += 1
    factorShapes.append(factors ?? place.input)
    let layer = RandomLayer(factor: factor, key: key, place: factorShapes.count - 1)
    append(place, .random(layer), output: newValue(place.output))
  }

  private func checkRate(_ rate: Float, _ place: PlacedLayer) throws(ModelError) {
    guard (0..<1).contains(rate) else {
      throw ModelError(place, "found rate \(rate), expected a number in [0, 1)")
    }
  }

  /// Places for what the layer learns, in its order.
  private mutating func parameters(of place: PlacedLayer) -> [ParameterLayout.Place] {
    let training = place.layer.training ?? LayerTraining()
    return place.parameters.map { tensor in
      initializers.append(tensor.initializer)
      return parameters.append(layer: place.path, tensor.role, tensor.shape, training).place
    }
  }

  private mutating func running(_ role: ParameterLayout.Role, _ place: PlacedLayer) -> ParameterLayout.Place {
    runningStatistics.append(layer: place.path, role, .vector(place.input.channels)).place
  }

  /// - Parameter source: the value in whose memory it stands, which it is under another shape.
  private mutating func newValue(_ shape: Shape, at source: Int? = nil) -> Int {
    values.append(NetworkValue(shape: shape, source: source))
    return values.count - 1
  }

  /// Adds a stage that reads the current value, and makes `output` the current one.
  private mutating func append(
    _ place: PlacedLayer, _ content: StageContent, output: Int, isApplied: Bool = false,
    through inputActivation: ActivationFunction? = nil
  ) {
    var wiring = Wiring(
      input: value, inputShape: values[value].shape, output: output, outputShape: values[output].shape)
    wiring.isApplied = isApplied
    wiring.isTrained = content.hasParameters && place.layer.training?.isTrainable == true
    wiring.inputActivation = inputActivation
    value = output
    drafts.append(Draft(path: place.path, content: content, wiring: wiring))
  }
}

extension NetworkBuilder {
  /// Gives every gradient a buffer, and says where one is needed.
  func stages() -> (stages: [Stage], gradientBuffers: Int) {
    var drafts = drafts
    markLearning(&drafts)
    let buffers = GradientBuffers.wire(&drafts)
    return (drafts.map { Stage(path: $0.path, content: $0.content, wiring: $0.wiring) }, buffers)
  }

  /// The gradient of a value is needed where something that is trained has had a part in it.
  private func markLearning(_ drafts: inout [Draft]) {
    var learns = values.map { _ in false }
    for index in drafts.indices {
      let wiring = drafts[index].wiring
      var needs = learns[wiring.input]
      if case .residualEnd(let skip) = drafts[index].content { needs = needs || learns[skip] }
      drafts[index].wiring.needsInputGradient = needs
      if wiring.isTrained || needs { learns[wiring.output] = true }
    }
  }
}

/// Which buffer holds the gradient of what, from the last stage to the first: what multiplies or pools reads one and
/// writes another, everything else works in place, and every open residual keeps one for its other way.
private struct GradientBuffers {
  private var current = 0
  /// What the last stage has read that did not work in place: slower members of a team may still read it, until they
  /// all meet at the next such stage, which may then write it.
  private var resting: Int?
  /// Whether the current one waits as the gradient of an open residual's other way, so that the stage to come writes
  /// elsewhere.
  private var isKept = false
  private var free: [Int] = []
  /// Of the residuals that are open.
  private var open: [Int] = []
  private var count = 1

  /// - Returns: how many there are.
  static func wire(_ drafts: inout [NetworkBuilder.Draft]) -> Int {
    var buffers = GradientBuffers()
    for index in drafts.indices.reversed() {
      buffers.wire(&drafts[index], after: index > 0 ? drafts[index - 1].content : nil)
    }
    return buffers.count
  }

  private mutating func wire(_ draft: inout NetworkBuilder.Draft, after previous: StageContent?) {
    draft.wiring.outputGradient = current
    if !draft.content.worksInPlace {
      let next = resting ?? take()
      (resting, current) = (isKept ? nil : current, next)
    } else if isKept {
      current = take()
    }
    isKept = false
    draft.wiring.inputGradient = current
    switch draft.content {
    case .residualEnd:
      isKept = previous?.writesElsewhere == true
      open.append(isKept ? current : take())
      draft.wiring.skipGradient = open[open.count - 1]
    // The projection is through: its gradient waits for that of the layers.
    case .projection: swap(&current, &open[open.count - 1])
    case .residualBegin:
      let skip = open.removeLast()
      draft.wiring.skipGradient = skip
      free.append(skip)
    case .dense, .convolution, .depthwiseConvolution, .pooling, .flatten, .shardBatchNorm, .synchronizedBatchNorm,
      .frozenBatchNorm, .function, .custom, .parametricReLU, .random:
      break
    }
  }

  private mutating func take() -> Int {
    if let buffer = free.popLast() { return buffer }
    count += 1
    return count - 1
  }
}
