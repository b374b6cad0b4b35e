import Foundation
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepTraining

@Suite struct LearningRateRangeTests {
  private static let scales: [Float] = [1, 2, 4]
  /// 2 / λ for the largest eigenvalue of the Hessian, 2 · 4².
  private static let edge = 2.0 / 32

  /// Least squares whose Hessian is known: columns of a Hadamard matrix, scaled, so that XᵀX / n = diag(s²) and the
  /// loss Σ s²e², e the weights' errors.
  private func trainer(_ plan: LearningRateRange.Plan, threads: Int = 1) throws -> Trainer {
    let (count, truth) = (32, [0.5, -1.5, 2.0] as [Float])
    let rows = (0..<count).map { row in
      Self.scales.indices.map { Self.scales[$0] * ((row >> $0) % 2 == 0 ? 1 : -1) }
    }
    let data = try InMemoryDataset(
      features: rows, targets: rows.map { row in [zip(row, truth).reduce(Float(0)) { $0 + $1.0 * $1.1 }] })
    let trainer = try Trainer(
      Model(features: 3) { Dense(1, initializer: .zeros, bias: false) }, loss: .meanSquaredError,
      optimizer: .sgd(learningRate: plan.from),
      options: .init(batch: count, shards: 4, threads: .count(threads), schedule: plan.schedule))
    try trainer.attach(data)
    return trainer
  }

  /// The losses of gradient descent from 0 on: every step multiplies the error along an eigenvector by 1 − ηλ.
  private func losses(_ plan: LearningRateRange.Plan) -> [Double] {
    var errors = [0.5, -1.5, 2.0]
    return (0..<plan.steps).map { step in
      let loss = zip(Self.scales, errors).reduce(0.0) { $0 + Double($1.0 * $1.0) * $1.1 * $1.1 }
      let rate = plan.rate(at: step)
      errors = zip(Self.scales, errors).map { $1 * (1 - rate * 2 * Double($0 * $0)) }
      return loss
    }
  }

  @Test func quadraticFallsUpToTheKnownEdge() throws {
    let plan = LearningRateRange.Plan(from: 1e-5, to: 10, steps: 240)
    let range = try LearningRateRange.measure(trainer(plan), plan)
    let expected = losses(plan)
    for (point, loss) in zip(range.points, expected) where loss > 1e-6 && point.learningRate < Self.edge {
      expectClose(actual: point.loss, expected: loss, relative: 1e-3, "at \(point.learningRate)")
    }
    let points = range.points
    let below = zip(points, points.dropFirst()).filter { $0.0.learningRate < Self.edge && $0.0.loss > 1e-6 }
    #expect(below.count > 100 && below.allSatisfy { $0.1.loss < $0.0.loss })
    // It ends beyond the edge, where the error along the steepest direction has grown from rounding.
    #expect(range.end == .grown)
    let last = try #require(points.last).learningRate
    #expect(last > Self.edge && last < 20 * Self.edge)
    guard case .found(let finding) = range.judgement else {
      Issue.record("\(range.judgement)")
      return
    }
    #expect(finding.suggestion < Self.edge && finding.suggestion > Self.edge / 100)
    // In two digits.
    let tenth = finding.minimum / 10
    let middle = (min(finding.steepest, tenth) * tenth).squareRoot()
    expectClose(actual: finding.suggestion, expected: middle, absolute: 0, relative: 0.05)
  }

