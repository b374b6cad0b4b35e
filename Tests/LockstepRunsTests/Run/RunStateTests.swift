import LockstepKernels
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// Whatever number a run has met, the state that a checkpoint holds of it reads back with the same bits.
@Suite struct RunStateTests {
  static let numbers: [Double] = [
    0, -0.0, 1, -1.5, 0.1, 1e16, 123_456_789_012_345_680, .leastNonzeroMagnitude, .leastNormalMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .ulpOfOne, .infinity, -.infinity, .nan, -.nan,
    .signalingNaN, Double(nan: 12_345, signaling: false),
  ]

  private func state(_ value: Double) -> RunState {
    var window = MetricWindow()
    (window.sums.count, window.sums.loss, window.sums.first, window.sums.second) = (value, value, value, value)
    (window.steps, window.gradientNorm) = (3, value)
    var state = RunState()
    state.trainer = TrainerState(
      step: 5, optimizer: OptimizerProgress(updates: 4, momentumProduct: value),
      plateau: PlateauState(factor: value, best: value, evaluationsWithoutImprovement: 2, cooldownLeft: 3))
    state.window = window
    state.evaluation = ScheduledEvaluation(step: 4, metrics: [("loss", value), ("accuracy", value)])
    (state.isEvaluationPending, state.lastLoss) = (true, value)
    state.earlyStopping.best = BestEvaluation(step: 4, value: value)
    state.earlyStopping.evaluationsWithoutImprovement = 1
    return state
  }

  /// Every Double of a state.
  private func bits(_ state: RunState) -> [UInt64?] {
    let (sums, trainer) = (state.window.sums, state.trainer)
    let doubles: [Double?] = [
      sums.count, sums.loss, sums.first, sums.second, state.window.gradientNorm, trainer.optimizer.momentumProduct,
      trainer.plateau.factor, trainer.plateau.best, state.lastLoss, state.earlyStopping.best?.value,
    ]
    return (doubles + (state.evaluation?.metrics.map { $0.value } ?? [])).map { $0?.bitPattern }
  }

  @Test(arguments: numbers) func readsBackBitForBit(value: Double) throws {
    let written = state(value)
    let text = JSONValue.object(written.json).text
    let read = try #require(RunState(text), "\(text)")
    #expect(bits(read) == bits(written), "\(text)")
    #expect(bits(read).allSatisfy { $0 == value.bitPattern })
    #expect(read.evaluation == written.evaluation && read.isEvaluationPending)
    #expect(read.trainer.step == 5 && read.trainer.optimizer.updates == 4 && read.window.steps == 3)
    #expect(read.trainer.plateau.evaluationsWithoutImprovement == 2 && read.trainer.plateau.cooldownLeft == 3)
    #expect(read.earlyStopping.best?.step == 4 && read.earlyStopping.evaluationsWithoutImprovement == 1)
  }

  /// The states of earlier versions know of no cooldown.
  @Test func beforeThereWasACooldown() throws {
    var json = state(1).json
    json["plateau"] = ["factor": .number(0.5), "best": .null, "waited": .integer(2)]
    let read = try #require(RunState(JSONValue.object(json).text))
    #expect(read.trainer.plateau == PlateauState(factor: 0.5, evaluationsWithoutImprovement: 2))
    json["plateau"] = ["factor": .number(0.5), "best": .null, "waited": .integer(2), "cooldown": .integer(-1)]
    #expect(RunState(JSONValue.object(json).text) == nil)
  }

  /// A number stays a number that a person can read.
  @Test func readable() {
    #expect(JSONValue.exact(0.25).text == "0.25")
    #expect(JSONValue.exact(.infinity).text == "\"inf\"" && JSONValue.exact(-.infinity).text == "\"-inf\"")
    #expect(JSONValue.exact(.nan).text == "\"nan 0x7ff8000000000000\"")
    for text in ["nan", "nan 0x0", "nan 0x3ff0000000000000", "nan 0xg", "infinity", "", "1"] {
      #expect(JSONValue.string(text).exactNumber == nil, "\(text)")
    }
  }

  @Test func whatIsMissingIsMissing() throws {
    var state = state(1)
    (state.evaluation, state.lastLoss, state.window.gradientNorm, state.trainer.plateau.best) = (nil, nil, nil, nil)
    state.isEvaluationPending = false
    #expect(RunState(JSONValue.object(state.json).text) == state)
    var json = state.json
    json["momentum_product"] = .null
    #expect(RunState(JSONValue.object(json).text) == nil)
  }

  /// Sums that have overflowed are saved and gone on with like any others.
  @Test func aRunGoesOnFromThem() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("metrics.every.steps=100"), output: folder, upTo: 6)
      run.state.window.sums.second = .infinity
      _ = try run.train()
      let resumed = try TrainingRun.resume(folder)
      #expect(resumed.state.window.sums.second == .infinity && resumed.state.window.steps == 6)
      #expect(try resumed.train().end == .finished)
    }
  }
}
