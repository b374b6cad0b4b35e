import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Every schedule against PyTorch's scheduler of that name, at every step of runs of 10 and 100; by
/// `make_schedules.py`. Both are a few operations in float64, but PyTorch multiplies its factors step by step.
@Suite struct ScheduleGoldenTests {
  private func schedule(_ name: String, _ parameters: Golden) throws -> Schedule {
    switch name {
    case "step":
      return .step(every: .steps(try parameters.every.integer()), gamma: try parameters.gamma.number())
    case "piecewise":
      return .piecewise(
        boundaries: try parameters.boundaries.elements.map { .steps(try $0.integer()) },
        factors: try parameters.factors.numbers())
    case "exponential":
      return .exponential(rate: try parameters.rate.number(), every: .steps(try parameters.every.integer()))
    case "polynomial":
      return .polynomial(power: try parameters.power.number(), end: try parameters.end.number())
    case "cosine":
      return .cosine(end: try parameters.end.number())
        .warmedUp(over: .steps(try parameters.warmup_steps.integer()))
    case "one_cycle":
      return .oneCycle(
        peak: try parameters.peak.number(), divide: try parameters.divide.number(),
        finalDivide: try parameters.final_divide.number())
    default: return try #require(nil, "the schedule \(name)")
    }
  }

  @Test func everyStep() throws {
    let runs = try Golden.load("schedules.json").runs.elements
    #expect(runs.count == 34)
    for run in runs {
      guard case .text(let name) = run.schedule else {
        Issue.record("a run without a schedule")
        return
      }
      let (steps, schedule) = (try run.steps.integer(), try schedule(name, run.parameters))
      let factors = (0..<steps).map { schedule.factor(step: $0, horizon: steps) }
      expectClose(actual: factors, expected: try run.factors.numbers(), absolute: 1e-13, relative: 1e-12)
    }
  }

  @Test func plateaus() throws {
    for run in try Golden.load("schedules.json").plateaus.elements {
      guard case .text(let mode) = run.mode else {
        Issue.record("a plateau without a mode")
        return
      }
      let plateau = Plateau(
        metric: .loss, mode: Metric.Mode(rawValue: mode), factor: try run.factor.number(),
        patience: try run.patience.integer(), threshold: try run.threshold.number(),
        minimumFactor: try run.minimum.number())
      var state = PlateauState()
      let factors = try run["values"].numbers().map { value in
        state.observe(value, plateau)
        return state.factor
      }
      expectClose(actual: factors, expected: try run.factors.numbers(), absolute: 0, relative: 1e-14)
    }
  }
}
