import LockstepKernels

/// Inputs ~ N(0, 1), labelled by a random network: for classes the largest of its outputs, for regression the outputs
/// themselves.
///
/// Weights are drawn from N(0, 2 / inputs) and biases from N(0, 1/4), once a task. The outputs are centred and scaled
/// by the moments they have over a fixed calibration stream of the task, so that classes come out roughly balanced
/// and targets standardised; raw targets are given where standardisation is not wanted.
struct Teacher: Dataset {
  /// Samples over which the outputs' moments are taken: their means are known to 1/√4096 of a deviation.
  static let calibrationSamples = 4096

  let count: Int
  let features: Int
  let task: LearningTask
  let fingerprint: String
  private let noise: Double
  private let streams: SyntheticStreams
  private let memory: Arena
  private let network: TeacherNetwork
  private let center: Vector
  private let scale: Vector

  init(
    depth: Int, width: Int, activation: ActivationFunction, noise: Double, _ specification: SyntheticSpecification,
    seed: UInt64
  ) {
    (count, features, task) = (specification.samples, specification.features, specification.task)
    fingerprint = specification.fingerprint(seed: seed)
    self.noise = noise
    streams = SyntheticStreams(seed: seed, split: specification.split)
    let outputs =
      switch task {
      case .classification(let classes): classes
      // Labels are refused before.
      case .regression(let targets), .labels(let targets): targets
      }
    let weights = TeacherNetwork.weightCount(inputs: features, depth: depth, width: width, outputs: outputs)
    memory = Arena(count: weights + 2 * paddedTableColumns(outputs))
    network = TeacherNetwork(
      inputs: features, depth: depth, width: width, outputs: outputs, activation: activation,
      weights: memory.vector(at: 0, count: weights))
    center = memory.vector(at: weights, count: outputs)
    scale = memory.vector(at: weights + paddedTableColumns(outputs), count: outputs)
    drawWeights()
    if case .regression = task, !specification.standardize {
      scale.fill(1)
    } else {
      calibrate(seed: seed)
    }
  }

  private func drawWeights() {
    for layer in 0...network.depth {
      let inputs = network.inputs(of: layer)
      let deviation = Float((2 / Double(inputs)).squareRoot())
      for row in 0...inputs {
        let values = network.row(row, of: layer)
        streams.task.stream(UInt64(layer), row: UInt32(row)).normal(into: values)
        for j in 0..<values.count { values[j] *= row == 0 ? 0.5 : deviation }
      }
    }
  }

  /// Mean and standard deviation of every output over the calibration stream, summed in Double in the order of the
  /// samples.
  private func calibrate(seed: UInt64) {
    let key = RandomKey(seed: seed, purpose: .task, index: 1)
    let outputs = network.outputs
    let rows = 64
    let block = Arena(count: rows * (features + outputs))
    let x = block.matrix(at: 0, rows: rows, columns: features)
    let y = block.matrix(at: rows * features, rows: rows, columns: outputs)
    var sums = [Double](repeating: 0, count: outputs)
    var squares = sums
    for start in stride(from: 0, to: Teacher.calibrationSamples, by: rows) {
      fillNormalRows(Array(start..<start + rows).span, key: key, into: x)
      network.fillOutputs(x, into: y)
      for r in 0..<rows {
        for k in 0..<outputs {
          sums[k] += Double(y[r, k])
          squares[k] += Double(y[r, k]) * Double(y[r, k])
        }
      }
    }
    for k in 0..<outputs {
      let mean = sums[k] / Double(Teacher.calibrationSamples)
      let variance = squares[k] / Double(Teacher.calibrationSamples) - mean * mean
      center[k] = Float(mean)
      // An output that never moves (a saturated or dead teacher) is only centred.
      scale[k] = variance > 1e-12 ? Float(1 / variance.squareRoot()) : 1
    }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    fillNormalRows(indices, key: streams.features, into: x)
    switch task {
    case .classification(let classes):
      network.fillLabels(x, center: center, scale: scale, into: y)
      if noise > 0 { replaceLabels(indices, key: streams.labels, classes: classes, share: noise, in: y) }
    case .regression, .labels:
      network.fillOutputs(x, into: y)
      for r in 0..<y.rows {
        for k in 0..<y.columns { y[r, k] = (y[r, k] - center[k]) * scale[k] }
      }
      if noise > 0 { addNoise(indices, key: streams.labels, deviation: Float(noise), to: y) }
    }
  }
}
