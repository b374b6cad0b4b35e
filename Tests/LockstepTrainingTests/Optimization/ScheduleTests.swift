import Foundation
import LockstepTraining
import TestSupport
import Testing

/// Every schedule's formula by hand, at its ends and beyond.
@Suite struct ScheduleTests {
  private func factors(_ schedule: Schedule, _ steps: [Int], horizon: Int = 100) -> [Double] {
    steps.map { schedule.factor(step: $0, horizon: horizon) }
  }

  @Test func constant() {
    #expect(factors(.constant, [0, 1, 99, 100, 1 << 40]) == [1, 1, 1, 1, 1])
  }

  /// gamma^⌊step / every⌋
  @Test func step() {
    #expect(factors(.step(every: 10, gamma: 0.5), [0, 9, 10, 19, 20, 100]) == [1, 1, 0.5, 0.5, 0.25, 1.0 / 1024])
  }

  /// The first factor before the first boundary, the last one from the last boundary on.
  @Test func piecewise() {
    let schedule = Schedule.piecewise(boundaries: [3, 7], factors: [1, 0.1, 0.01])
    #expect(factors(schedule, [0, 2, 3, 6, 7, 8, 1000]) == [1, 1, 0.1, 0.1, 0.01, 0.01, 0.01])
    #expect(factors(.piecewise(boundaries: [], factors: [0.3]), [0, 50]) == [0.3, 0.3])
  }

  /// rate^(step / every)
  @Test func exponential() {
    expectClose(
      actual: factors(.exponential(rate: 0.25, every: 10), [0, 5, 10, 20, 25]),
      expected: [1, 0.5, 0.25, 0.0625, 0.03125], absolute: 0,
      relative: 1e-15)
  }

  /// end + (1 − end)(1 − step / horizon)^power
  @Test func polynomial() {
    expectClose(
      actual: factors(.polynomial(power: 2, end: 0.2), [0, 25, 50, 99, 100, 500]),
      expected: [1, 0.2 + 0.8 * 0.5625, 0.2 + 0.8 * 0.25, 0.2 + 0.8 * 1e-4, 0.2, 0.2], absolute: 1e-15)
    expectClose(actual: factors(.polynomial(power: 1, end: 0), [30]), expected: [0.7], absolute: 1e-15)
  }

  /// From 1 over half a cosine to the end.
  @Test func cosine() {
    expectClose(
      actual: factors(.cosine(), [0, 25, 50, 75, 100, 200]),
      expected: [1, 0.8535533905932737, 0.5, 0.14644660940672627, 0, 0], absolute: 1e-15)
    expectClose(
      actual: factors(.cosine(end: 0.1), [0, 50, 100]), expected: [1, 0.55, 0.1], absolute: 1e-15)
  }

  /// A straight line: 1 / warm-up at the first step, 1 at the last of the warm-up and at the one after it.
  @Test func cosineWarmUp() {
    let schedule = Schedule.cosine().warmedUp(over: 20)
    expectClose(
      actual: factors(schedule, [0, 1, 9, 18, 19, 20, 60, 100]), expected: [0.05, 0.1, 0.5, 0.95, 1, 1, 0.5, 0],
      absolute: 1e-15)
    // The example of its documentation, and a run that is all warm-up.
    expectClose(actual: Schedule.cosine().warmedUp(over: 100).factor(step: 50, horizon: 1000), expected: 0.51)
    expectClose(actual: factors(.cosine().warmedUp(over: 4), [0, 3, 4], horizon: 4), expected: [0.25, 1, 0])
  }

