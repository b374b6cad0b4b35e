import Libc
import LockstepKernels
import Testing

@testable import LockstepModel

/// What a hundred layers of 256 units do to a standard normal batch of 512 rows at the start of training: why each
/// activation has the initializer it has.
///
/// Every figure is a median over seeds, because one deep random network strays by a factor.
@Suite struct SignalPropagationTests {
  #if DEBUG
    private static let seeds = 1...5
  #else
    private static let seeds = 1...25
  #endif
  private static let depths = [10, 50, 100]

  /// Klambauer et al. 2017, https://arxiv.org/abs/1706.02515: mean 0 and variance 1 are a fixed point.
  @Test func seluWithLeCunNormalKeepsTheDeviation() throws {
    let stack = try DeepStack(.selu, .lecunNormal)
    for (depth, deviation) in medians(stack, { $0.meanDeviation(at: $1) }) {
      #expect((0.9...1.1).contains(deviation), "mean deviation of a unit after \(depth) layers: \(deviation)")
    }
  }

  /// He et al. 2015, https://arxiv.org/abs/1502.01852: a variance of 2 / inputs makes up for the half that ReLU cuts
  /// off.
  @Test func reluWithHeKeepsTheSize() throws {
    let stack = try DeepStack(.relu, .heNormal)
    for (depth, square) in medians(stack, { $0.meanSquare(at: $1) }) {
      #expect((0.5...2).contains(square.squareRoot()), "RMS after \(depth) layers: \(square.squareRoot())")
    }
  }

  /// With a variance of 1 / inputs every layer loses half of the mean square: after a hundred layers nothing is left.
  @Test func reluWithGlorotHalvesTheSquareOfEveryLayer() throws {
    let stack = try DeepStack(.relu, .glorotUniform)
    let slope = median(
      SignalPropagationTests.seeds.map { seed in
        stack.pass(seed: UInt64(seed))
        return DeepStack.slope((1...DeepStack.depth).map { log(stack.meanSquare(at: $0)) })
      })
    #expect(
      abs(slope / log(0.5) - 1) < 0.05,
      "the logarithm of the mean square changes by \(slope) a layer, expected \(log(0.5))")
  }

  /// Weights of variance 1 make sums of standard deviation 10 and more, which saturate a sigmoid; Glorot's weights keep
  /// it steep.
  @Test func sigmoidSaturatesUnderUnitWeights() throws {
    let wild = try DeepStack(.sigmoid, .normal(mean: 0, stddev: 1))
    for (depth, share) in medians(wild, { $0.saturation(at: $1) }) {
      #expect(share > 0.5, "share of units beyond 0.01 and 0.99 after \(depth) layers: \(share)")
    }
    let tame = try DeepStack(.sigmoid, .glorotNormal)
    tame.pass(seed: 1)
    for depth in SignalPropagationTests.depths {
      #expect(tame.saturation(at: depth) == 0, "with glorot_normal after \(depth) layers")
    }
  }

  /// The median over the seeds of a figure at each depth.
  private func medians(_ stack: DeepStack, _ figure: (DeepStack, Int) -> Double) -> [(depth: Int, value: Double)] {
    let depths = SignalPropagationTests.depths
    let figures = SignalPropagationTests.seeds.map { seed in
      stack.pass(seed: UInt64(seed))
      return depths.map { figure(stack, $0) }
    }
    return depths.indices.map { index in (depths[index], median(figures.map { $0[index] })) }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// A hundred dense layers without bias, each with its activation; one memory for all seeds.
private final class DeepStack {
  static let depth = 100
  static let width = 256
  static let rows = 512

  private let model: Model
  private let trial: NetworkTrial
  private let mean = Arena(count: width)
  private let meanLow = Arena(count: width)
  private let m2 = Arena(count: width)

  init(_ activation: Activation, _ initializer: Initializer) throws {
    model = Model(features: DeepStack.width) {
      for _ in 0..<DeepStack.depth {
        Dense(DeepStack.width, initializer: initializer, bias: false)
        activation
      }
    }
    trial = try NetworkTrial(model, rows: DeepStack.rows, shards: 1, initialized: false)
  }

  /// New weights, a new batch, and forward.
  func pass(seed: UInt64) {
    guard let network = try? Network(model, seed: seed) else { return }
    network.initialize(parameters: trial.parameters, tensors: network.parameters.entries.indices)
    trial.load()
    RandomKey(seed: seed, purpose: .features).stream(0).normal(into: trial.workspace.shards[0].input.elements)
    withFloatingPointEnvironment { _ = trial.forward() }
  }

  /// The value after `depth` layers, [rows, width].
  private func value(_ depth: Int) -> Matrix {
    trial.workspace.shards[0].value(trial.network.stages[2 * depth - 1].operation.wiring.output)
  }

  /// The mean over the units of the deviation of each over the batch.
  func meanDeviation(at depth: Int) -> Double {
    var moments = Moments(count: 0, mean: mean.all, meanLow: meanLow.all, m2: m2.all)
    moments.measure(value(depth))
    return m2.all.array.reduce(0) { $0 + (Double($1) / Double(DeepStack.rows)).squareRoot() } / Double(DeepStack.width)
  }

  func meanSquare(at depth: Int) -> Double {
    value(depth).elements.sumOfSquares / Double(DeepStack.rows * DeepStack.width)
  }

  /// The share of units within 0.01 of a sigmoid's ends.
  func saturation(at depth: Int) -> Double {
    let values = value(depth).elements.array
    return values.reduce(0) { $0 + ($1 < 0.01 || $1 > 0.99 ? 1 : 0) } / Double(values.count)
  }

  /// Least-squares slope of equidistant values.
  static func slope(_ values: [Double]) -> Double {
    let centre = Double(values.count - 1) / 2
    let (up, across) = values.enumerated().reduce((0.0, 0.0)) { sums, point in
      let distance = Double(point.offset) - centre
      return (sums.0 + distance * point.element, sums.1 + distance * distance)
    }
    return up / across
  }
}
