import LockstepKernels
import TestSupport
import Testing

/// Every derivative of the reference by central differences in Double, over odd shapes.
@Suite struct ReferenceGradientTests {
  /// (rows, columns)
  static let shapes = [(2, 1), (3, 2), (5, 7), (7, 3), (11, 5)]

  /// Numbers with no kink of an activation or a loss between them and their neighbours in a central difference.
  func awayFromZero(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return generator.normal(count).map { abs($0) < 1e-3 ? 0.5 : 3 * Double($0) }
  }

  func expectGradient(_ gradient: [Double], of function: ([Double]) -> Double, at x: [Double], _ what: String) {
    expectClose(
      actual: gradient, expected: centralDifferences(of: function, at: x), absolute: 2e-8, relative: 1e-6, what)
  }

  @Test(arguments: allActivations, testSeeds) func activations(_ function: ActivationFunction, _ seed: UInt64) {
    let x = awayFromZero(101, seed: seed)
    expectGradient(
      x.map { Reference.derivative(of: function, at: $0) },
      of: { $0.reduce(0) { $0 + Reference.value(of: function, at: $1) } }, at: x, "\(function), seed \(seed)")
  }

  @Test(arguments: shapes, testSeeds) func dense(_ shape: (Int, Int), _ seed: UInt64) {
    let (rows, inputs) = shape
    let units = 2 * inputs - 1
    let x = awayFromZero(rows * inputs, seed: seed)
    let weight = awayFromZero(inputs * units, seed: seed + 1)
    let bias = awayFromZero(units, seed: seed + 2)
    let dy = awayFromZero(rows * units, seed: seed + 3)
    func value(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> Double {
      dotProduct(dy, Reference.dense(x, weight: weight, bias: bias, rows: rows, inputs: inputs, units: units))
    }
    let gradient = Reference.denseBackward(x, weight: weight, dy: dy, rows: rows, inputs: inputs, units: units)
    expectGradient(gradient.dx, of: { value($0, weight, bias) }, at: x, "dx")
    expectGradient(gradient.weight, of: { value(x, $0, bias) }, at: weight, "dW")
    expectGradient(gradient.bias, of: { value(x, weight, $0) }, at: bias, "db")
  }

  @Test(arguments: shapes, testSeeds) func batchNorm(_ shape: (Int, Int), _ seed: UInt64) {
    let (rows, columns) = shape
    let x = awayFromZero(rows * columns, seed: seed)
    let gamma = awayFromZero(columns, seed: seed + 1)
    let beta = awayFromZero(columns, seed: seed + 2)
    let dy = awayFromZero(rows * columns, seed: seed + 3)
    let epsilon = 1e-2
    func value(_ x: [Double], _ gamma: [Double], _ beta: [Double]) -> Double {
      dotProduct(dy, Reference.batchNorm(x, rows: rows, gamma: gamma, beta: beta, epsilon: epsilon))
    }
    let gradient = Reference.batchNormBackward(x, rows: rows, gamma: gamma, dy: dy, epsilon: epsilon)
    expectGradient(gradient.dx, of: { value($0, gamma, beta) }, at: x, "dx")
    expectGradient(gradient.gamma, of: { value(x, $0, beta) }, at: gamma, "dγ")
    expectGradient(gradient.beta, of: { value(x, gamma, $0) }, at: beta, "dβ")
  }

  @Test(arguments: shapes, testSeeds) func rectifiers(_ shape: (Int, Int), _ seed: UInt64) {
    let (rows, columns) = shape
    let x = awayFromZero(rows * columns, seed: seed)
    let dy = awayFromZero(rows * columns, seed: seed + 1)
    for slopes in Set([1, columns]) {
      let slope = awayFromZero(slopes, seed: seed + 2)
      let gradient = Reference.parametricReLUBackward(x, slope: slope, dy: dy, columns: columns)
      expectGradient(
        gradient.dx, of: { dotProduct(dy, Reference.parametricReLU($0, slope: slope, columns: columns)) }, at: x, "dx")
      expectGradient(
        gradient.slope, of: { dotProduct(dy, Reference.parametricReLU(x, slope: $0, columns: columns)) }, at: slope,
        "dslope")
    }
    var generator = SeededGenerator(seed: seed)
    let draws = generator.uniform(x.count, in: 0...1).doubles
    let layers: [([Double]) -> (y: [Double], slope: [Double])] = [
      { Reference.randomizedReLU($0, factors: draws) }, { Reference.dropout($0, draws: draws, rate: 0.3) },
      { Reference.alphaDropout($0, draws: draws, rate: 0.3) },
    ]
    for layer in layers {
      expectGradient(
        zip(dy, layer(x).slope).map { $0 * $1 }, of: { dotProduct(dy, layer($0).y) }, at: x, "random layer")
    }
  }

  @Test(arguments: shapes, testSeeds) func losses(_ shape: (Int, Int), _ seed: UInt64) {
    let (rows, columns) = shape
    let x = awayFromZero(rows * columns, seed: seed)
    let target = awayFromZero(rows * columns, seed: seed + 1)
    var generator = SeededGenerator(seed: seed)
    let labels = generator.labels(rows, below: columns).map { Int($0) }
    let binary = generator.labels(rows * columns, below: 2).doubles
    for smoothing in [0, 0.1] {
      let loss: ([Double]) -> (sum: Double, gradient: [Double]) = {
        let result = Reference.softmaxCrossEntropy($0, labels: labels, classes: columns, smoothing: smoothing)
        return (result.sum, result.gradient)
      }
      expectGradient(loss(x).gradient, of: { loss($0).sum }, at: x, "softmax cross entropy, smoothing \(smoothing)")
    }
    let losses: [String: ([Double]) -> (sum: Double, gradient: [Double])] = [
      "binary cross entropy": {
        let result = Reference.binaryCrossEntropy($0, targets: binary)
        return (result.sum, result.gradient)
      },
      "squared error": { Reference.squaredError($0, target) },
      "absolute error": { Reference.absoluteError($0, target) },
      "Huber": { Reference.huber($0, target, delta: 1.25) },
    ]
    for (name, loss) in losses { expectGradient(loss(x).gradient, of: { loss($0).sum }, at: x, name) }
  }

  @Test func normalDistributionIsTheIntegralOfItsDensity() {
    let x = stride(from: -6.0, through: 6, by: 0.37).map { $0 }
    expectGradient(
      x.map { Reference.normalDensity($0) }, of: { $0.reduce(0) { $0 + Reference.normalDistribution($1) } }, at: x, "Φ′"
    )
  }
}