  /// Every shape: a straight line up to its first factor, which it then has at the step after the warm-up, and goes on
  /// as in a run that began there and is shorter by the warm-up.
  @Test func warmUp() {
    let plateau = PlateauState(factor: 0.25)
    for (shape, first) in Self.shapes {
      for warmup in [1, 3, 40] {
        let schedule = shape.warmedUp(over: .steps(warmup))
        func factor(_ schedule: Schedule, _ step: Int, _ horizon: Int) -> Double {
          schedule.factor(step: step, horizon: horizon, plateau: plateau)
        }
        for step in 0..<warmup {
          #expect(factor(schedule, step, 100) == Double(step + 1) / Double(warmup) * first, "\(shape) at \(step)")
        }
        for step in warmup..<130 {
          #expect(factor(schedule, step, 100) == factor(shape, step - warmup, 100 - warmup), "\(shape) at \(step)")
        }
        #expect(factor(schedule, warmup, 100) == first, "\(shape)")
      }
      #expect(
        shape.warmedUp(over: .epochs(0)).factor(step: 7, horizon: 9, stepsPerEpoch: 3, plateau: plateau)
          == shape.factor(step: 7, horizon: 9, plateau: plateau))
    }
  }

  /// Each with its factor at the first step, and one for a plateau that has fallen to a quarter.
  private static let shapes: [(Schedule, first: Double)] = [
    (.constant, 1), (.step(every: 10, gamma: 0.5), 1), (.piecewise(boundaries: [5, 30], factors: [0.5, 1, 0.1]), 0.5),
    (.exponential(rate: 0.9, every: 10), 1), (.polynomial(power: 2, end: 0.1), 1), (.cosine(end: 0.3), 1),
    (.cosineRestarts(period: 7, multiplier: 2, end: 0.1, decay: 0.5), 1),
    (.oneCycle(peak: 0.3, divide: 4, finalDivide: 10), 0.25), (.reduceOnPlateau(Plateau()), 0.25),
  ]

  /// What is given in epochs is what the same number of steps is.
  @Test func epochs() {
    let pairs: [(Schedule, Schedule)] = [
      (.step(every: .epochs(2), gamma: 0.5), .step(every: 14, gamma: 0.5)),
      (
        .piecewise(boundaries: [3, .epochs(1), .epochs(4)], factors: [1, 2, 3, 4]),
        .piecewise(boundaries: [3, 7, 28], factors: [1, 2, 3, 4])
      ),
      (.exponential(rate: 0.3, every: .epochs(3)), .exponential(rate: 0.3, every: 21)),
      (.cosineRestarts(period: .epochs(1), multiplier: 3), .cosineRestarts(period: 7, multiplier: 3)),
      (.cosine().warmedUp(over: .epochs(5)), .cosine().warmedUp(over: 35)),
    ]
    for (epochs, steps) in pairs {
      for step in 0..<120 {
        #expect(
          epochs.factor(step: step, horizon: 100, stepsPerEpoch: 7) == steps.factor(step: step, horizon: 100),
          "\(epochs) at \(step)")
      }
    }
    // Longer than 64 bits count is for ever.
    #expect(
      Schedule.step(every: .epochs(1 << 50), gamma: 0.5).factor(step: 1 << 52, horizon: 9, stepsPerEpoch: 1 << 20) == 1)
  }

  /// By hand: two periods of 4 steps; then 2, 4 and 8 steps, the peak above the end halved each time.
  @Test func cosineRestarts() {
    expectClose(
      actual: factors(.cosineRestarts(period: 4), Array(0...8)),
      expected: [1, 0.8535533905932737, 0.5, 0.14644660940672627, 1, 0.8535533905932737, 0.5, 0.14644660940672627, 1],
      absolute: 1e-15)
    let shrinking = Schedule.cosineRestarts(period: 2, multiplier: 2, end: 0.2, decay: 0.5)
    let expected = [
      1, 0.6, 0.6, 0.5414213562373095, 0.4, 0.25857864376269050, 0.4, 0.37071067811865474, 0.3, 0.20761204674887133,
      0.3,
    ]
    expectClose(
      actual: factors(shrinking, [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 14]), expected: expected, absolute: 1e-15)
    // Periods beyond what 64 bits count never end.
    #expect(factors(.cosineRestarts(period: 3, multiplier: 1000), [.max - 1])[0] < 1)
  }

  /// PyTorch's `CosineAnnealingWarmRestarts.step(epoch)`, in float64: the period by a logarithm, T_cur and T_i by the
  /// sum of a geometric series.
  @Test(arguments: [(1, 1, 0.0), (5, 1, 0.1), (1, 2, 0), (3, 2, 0.25), (10, 3, 0), (7, 10, 0.5)])
  func cosineRestartsAsPyTorch(period: Int, multiplier: Int, end: Double) {
    for step in 0..<500 {
      var (current, length) = (Double(step), Double(period))
      if step >= period {
        if multiplier == 1 {
          current = Double(step % period)
        } else {
          let m = Double(multiplier)
          // PyTorch truncates the logarithm, which a rounding below a whole number would make the period before.
          let n = (log(Double(step) / length * (m - 1) + 1) / log(m) + 1e-9).rounded(.down)
          current = Double(step) - length * (pow(m, n) - 1) / (m - 1)
          length *= pow(m, n)
        }
      }
      expectClose(
        actual: factors(.cosineRestarts(period: .steps(period), multiplier: multiplier, end: end), [step]),
        expected: [end + (1 - end) * (1 + cos(.pi * current / length)) / 2], absolute: 1e-12, "\(step)")
    }
  }

  /// Up from 1 / divide at the first step to 1 at the peak, down to 1 / (divide · finalDivide) at the last.
  @Test func oneCycle() {
    let schedule = Schedule.oneCycle(peak: 0.2, divide: 10, finalDivide: 100)
    // 101 steps are 0 … 100; the peak is at 0.2 · 101 − 1 = 19.2.
    expectClose(
      actual: factors(schedule, [0, 100, 101, 1 << 40], horizon: 101), expected: [0.1, 0.001, 0.001, 0.001],
      absolute: 1e-15)
    expectClose(
      actual: factors(schedule, [0, 2, 4, 52, 99], horizon: 25),
      expected: [0.1, 0.55, 1, 0.001, 0.001], absolute: 1e-15)
    // With its peak at either end one of the halves is missing.
    expectClose(
      actual: factors(.oneCycle(peak: 1, divide: 10, finalDivide: 10), [0, 50, 100, 101], horizon: 101),
      expected: [0.1, 0.55, 1, 1])
    expectClose(
      actual: factors(.oneCycle(peak: 0, divide: 10, finalDivide: 10), [100, 101], horizon: 101),
      expected: [0.01, 0.01])
    for horizon in 1...3 {
      for peak in [0, 0.3, 0.5, 1] {
        let values = factors(.oneCycle(peak: peak, divide: 25, finalDivide: 1e4), [0, 1, 2, 3], horizon: horizon)
        #expect(values.allSatisfy { (0...1).contains($0) }, "peak \(peak) of \(horizon): \(values)")
      }
    }
  }

  /// What falls never rises, and what is warming up never falls; every factor is a number of [0, 1].
  @Test func monotony() {
    let falling: [Schedule] = [
      .step(every: 7, gamma: 0.3), .exponential(rate: 0.5, every: 11), .polynomial(power: 3, end: 0.01),
      .cosine().warmedUp(over: 30),
      .oneCycle(peak: 0.3, divide: 25, finalDivide: 1e4),
    ]
    for schedule in falling {
      let values = factors(schedule, Array(0...120))
      #expect(values.allSatisfy { (0...1).contains($0) }, "\(schedule)")
      for step in 30..<120 { #expect(values[step + 1] <= values[step], "\(schedule) at step \(step)") }
    }
    for schedule in falling.suffix(2) {
      let values = factors(schedule, Array(0...29))
      for step in 0..<29 { #expect(values[step + 1] > values[step], "\(schedule) at step \(step)") }
    }
  }

  /// The same step of a longer run is another factor exactly where the schedule says so.
  @Test func horizon() {
    let schedules: [Schedule] = [
      .constant, .step(every: 10, gamma: 0.5), .piecewise(boundaries: [5], factors: [1, 0.1]),
      .exponential(rate: 0.9, every: 10),
      .polynomial(power: 1, end: 0), .cosine(), .cosineRestarts(period: 9),
      .oneCycle(peak: 0.3, divide: 25, finalDivide: 1e4),
      .reduceOnPlateau(Plateau()),
    ]
    for schedule in schedules {
      let differs = schedule.factor(step: 50, horizon: 100) != schedule.factor(step: 50, horizon: 1000)
      #expect(differs == schedule.dependsOnHorizon, "\(schedule)")
    }
  }

  /// The trainer multiplies the optimizer's rate by the factor of the steps done before.
  @Test func learningRateOfATrainer() throws {
    let schedule = Schedule.cosine().warmedUp(over: 2)
    let run = try PrescribedGradient(inputs: 2, optimizer: .sgd(learningRate: 0.5), schedule: schedule, horizon: 6)
    run.weight.fill(0)
    var weight = 0.0
    for step in 0..<8 {
      let rate = 0.5 * schedule.factor(step: step, horizon: 6)
      #expect(try run.step([1, 1]).learningRate == rate)
      weight -= rate
      expectClose(actual: run.weight.array, expected: [weight, weight], "step \(step)")
    }
  }
}
