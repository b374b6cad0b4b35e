import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Reduce-on-plateau as PyTorch's `ReduceLROnPlateau` with its relative threshold.
@Suite struct PlateauTests {
  /// The factor after each of the values.
  private func factors(_ plateau: Plateau, _ values: [Double]) -> [Double] {
    var state = PlateauState()
    return values.map { value in
      state.observe(value, plateau)
      return state.factor
    }
  }

  /// Patience 2: the third evaluation without improvement lowers the rate, and the count begins anew.
  @Test func patience() {
    let plateau = Plateau(factor: 0.5, patience: 2)
    #expect(factors(plateau, [1, 1, 1, 1, 1, 1, 1, 1]) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])
    #expect(factors(Plateau(factor: 0.5, patience: 0), [1, 1, 1]) == [1, 0.5, 0.25])
    #expect(factors(plateau, [5, 4, 3, 2, 1]) == [1, 1, 1, 1, 1])
    // An improvement ends the count.
    #expect(factors(plateau, [1, 2, 2, 0.5, 2, 2, 2]) == [1, 1, 1, 1, 1, 1, 0.5])
  }

  /// An improvement is a relative change of more than the threshold.
  @Test func threshold() {
    let down = Plateau(factor: 0.5, patience: 0, threshold: 0.1)
    #expect(factors(down, [1, 0.95, 0.89, 0.85]) == [1, 0.5, 0.5, 0.25])
    let up = Plateau(metric: .accuracy, mode: .max, factor: 0.5, patience: 0, threshold: 0.1)
    #expect(factors(up, [0.5, 0.54, 0.56, 0.6]) == [1, 0.5, 0.5, 0.25])
    // Below zero a lower value is still the better one.
    #expect(factors(down, [-1, -1.05, -1.2]) == [1, 0.5, 0.5])
  }

  @Test func minimum() {
    #expect(factors(Plateau(factor: 0.1, patience: 0, minimumFactor: 0.05), [1, 1, 1, 1]) == [1, 0.1, 0.05, 0.05])
  }

  /// After a fall two evaluations count for nothing, whatever they are but improvements; then the waiting begins anew.
  @Test func cooldown() {
    let plateau = Plateau(factor: 0.5, patience: 1, cooldown: 2)
    #expect(factors(plateau, [1, 1, 1, 1, 1, 1, 1, 1, 1]) == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])
    // An improvement during it is one, and it goes on.
    #expect(factors(plateau, [1, 1, 1, 0.5, 0.7, 0.7, 0.7]) == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25])
    #expect(factors(Plateau(factor: 0.5, patience: 0, cooldown: 1), [1, 1, 1, 1, 1]) == [1, 0.5, 0.5, 0.25, 0.25])
  }

  /// PyTorch's `ReduceLROnPlateau.step` with `cooldown` and both of its `threshold_mode`s, written out in float64.
  @Test(arguments: testSeeds)
  func asPyTorch(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let values = generator.normal(80).map { 3 + Double($0) }
    for (patience, cooldown) in [(0, 0), (0, 3), (2, 1), (1, 4)] {
      for (mode, threshold) in [(Metric.Mode.min, 0.1), (.max, 0.1), (.min, 0), (.max, 0.03)] {
        for isRelative in [true, false] {
          let plateau = Plateau(
            mode: mode, factor: 0.9, patience: patience, cooldown: cooldown, threshold: threshold,
            thresholdMode: isRelative ? .relative : .absolute)
          var (best, bad, cooling, rate) = (mode == .min ? Double.infinity : -.infinity, 0, 0, 1.0)
          let expected = values.map { a in
            let isBetter =
              switch (mode, isRelative) {
              case (.min, true): a < best * (1 - threshold)
              case (.min, false): a < best - threshold
              case (.max, true): a > best * (threshold + 1)
              case (.max, false): a > best + threshold
              }
            if isBetter { (best, bad) = (a, 0) } else { bad += 1 }
            if cooling > 0 { (cooling, bad) = (cooling - 1, 0) }
            if bad > patience { (rate, cooling, bad) = (rate * 0.9, cooldown, 0) }
            return rate
          }
          #expect(factors(plateau, values) == expected, "\(plateau)")
        }
      }
    }
  }

