import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepExamination
@testable import LockstepRuns
@testable import LockstepTraining

/// The figures of the checks against what is known of them.
@Suite struct CheckFigureTests {
  // MARK: α

  /// On a parabola with its lowest point at τ*, α is 1 / τ* − 1 whatever the loss's scale.
  @Test(arguments: [0.25, 0.5, 0.8, 1, 1.6, 4, 100])
  func alphaOfAParabola(lowest: Double) {
    for scale in [1e-6, 1, 300] {
      func loss(_ t: Double) -> Double { scale * (t - lowest) * (t - lowest) + 2 }
      func slope(_ t: Double) -> Double { 2 * scale * (t - lowest) }
      let alpha = StepLength(loss: (loss(0), loss(1)), slope: (slope(0), slope(1))).alpha
      expectClose(actual: alpha, expected: 1 / lowest - 1, absolute: 1e-9, relative: 1e-9)
    }
  }

  /// The fit is that of least squares: no other parabola has smaller residuals.
  @Test func alphaIsTheBestFits() {
    let (f0, f1, s0, s1) = (3.0, 2.2, -1.5, 0.4)
    let alpha = StepLength(loss: (f0, f1), slope: (s0, s1)).alpha
    func residual(_ a: Double, _ b: Double, _ c: Double) -> Double {
      [a - f0, a + b + c - f1, b - s0, b + 2 * c - s1].reduce(0) { $0 + $1 * $1 }
    }
    // Coordinate descent from anywhere comes to the same place.
    var (a, b, c) = (0.0, 0.0, 0.0)
    for _ in 0..<20_000 {
      a = (f0 + f1 - b - c) / 2
      b = (f1 - a - c + s0 + s1 - 2 * c) / 3
      c = (f1 - a - b + 2 * (s1 - b)) / 5
    }
    expectClose(actual: alpha, expected: 1 / (-b / (2 * c)) - 1, absolute: 0, relative: 1e-6)
    for move in [1e-3, -1e-3] {
      #expect(residual(a, b, c) <= min(residual(a + move, b, c), residual(a, b + move, c), residual(a, b, c + move)))
    }
  }

  @Test func alphaWithoutALowestPoint() {
    // Straight down it goes none of the way; bent downwards, as far as the slope gets steeper.
    #expect(StepLength(loss: (1, 0), slope: (-1, -1)).alpha == -1)
    expectClose(
      actual: StepLength(loss: (1, -0.25), slope: (-1, -1.5)).alpha, expected: -0.5, absolute: 1e-9, relative: 0)
    #expect(StepLength(loss: (1, 2), slope: (1, 1)).alpha == .infinity)
  }

  // MARK: Noise scale

