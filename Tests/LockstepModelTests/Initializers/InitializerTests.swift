import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// Moments, bounds and fans of every initializer, over a million draws.
@Suite struct InitializerTests {
  private static let shape = TensorShape.matrix(inputs: 800, units: 1250)
  private static let draws = 1_000_000
  private let memory = TestMemory()

  private func draw(
    _ initializer: Initializer, shape: TensorShape = InitializerTests.shape, seed: UInt64 = 3, tensor: UInt64 = 0
  ) -> [Float] {
    let vector = memory.vector(count: shape.count)
    initializer.fill(vector, shape: shape, key: RandomKey(seed: seed, purpose: .initialization, index: tensor))
    return vector.array
  }

  /// Mean, variance and kurtosis E[(x − mean)⁴] / variance², and the bounds.
  private struct Summary {
    var mean = 0.0
    var variance = 0.0
    var kurtosis = 0.0
    var lowest: Float
    var highest: Float

    init(_ values: [Float]) {
      let count = Double(values.count)
      (lowest, highest) = (.infinity, -.infinity)
      for value in values {
        mean += Double(value) / count
        if value < lowest { lowest = value }
        if value > highest { highest = value }
      }
      for value in values {
        let square = (Double(value) - mean) * (Double(value) - mean)
        variance += square / count
        kurtosis += square * square / count
      }
      kurtosis /= variance * variance
    }
  }