  /// Evaluations before the end of the warm-up are not looked at; those after it are.
  @Test func warmUp() throws {
    let plateau = Plateau(factor: 0.5, patience: 0)
    let run = try PrescribedGradient(
      inputs: 1, optimizer: .sgd(learningRate: 1), schedule: .reduceOnPlateau(plateau).warmedUp(over: .epochs(3)))
    var rates: [Double] = []
    for _ in 0..<6 {
      rates.append(try run.step([0]).learningRate)
      run.trainer.observe([("loss", 1)])
    }
    #expect(rates == [1.0 / 3, 2.0 / 3, 1, 1, 0.5, 0.25])
  }

  /// What is not finite is no improvement, first or later, and what is finite after it is.
  @Test func notFinite() {
    let plateau = Plateau(factor: 0.5, patience: 0)
    #expect(factors(plateau, [.nan, .nan, 3, .nan, 2]) == [0.5, 0.25, 0.25, 0.125, 0.125])
    #expect(factors(plateau, [.infinity, 3, 2]) == [0.5, 0.5, 0.5])
    let up = Plateau(mode: .max, factor: 0.5, patience: 0)
    #expect(factors(up, [-.infinity, 3, 4, .nan]) == [0.5, 0.5, 0.5, 0.25])
  }

  /// The trainer hears the metric that the schedule watches, and no other; the next step has the new rate.
  @Test func trainerObserves() throws {
    let plateau = Plateau(metric: .accuracy, mode: .max, factor: 0.5, patience: 0)
    let run = try PrescribedGradient(inputs: 1, optimizer: .sgd(learningRate: 1), schedule: .reduceOnPlateau(plateau))
    #expect(try run.step([0]).learningRate == 1)
    run.trainer.observe([("loss", 3), ("accuracy", 0.5)])
    run.trainer.observe([("loss", 2)])
    #expect(run.trainer.state.plateau == PlateauState(factor: 1, best: 0.5))
    run.trainer.observe([("loss", 1), ("accuracy", 0.5)])
    #expect(try run.step([0]).learningRate == 0.5)
    let constant = try PrescribedGradient(inputs: 1, optimizer: .sgd(learningRate: 1))
    constant.trainer.observe([("loss", 3)])
    #expect(constant.trainer.state.plateau == PlateauState())
  }

  /// Limits by hand, where the best is not 1, for there a share of it and a difference are the same: a quarter, and
  /// just that much is no improvement.
  @Test func limits() {
    let down = Plateau(factor: 0.5, patience: 0, threshold: 0.25)
    #expect(factors(down, [0.0625, 0.046875]) == [1, 0.5])
    #expect(factors(down, [0.0625, 0.0468]) == [1, 1])
    #expect(factors(down, [400, 300]) == [1, 0.5])
    #expect(factors(down, [400, 299]) == [1, 1])
    #expect(factors(down, [-400, -500]) == [1, 0.5])
    #expect(factors(down, [-400, -501]) == [1, 1])
    let up = Plateau(mode: .max, factor: 0.5, patience: 0, threshold: 0.25)
    #expect(factors(up, [0.0625, 0.078125]) == [1, 0.5])
    #expect(factors(up, [0.0625, 0.0782]) == [1, 1])
    #expect(factors(up, [400, 500]) == [1, 0.5])
    #expect(factors(up, [400, 501]) == [1, 1])
    #expect(factors(up, [-400, -300]) == [1, 0.5])
    #expect(factors(up, [-400, -299]) == [1, 1])
  }

  /// In other units the same values come to the same factors.
  @Test(arguments: testSeeds)
  func unitsDoNotMatter(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let values = generator.normal(60).map { 3 + Double($0) }
    for mode in Metric.Mode.allCases {
      let plateau = Plateau(mode: mode, factor: 0.5, patience: 1, threshold: 0.05)
      let expected = factors(plateau, values)
      #expect(Set(expected).count > 5, "\(mode): the rate falls")
      for unit in [0x1p-30, 0.125, 64, 0x1p40] { #expect(factors(plateau, values.map { $0 * unit }) == expected) }
    }
  }
}
