import LockstepKernels
import TestSupport
import Testing

/// BatchNorm against PyTorch's float64 values in `batch_norm.json`: every shard with its own statistics, running
/// statistics pooled over the shards.
@Suite struct NormalizationGoldenTests {
  let memory = TestMemory()

  @Test func kernels() throws {
    let cases = try Golden.load("batch_norm.json").cases.elements
    #expect(!cases.isEmpty)
    for (number, golden) in cases.enumerated() { try check(golden, "case \(number)") }
  }

  func check(_ golden: Golden, _ what: String) throws {
    let rows = try golden.rows.integer()
    let columns = try golden.features.integer()
    let epsilon = Float(try golden.epsilon.number())
    let cuts = try golden.shard_starts.elements.map { try $0.integer() }
    let x = memory.matrix(try golden.x.floats(), rows: rows, columns: columns)
    let dy = memory.matrix(try golden.dy.floats(), rows: rows, columns: columns)
    let gamma = memory.vector(try golden.gamma.floats())
    let beta = memory.vector(try golden.beta.floats())
    let y = memory.matrix(rows: rows, columns: columns)
    let dx = memory.matrix(rows: rows, columns: columns)
    var shards: [Moments] = []
    var gammaGradients: [[Float]] = []
    var betaGradients: [[Float]] = []

    for (start, end) in zip(cuts, cuts.dropFirst()) {
      let range = start..<end
      var moments = memory.moments(columns: columns)
      moments.measure(x.rows(range))
      shards.append(moments)
      let inverse = memory.vector(count: columns)
      moments.inverseDeviation(epsilon: epsilon, into: inverse)
      Normalization.forward(
        x.rows(range), mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: gamma, beta: beta,
        into: y.rows(range))
      let gammaGradient = memory.vector(count: columns)
      let betaGradient = memory.vector(count: columns)
      Normalization.backwardSums(
        x: x.rows(range), mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, dy: dy.rows(range),
        gammaGradient: gammaGradient, betaGradient: betaGradient)
      Normalization.backwardInput(
        x: x.rows(range), count: Double(range.count), mean: moments.mean, meanLow: moments.meanLow, inverse: inverse,
        gamma: gamma, gammaGradient: gammaGradient, betaGradient: betaGradient, dy: dy.rows(range),
        into: dx.rows(range))
      gammaGradients.append(gammaGradient.array)
      betaGradients.append(betaGradient.array)
    }
    expectClose(actual: y.array, expected: try golden.y.numbers(), what + " y")
    expectClose(actual: dx.array, expected: try golden.dx.numbers(), what + " dx")
    expectClose(actual: treeSum(gammaGradients), expected: try golden.dgamma.numbers(), what + " dγ")
    expectClose(actual: treeSum(betaGradients), expected: try golden.dbeta.numbers(), what + " dβ")

    let pooled = Tree.reduce(
      0..<shards.count, leaf: { shards[$0] }, combine: { Moments.merge($0, $1, into: $0) })
    let runningMean = memory.vector(try golden.running_mean_before.floats())
    let runningVariance = memory.vector(try golden.running_variance_before.floats())
    let inverse = memory.vector(count: columns)
    let inference = memory.matrix(rows: rows, columns: columns)
    Normalization.inverseDeviation(variance: runningVariance, epsilon: epsilon, into: inverse)
    Normalization.forward(x, mean: runningMean, inverse: inverse, gamma: gamma, beta: beta, into: inference)
    expectClose(actual: inference.array, expected: try golden.y_inference_before.numbers(), what + " inference")
    pooled.fold(momentum: Float(try golden.momentum.number()), intoMean: runningMean, variance: runningVariance)
    expectClose(actual: runningMean.array, expected: try golden.running_mean_after.numbers(), what + " mean")
    expectClose(
      actual: runningVariance.array, expected: try golden.running_variance_after.numbers(), what + " variance")
  }

  func treeSum(_ leaves: [[Float]]) -> [Float] {
    (leaves.first ?? []).indices.map { index in Reference.treeSum(leaves.map { $0[index] }[...]) }
  }

  @Test func reference() throws {
    for (number, golden) in try Golden.load("batch_norm.json").cases.elements.enumerated() {
      let columns = try golden.features.integer()
      let cuts = try golden.shard_starts.elements.map { try $0.integer() }
      let x = try golden.x.numbers()
      let dy = try golden.dy.numbers()
      let gamma = try golden.gamma.numbers()
      let beta = try golden.beta.numbers()
      let epsilon = try golden.epsilon.number()
      var y: [Double] = []
      var dx: [Double] = []
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        let shard = Array(x[start * columns..<end * columns])
        let shardGradient = Array(dy[start * columns..<end * columns])
        y += Reference.batchNorm(shard, rows: end - start, gamma: gamma, beta: beta, epsilon: epsilon)
        dx +=
          Reference.batchNormBackward(shard, rows: end - start, gamma: gamma, dy: shardGradient, epsilon: epsilon).dx
      }
      expectClose(actual: y, expected: try golden.y.numbers(), absolute: 1e-12, relative: 1e-10, "case \(number)")
      expectClose(actual: dx, expected: try golden.dx.numbers(), absolute: 1e-12, relative: 1e-10, "case \(number)")
    }
  }
}