  @Test func ratesGrowByOneFactor() throws {
    let plan = LearningRateRange.Plan(from: 1e-7, to: 1e-3, steps: 50)
    let range = try LearningRateRange.measure(trainer(plan), plan)
    #expect(range.end == .completed && range.points.count == 50)
    #expect(range.points[0].learningRate == 1e-7)
    for (step, point) in range.points.enumerated() {
      #expect(point.learningRate == plan.rate(at: step))
      // 10⁴ in 49 equal factors.
      expectClose(
        actual: point.learningRate, expected: 1e-7 * pow(10, 4 * Double(step) / 49), absolute: 0, relative: 1e-13)
    }
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let plan = LearningRateRange.Plan(from: 1e-5, to: 10, steps: 120)
    let ranges = try [1, 2, 3, 4].map { try LearningRateRange.measure(trainer(plan, threads: $0), plan) }
    for range in ranges { #expect(range == ranges[0]) }
  }

  /// Loss and logarithm of the rate are averaged alike: a line stays the same line, from its first point on.
  @Test func meansDoNotLag() {
    var recorder = LearningRateRange.Recorder(.init(from: 1e-6, to: 1, steps: 61))
    for step in 0..<61 {
      recorder.add(learningRate: recorder.range.plan.rate(at: step), loss: 10 - 0.1 * Double(step))
    }
    for point in recorder.range.points {
      // 10 steps a decade.
      let steps = 10 * (log10(point.meanRate) + 6)
      expectClose(actual: point.meanLoss, expected: 10 - 0.1 * steps, absolute: 1e-9)
    }
  }

  /// The mean without bias is the weighted mean, spelled out.
  @Test func meansAreThoseOfTheFormula() {
    var generator = SeededGenerator(seed: 5)
    let losses = generator.uniform(40, in: 1...2).map(Double.init)
    var recorder = LearningRateRange.Recorder(.init(from: 1e-6, to: 1, steps: 40))
    for (step, loss) in losses.enumerated() {
      recorder.add(learningRate: recorder.range.plan.rate(at: step), loss: loss)
    }
    for (index, point) in recorder.range.points.enumerated() {
      var (sum, weight, power) = (0.0, 0.0, 1.0)
      for loss in losses[...index].reversed() {
        sum += power * loss
        weight += power
        power *= 0.9
      }
      expectClose(actual: point.meanLoss, expected: sum / weight, absolute: 1e-12)
    }
  }

  @Test func curvesThatShowNothingAreSaidTo() throws {
    // Far too small, and far too large.
    let small = LearningRateRange.Plan(from: 1e-12, to: 1e-9, steps: 60)
    #expect(try LearningRateRange.measure(trainer(small), small).judgement == .flat)
    let large = LearningRateRange.Plan(from: 10 * Self.edge, to: 1000, steps: 60)
    #expect(try LearningRateRange.measure(trainer(large), large).judgement == .tooHigh)
    // Noise alone.
    var generator = SeededGenerator(seed: 9)
    var found = 0
    for _ in 0..<50 {
      var recorder = LearningRateRange.Recorder(.init(from: 1e-7, to: 10, steps: 100))
      for (step, loss) in generator.uniform(100, in: 1...2).enumerated() {
        recorder.add(learningRate: recorder.range.plan.rate(at: step), loss: Double(loss))
      }
      if recorder.range.judgement != .flat { found += 1 }
    }
    #expect(found <= 1, "\(found) of 50")
  }

  @Test(arguments: [(0.00123, 0.0012), (9.96, 10), (1, 1), (3.3e-9, 3.3e-9), (1.25e5, 130_000)])
  func suggestionsHaveTwoDigits(value: Double, expected: Double) {
    #expect(LearningRateRange.rounded(value) == expected)
  }

  @Test func optimizersKeepAllButTheRate() {
    let optimizers: [Optimizer] =
      Optimizer.all.map { $0.with(learningRate: 1) } + [
        .sgd(learningRate: 1, momentum: 0.5, nesterov: true), .adagrad(learningRate: 1, epsilon: 0.1),
        .rmsprop(learningRate: 1, decay: 0.5, epsilon: 0.1),
        .adam(learningRate: 1, beta1: 0.1, beta2: 0.2, epsilon: 0.3),
        .adamw(learningRate: 1, beta1: 0.1, beta2: 0.2, epsilon: 0.3),
        .nadam(learningRate: 1, beta1: 0.1, beta2: 0.2, epsilon: 0.3, momentumDecay: 0.4),
        .adamax(learningRate: 1, beta1: 0.1, beta2: 0.2, epsilon: 0.3),
      ]
    for optimizer in optimizers {
      let other = optimizer.with(learningRate: 7)
      #expect(other.learningRate == 7 && other != optimizer && other.with(learningRate: 1) == optimizer)
    }
  }
}
