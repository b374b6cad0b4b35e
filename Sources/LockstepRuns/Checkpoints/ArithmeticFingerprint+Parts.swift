import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining

// The parts of the fingerprint: those of the kernels, and all that the catalogues of losses, schedules, initializers,
// generators and layers hold, each with its standard settings, but for functions that only a program can give.
extension ArithmeticFingerprint {
  package static func results() -> ProbeResults {
    var results = ArithmeticProbe.results()
    for loss in Loss.declarations.map(\.standard) { take(loss, &results) }
    for schedule in Schedule.declarations.map(\.standard) + others { take(schedule, &results) }
    for declaration in Initializer.declarations { take(declaration.standard, &results) }
    for generator in SyntheticSpecification.Generator.defaults { take(generator, &results) }
    takeAugmentation(&results)
    for layer in Layer.declarations.map(\.standard) { take(layer, &results) }
    return results
  }

  private static func take(_ loss: Loss, _ results: inout ProbeResults) {
    if case .custom = loss { return }
    results.begin("loss \(loss.name)")
    var memory = ProbeMemory()
    let (output, gradient) = (memory.normal(37, 7), memory.zeros(37, 7))
    let targets = memory.zeros(37, loss.targetColumns(outputs: 7))
    // 0 or 1: a class, a label, or a number.
    for element in 0..<targets.count { targets.elements[element] = Float(element % 2) }
    let sums = loss.evaluate(output: output, targets: targets, batchRows: 64, gradient: gradient)
    for sum in [sums.loss, sums.first, sums.second] { results.take(sum) }
    results.take(gradient)
  }

  /// Schedules whose standard settings leave them constant.
  private static let others: [Schedule] = [
    .step(every: 7, gamma: 0.3), .exponential(rate: 0.97, every: 13), .polynomial(power: 1.7, end: 0.01),
    .cosineRestarts(period: 11, multiplier: 2, end: 0.1, decay: 0.7).warmedUp(over: 5),
  ]

  private static func take(_ schedule: Schedule, _ results: inout ProbeResults) {
    results.begin("schedule \(schedule.declared.name)")
    for step in 0..<100 { results.take(schedule.factor(step: step, horizon: 97, stepsPerEpoch: 10)) }
  }

  private static func take(_ initializer: Initializer, _ results: inout ProbeResults) {
    results.begin("initializer \(initializer.declared.name)")
    var memory = ProbeMemory()
    let tensor = memory.zeros(19, 31).elements
    initializer.fill(
      tensor, shape: .matrix(inputs: 19, units: 31), key: RandomKey(seed: 1, purpose: .initialization))
    results.take(tensor)
  }

  private static func take(_ generator: SyntheticSpecification.Generator, _ results: inout ProbeResults) {
    results.begin("generator \(generator.name)")
    // One that makes no classes makes numbers.
    for task in [LearningTask.classification(classes: 2), .regression(targets: 1)] {
      let columns = generator.pictureNumbers ?? 7
      let specification = SyntheticSpecification(
        kind: generator, samples: 1000, features: columns, task: task, seed: 3)
      guard let data = try? specification.makeDataset(runSeed: 1) else { continue }
      var memory = ProbeMemory()
      // Of pictures fewer, half of that memory.
      let rows = min(100, (1 << 17) / columns)
      let (features, targets) = (memory.zeros(rows, columns), memory.zeros(rows, 1))
      let samples = (0..<rows).map { 10 * $0 }
      guard (try? data.fill(samples.span, features: features, targets: targets)) != nil else { continue }
      results.take(features)
      results.take(targets)
    }
  }

  private static func takeAugmentation(_ results: inout ProbeResults) {
    results.begin("augmentation")
    var memory = ProbeMemory()
    for channels in [1, 3] {
      let variation = PictureVariation(
        height: 9, width: 21, channels: channels, mirrors: true, padding: 3, cutout: 4, brightness: 0.3, contrast: 0.2,
        seed: 1)
      let (pictures, scratch) = (memory.normal(20, variation.count), memory.zeros(1, variation.count).elements)
      variation.vary(pictures, from: 5, step: 7, scratch: scratch)
      results.take(pictures)
    }
  }

  /// Two steps of a small network with the layer in its middle.
  private static func take(_ layer: Layer, _ results: inout ProbeResults) {
    if case .activation(.custom) = layer { return }
    results.begin("layer \(layer.declared.name)")
    let middle: Layer =
      switch layer {
      case .dense: .dense(Dense(9))
      case .dropout: .dropout(Dropout(rate: 0.2))
      case .alphaDropout: .alphaDropout(AlphaDropout(rate: 0.2))
      case .repeated: .repeated(times: 2, [.dense(Dense(9))])
      case .residual: .residual([.dense(Dense(9))])
      case .convolution: .convolution(Conv2D(5, kernel: 2, padding: .same))
      case .depthwiseConvolution: .depthwiseConvolution(DepthwiseConv2D(kernel: 2, padding: .same))
      case .maxPool: MaxPool(2, stride: 1).layer
      case .averagePool: AveragePool(2, stride: 1).layer
      case .spatialDropout: .spatialDropout(SpatialDropout(rate: 0.2))
      case .batchNorm, .activation, .flatten, .globalAveragePool: layer
      }
    let model = ofImages(middle) ?? Model(features: 7, layers: [.dense(Dense(9)), middle, .dense(Dense(2))])
    let specification = SyntheticSpecification(
      kind: .gaussianClusters(), samples: 1000, features: model.features, task: .classification(classes: 2), seed: 3)
    // What cannot be computed, for want of memory, cannot be compared either.
    guard let samples = try? specification.makeDataset(runSeed: 1),
      let trainer = try? Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .adam(), batch: 32, shards: 2, threads: 1),
      (try? trainer.attach(ShapedDataset(samples, model.input))) != nil, (try? trainer.step()) != nil,
      (try? trainer.step()) != nil
    else { return }
    for tensor in trainer.tensors { results.take(tensor.values) }
  }

  /// A network of images with the layer in its middle; nil where the layer is not theirs alone.
  private static func ofImages(_ layer: Layer) -> Model? {
    let input = Shape.image(height: 5, width: 4, channels: 3)
    let first = Conv2D(4, kernel: 3, padding: .same).layer
    switch layer {
    case .convolution, .depthwiseConvolution, .maxPool, .averagePool, .spatialDropout:
      return Model(input: input, layers: [first, layer, .batchNorm(BatchNorm()), .flatten, .dense(Dense(2))])
    case .globalAveragePool, .flatten: return Model(input: input, layers: [first, layer, .dense(Dense(2))])
    case .dense, .batchNorm, .activation, .dropout, .alphaDropout, .repeated, .residual: return nil
    }
  }
}

/// The same numbers as samples of another shape.
private struct ShapedDataset: Dataset {
  private let base: any Dataset
  let shape: Shape

  init(_ base: any Dataset, _ shape: Shape) { (self.base, self.shape) = (base, shape) }

  var count: Int { base.count }
  var features: Int { base.features }
  var task: LearningTask { base.task }
  var fingerprint: String { base.fingerprint }

  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    try base.fill(indices, features: features, targets: targets)
  }
}