  /// The bounds below are four standard errors of a million draws: of the mean σ/1000, of the variance σ² √((kurtosis −
  /// 1) / 10⁶).
  private func check(
    _ summary: Summary, mean: Double, variance: Double, kurtosis: Double, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(summary.mean - mean) < 4e-3 * variance.squareRoot(), "\(what): mean \(summary.mean)",
      sourceLocation: sourceLocation)
    #expect(
      abs(summary.variance / variance - 1) < 4e-3 * (kurtosis - 1).squareRoot(),
      "\(what): variance \(summary.variance), expected \(variance)", sourceLocation: sourceLocation)
    #expect(
      abs(summary.kurtosis - kurtosis) < 0.04, "\(what): kurtosis \(summary.kurtosis)", sourceLocation: sourceLocation)
  }

  /// Kurtosis of the uniform distribution, and of the normal one cut at two standard deviations.
  private static let uniformKurtosis = 1.8
  private static let truncatedKurtosis = 2.3655

  /// An initializer of a weight [800, 1250], and the variance it should have.
  struct Scaling: Sendable, CustomTestStringConvertible {
    var name: String
    var initializer: Initializer
    var variance: Double
    var testDescription: String { name }
  }

  private static let uniforms = [
    Scaling(name: "glorot_uniform", initializer: .glorotUniform, variance: 2.0 / 2050),
    Scaling(name: "he_uniform", initializer: .heUniform, variance: 2.0 / 800),
    Scaling(name: "lecun_uniform", initializer: .lecunUniform, variance: 1.0 / 800),
    Scaling(
      name: "fan_out", initializer: .varianceScaling(scale: 3, mode: .fanOut, distribution: .uniform),
      variance: 3.0 / 1250),
  ]

  private static let truncated = [
    Scaling(name: "glorot_normal", initializer: .glorotNormal, variance: 2.0 / 2050),
    Scaling(name: "he_normal", initializer: .heNormal, variance: 2.0 / 800),
    Scaling(name: "lecun_normal", initializer: .lecunNormal, variance: 1.0 / 800),
    Scaling(
      name: "fan_out", initializer: .varianceScaling(scale: 3, mode: .fanOut, distribution: .truncatedNormal),
      variance: 3.0 / 1250),
  ]

  @Test(arguments: uniforms)
  func uniformVarianceScaling(_ scaling: Scaling) {
    let summary = Summary(draw(scaling.initializer))
    check(summary, mean: 0, variance: scaling.variance, kurtosis: InitializerTests.uniformKurtosis, scaling.name)
    // A million draws come within 1e-4 of the limit with a probability of 1 − e^−50.
    checkBounds(summary, limit: (3 * scaling.variance).squareRoot(), reached: 0.9999, scaling.name)
  }

  @Test(arguments: truncated)
  func truncatedVarianceScaling(_ scaling: Scaling) {
    let summary = Summary(draw(scaling.initializer))
    check(summary, mean: 0, variance: scaling.variance, kurtosis: InitializerTests.truncatedKurtosis, scaling.name)
    // Cut at two standard deviations of the distribution before the cut.
    checkBounds(summary, limit: 2 * scaling.variance.squareRoot() / 0.87962566103423978, reached: 0.999, scaling.name)
  }

  /// Nothing beyond ±limit but for rounding, and something beyond `reached` of it.
  private func checkBounds(_ summary: Summary, limit: Double, reached: Double, _ what: String) {
    let (lowest, highest) = (Double(summary.lowest), Double(summary.highest))
    #expect(highest <= limit * 1.000001 && lowest >= -limit * 1.000001, "\(what): from \(lowest) to \(highest)")
    #expect(highest > limit * reached && lowest < -limit * reached, "\(what): from \(lowest) to \(highest)")
  }

  @Test func untruncatedVarianceScaling() {
    let summary = Summary(draw(.varianceScaling(scale: 2, mode: .fanIn, distribution: .untruncatedNormal)))
    check(summary, mean: 0, variance: 2.0 / 800, kurtosis: 3, "untruncated normal")
    #expect(Double(summary.highest) > 4 * (2.0 / 800).squareRoot(), "nothing is cut")
  }

  @Test func plainDistributions() {
    check(Summary(draw(.normal(mean: -1.5, stddev: 0.5))), mean: -1.5, variance: 0.25, kurtosis: 3, "normal")
    let uniform = Summary(draw(.uniform(min: -1, max: 3)))
    check(uniform, mean: 1, variance: 16.0 / 12, kurtosis: InitializerTests.uniformKurtosis, "uniform")
    #expect(uniform.lowest >= -1 && uniform.highest <= 3 && uniform.lowest < -0.9999 && uniform.highest > 2.9999)
  }

  @Test func constants() {
    #expect(draw(.zeros, shape: .matrix(inputs: 3, units: 5)) == [Float](repeating: 0, count: 15))
    #expect(draw(.ones, shape: .vector(7)) == [Float](repeating: 1, count: 7))
    #expect(draw(.constant(-0.25), shape: .matrix(inputs: 1, units: 1)) == [-0.25])
  }

  /// A vector counts for both; filters count their places on both sides.
  @Test func fans() {
    func variance(_ mode: Initializer.Fan, _ shape: TensorShape) -> Double {
      let deviation = Initializer.standardDeviation(scale: 6, mode: mode, shape: shape)
      return deviation * deviation
    }
    let weight = TensorShape.matrix(inputs: 3, units: 5)
    expectClose(actual: variance(.fanIn, weight), expected: 2)
    expectClose(actual: variance(.fanOut, weight), expected: 1.2)
    expectClose(actual: variance(.fanAverage, weight), expected: 1.5)
    expectClose(actual: variance(.fanAverage, .vector(6)), expected: 1)
    let filters = TensorShape.filters(height: 2, width: 3, channels: 4, filters: 8)
    expectClose(actual: variance(.fanIn, filters), expected: 0.25)
    expectClose(actual: variance(.fanOut, filters), expected: 0.125)
    expectClose(actual: variance(.fanAverage, filters), expected: 1.0 / 6)
    #expect(Initializer.standardDeviation(scale: 2, mode: .fanIn, shape: .matrix(inputs: 8, units: 3)) == 0.5)
  }

  /// The inverse of Φ against Φ itself, over all that a cut at two standard deviations needs.
  @Test func normalQuantile() {
    for step in 0...1000 {
      let x = -2 + 4 * Double(step) / 1000
      let p = Reference.normalDistribution(x)
      #expect(abs(TruncatedNormal.normalQuantile(p) - x) < 1e-14, "x = \(x)")
    }
  }

  /// Other seeds and other tensors are other numbers, without correlation.
  @Test(arguments: [
    Initializer.glorotUniform, .heNormal, .normal(mean: 0, stddev: 1), .uniform(min: -1, max: 1), .orthogonal(gain: 1),
  ])
  func seedsAndTensorsDiffer(_ initializer: Initializer) {
    let shape = TensorShape.matrix(inputs: 50, units: 80)
    let first = draw(initializer, shape: shape)
    expectSameBits(draw(initializer, shape: shape), first, "the same again")
    for (other, what) in [
      (draw(initializer, shape: shape, seed: 4), "seed"), (draw(initializer, shape: shape, tensor: 1), "tensor"),
      (draw(initializer, shape: shape, seed: 3 + 1 << 32), "upper half of the seed"),
    ] {
      let (a, b) = (first.doubles, other.doubles)
      let correlation = dotProduct(a, b) / (dotProduct(a, a) * dotProduct(b, b)).squareRoot()
      // Four standard errors of 4000 pairs.
      #expect(abs(correlation) < 4 / 4000.0.squareRoot(), "another \(what): correlation \(correlation)")
    }
  }

  /// Element e is the same however many are drawn, so a tensor can be made in pieces.
  @Test func elementsAreAddressed() {
    for initializer in [Initializer.normal(mean: 0, stddev: 1), .uniform(min: -1, max: 1)] {
      let whole = draw(initializer, shape: .vector(1009))
      for count in [0, 1, 31, 32, 33, 500] {
        expectSameBits(draw(initializer, shape: .vector(count)), Array(whole[..<count]), "\(count) elements")
      }
    }
    let whole = memory.vector(count: 1009)
    let part = memory.vector(count: 77)
    let stream = RandomKey(seed: 1, purpose: .initialization).stream(0)
    TruncatedNormal.fill(whole, stddev: 1, stream: stream)
    TruncatedNormal.fill(part, stddev: 1, stream: stream)
    expectSameBits(part.array, Array(whole.array[..<77]), "truncated normal")
  }

  /// The values of two initial networks differ by seed in every random tensor, and constants do not.
  @Test func networkInitialization() throws {
    let model = Model(
      features: 7, Dense(5, bias: true), BatchNorm(), PReLU(initial: 0.1), Dense(5),
      Dense(5, biasInitializer: .constant(0.5)))
    let trials = try [1, 1, 2].map { try NetworkTrial(model, rows: 4, shards: 2, seed: $0) }
    expectSameBits(trials[0].parameters.all.array, trials[1].parameters.all.array, "equal seeds")
    var weights: [[Double]] = []
    for entry in trials[0].network.parameters.entries {
      let (first, second) = (trials[0].parameters.vector(entry).array, trials[2].parameters.vector(entry).array)
      #expect((first != second) == (entry.role == .weight), "\(entry.name)")
      if entry.role == .weight { weights.append(first.doubles) }
    }
    #expect(weights[1] != weights[2], "layers of one shape have weights of their own")
    let tensors = trials[0].tensors
    #expect(tensors["batch_norm0.gamma"] == [1, 1, 1, 1, 1] && tensors["batch_norm0.beta"] == [0, 0, 0, 0, 0])
    #expect(tensors["dense0.bias"] == [0, 0, 0, 0, 0] && tensors["dense2.bias"] == [0.5, 0.5, 0.5, 0.5, 0.5])
    #expect(
      tensors["batch_norm0.running_mean"] == [0, 0, 0, 0, 0]
        && tensors["batch_norm0.running_variance"] == [1, 1, 1, 1, 1])
    #expect(tensors["prelu0.slope"] == [Double](repeating: Double(Float(0.1)), count: 5))
  }
}