  /// Gradients G + noise of variance σ² a sample and element: tr Σ = n σ², |G|² as drawn.
  @Test func noiseScaleOfDrawnGradients() throws {
    let (elements, group, count) = (400, 25, 64)
    var generator = SeededGenerator(seed: 11)
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) } }
    let truth = (0..<elements).map { _ in 0.3 * normal() }
    let gradients = (0..<count).map { _ in truth.map { Float($0 + 2 * normal() / Double(group).squareRoot()) } }
    let scale = NoiseScale(gradients: gradients, group: group)
    let square = truth.reduce(0) { $0 + $1 * $1 }
    // The relative deviation of a sum of 400 · 63 squares is √(2 / 25,200).
    expectClose(actual: scale.variance, expected: Double(elements) * 4, absolute: 0, relative: 0.04)
    expectClose(actual: scale.square, expected: square, absolute: 0, relative: 0.1)
    expectClose(
      actual: try #require(scale.samples), expected: Double(elements) * 4 / square, absolute: 0, relative: 0.12)
  }

  /// Without a gradient there is no scale, or a very large one.
  @Test func noiseAlone() {
    var generator = SeededGenerator(seed: 5)
    let gradients = (0..<16).map { _ in (0..<200).map { _ in Float.random(in: -1...1, using: &generator) } }
    let scale = NoiseScale(gradients: gradients, group: 8)
    #expect((scale.samples ?? .infinity) > 100)
  }

  // MARK: Sharpness

  /// The mean of squares of a linear model without bias has the Hessian 2 XᵀX / N.
  @Test(arguments: [1, 2, 5])
  func eigenvalueOfALinearModel(features: Int) throws {
    let rows = 64
    var generator = SeededGenerator(seed: UInt64(features))
    let inputs = (0..<rows).map { _ in
      (0..<features).map { Float.random(in: -1...1, using: &generator) * Float($0 + 1) }
    }
    let data = try InMemoryDataset(features: inputs, targets: inputs.map { [$0.reduce(0, +)] })
    let model = Model(features: features, layers: [.dense(Dense(1, bias: false))])
    let trainer = try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), batch: rows, shards: 4, threads: 2)
    try trainer.attach(data)
    let probe = try GradientProbe(like: trainer, on: data, Array(0..<rows), batch: rows, shards: 4)
    let sharpness = try Sharpness(probe, at: GradientProbe.weights(trainer), divisors: nil)
    let hessian = (0..<features).map { i in
      (0..<features).map { j in 2 * inputs.reduce(0) { $0 + Double($1[i]) * Double($1[j]) } / Double(rows) }
    }
    var vector = [Double](repeating: 1, count: features)
    var largest = 0.0
    for _ in 0..<2000 {
      vector = hessian.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      largest = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vector = vector.map { $0 / largest }
    }
    expectClose(actual: sharpness.eigenvalue, expected: largest, absolute: 0, relative: 0.02)
    // With D a number d everywhere λ of D⁻¹ H is λ / d.
    let divided = try Sharpness(
      probe, at: GradientProbe.weights(trainer), divisors: [Float](repeating: 4, count: features))
    expectClose(actual: divided.eigenvalue, expected: largest / 4, absolute: 0, relative: 0.02)
  }

  /// Plain descent on a linear model converges just below the bound and diverges just above it; so does momentum.
  @Test(arguments: [(0.0, false), (0.9, false), (0.5, true), (0.9, true)])
  func boundOfDescent(momentum: Double, nesterov: Bool) throws {
    let inputs: [[Float]] = (0..<32).map { [Float($0 % 5) - 2, Float($0 % 3) - 1] }
    let data = try InMemoryDataset(features: inputs, targets: inputs.map { [$0[0] - 2 * $0[1]] })
    let model = Model(features: 2, layers: [.dense(Dense(1, bias: false))])
    func trainer(_ rate: Double) throws -> Trainer {
      let trainer = try Trainer(
        model, loss: .meanSquaredError,
        optimizer: .sgd(learningRate: rate, momentum: momentum, nesterov: nesterov), batch: 32, shards: 1, threads: 1)
      try trainer.attach(data)
      return trainer
    }
    let start = try trainer(0.1)
    let probe = try GradientProbe(like: start, on: data, Array(0..<32), batch: 32, shards: 1)
    let largest = try Sharpness(probe, at: GradientProbe.weights(start), divisors: nil).eigenvalue
    let bound = try #require(Stability(start)).bound
    for (share, converges) in [(0.95, true), (1.05, false)] {
      let trainer = try trainer(share * bound / largest)
      var last = 0.0
      for _ in 0..<600 {
        guard let loss = try? trainer.step().loss, loss < 1e20 else {
          last = .infinity
          break
        }
        last = loss
      }
      #expect((last < 1e-6) == converges, "\(momentum) \(nesterov) \(share): \(last)")
    }
  }

  /// An epsilon that is large beside every gradient makes of an adaptive optimizer one whose divisors stand still: it
  /// converges just below the bound, and not just above it.
  @Test(arguments: ["adam", "nadam, μ = β₁ / 2", "nadam, μ = β₁", "adamax", "rmsprop", "adagrad"])
  func boundOfDividedDescent(name: String) throws {
    let inputs: [[Float]] = (0..<32).map { [Float($0 % 5) - 2, Float($0 % 3) - 1] }
    let data = try InMemoryDataset(features: inputs, targets: inputs.map { [$0[0] - 2 * $0[1]] })
    let model = Model(features: 2, layers: [.dense(Dense(1, bias: false))])
    // With β₁ = 0.5 the correction of the first steps, which makes them longer, is soon over.
    let epsilon = 1e7
    func trainer(_ rate: Double) throws -> Trainer {
      let optimizer: Optimizer =
        switch name {
        case "adam": .adam(learningRate: rate, beta1: 0.5, epsilon: epsilon)
        case "nadam, μ = β₁ / 2": .nadam(learningRate: rate, beta1: 0.5, epsilon: epsilon, momentumDecay: 0)
        case "nadam, μ = β₁": .nadam(learningRate: rate, beta1: 0.5, epsilon: epsilon, momentumDecay: 1000)
        case "adamax": .adamax(learningRate: rate, beta1: 0.5, epsilon: epsilon)
        case "rmsprop": .rmsprop(learningRate: rate, epsilon: epsilon)
        default: .adagrad(learningRate: rate, epsilon: epsilon)
        }
      let trainer = try Trainer(
        model, loss: .meanSquaredError, optimizer: optimizer, batch: 32, shards: 1, threads: 1)
      try trainer.attach(data)
      return trainer
    }
    let start = try trainer(1e-9)
    _ = try start.step()
    let probe = try GradientProbe(like: start, on: data, Array(0..<32), batch: 32, shards: 1)
    let stability = try #require(Stability(start))
    let largest = try Sharpness(probe, at: GradientProbe.weights(start), divisors: stability.divisors).eigenvalue
    // Growth is stopped before divisors follow it.
    for (share, converges) in [(0.95, true), (1.05, false)] {
      let trainer = try trainer(share * stability.bound / largest)
      var last = 0.0
      for _ in 0..<1000 {
        guard let loss = try? trainer.step().loss, loss < 1e6 else {
          last = .infinity
          break
        }
        last = loss
      }
      #expect((last < 1e-6) == converges, "\(name) \(share): \(last)")
    }
  }

  // MARK: Constants

  @Test func constantsOfClasses() throws {
    let data = try InMemoryDataset(
      features: (0..<10).map { [Float($0)] }, labels: [0, 0, 0, 0, 0, 0, 1, 1, 1, 2], classes: 3)
    let found = try TargetConstants(
      .softmaxCrossEntropy, outputs: 3, of: data, Array(0..<10), classWeights: nil)
    let entropy = -[0.6, 0.3, 0.1].reduce(0) { $0 + $1 * Scalar.log($1) }
    expectClose(actual: found.zero, expected: Scalar.log(3), absolute: 0, relative: 1e-6)
    expectClose(actual: found.best, expected: entropy, absolute: 0, relative: 1e-6)
    #expect(found.least == 0)
    let smoothed = try TargetConstants(
      .softmaxCrossEntropy(labelSmoothing: 0.1), outputs: 3, of: data, Array(0..<10), classWeights: nil)
    #expect(smoothed.least > 0 && smoothed.least < smoothed.best && smoothed.best < smoothed.zero + 1e-9)
  }

  @Test(arguments: [Loss.meanSquaredError, .meanAbsoluteError, .huber(delta: 0.5)])
  func constantsOfNumbers(loss: Loss) throws {
    let values: [Float] = [1, 2, 2.5, 7, 30]
    let data = try InMemoryDataset(features: values.map { [$0] }, targets: values.map { [$0] })
    let found = try TargetConstants(loss, outputs: 1, of: data, Array(0..<5), classWeights: nil)
    // No constant of a fine grid is better.
    func mean(_ constant: Double) -> Double {
      values.reduce(0) { sum, value in
        let distance = (Double(value) - constant).magnitude
        switch loss {
        case .meanSquaredError: return sum + distance * distance / 5
        case .meanAbsoluteError: return sum + distance / 5
        default: return sum + (distance <= 0.5 ? distance * distance / 2 : 0.5 * (distance - 0.25)) / 5
        }
      }
    }
    let best = stride(from: 0.0, through: 30, by: 0.001).map(mean).min() ?? 0
    expectClose(actual: found.best, expected: best, absolute: 0, relative: 1e-4)
    expectClose(actual: found.zero, expected: mean(0), absolute: 0, relative: 1e-6)
  }

  // MARK: Samples

  @Test func permutedInputsKeepTargets() throws {
    let data = try InMemoryDataset(features: (0..<50).map { [Float($0)] }, targets: (0..<50).map { [Float($0)] })
    let permuted = SampledData(permutingInputsOf: data, seed: 4)
    let memory = Arena(count: 100)
    let (x, y) = (memory.matrix(at: 0, rows: 50, columns: 1), memory.matrix(at: 50, rows: 50, columns: 1))
    try permuted.fill(Array(0..<50).span, features: x, targets: y)
    #expect(y.elements.array == (0..<50).map { Float($0) })
    #expect(x.elements.array.sorted() == y.elements.array && x.elements.array != y.elements.array)
  }

  @Test(arguments: [1, 7, 100, 1000])
  func spreadSamples(count: Int) throws {
    let data = try InMemoryDataset(features: (0..<100).map { [Float($0)] }, targets: (0..<100).map { [Float($0)] })
    let samples = SampledData.spread(count, over: data)
    #expect(samples.count == min(count, 100) && samples == Array(Set(samples)).sorted())
    #expect(samples.allSatisfy { (0..<100).contains($0) })
  }
}
