import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// Every optimizer under a schedule, with steps that are passed over, against its formula in Double: the rate of a step
/// is the schedule's, and t counts the updates that were applied, not the steps.
@Suite struct ScheduledOptimizerTests {
  static let optimizers: [Optimizer] =
    Optimizer.all.map { $0.with(learningRate: 0.05) } + [
      .sgd(learningRate: 0.1, momentum: 0.9), .sgd(learningRate: 0.1, momentum: 0.8, nesterov: true),
      .adagrad(learningRate: 0.2), .rmsprop(learningRate: 0.05, decay: 0.9),
      .adam(learningRate: 0.05, beta1: 0.8, beta2: 0.95), .adamw(learningRate: 0.05, beta1: 0.8, beta2: 0.95),
      .nadam(learningRate: 0.05, beta1: 0.8, beta2: 0.95, momentumDecay: 0.3),
      .adamax(learningRate: 0.05, beta1: 0.8, beta2: 0.95),
    ]
  /// No step has the factor 1, and two are passed over, the first of all among them.
  private static let factors = [0.5, 0.5, 2, 2, 2, 0.125, 0.125, 0.125, 0.25, 3]
  private static let passedOver = [0, 4]

  @Test(arguments: optimizers, [0, 0.4])
  func trajectory(_ optimizer: Optimizer, decoupled: Double) throws {
    let inputs = 7
    let schedule = Schedule.piecewise(boundaries: [2, 5, 8, 9], factors: [0.5, 2, 0.125, 0.25, 3])
    let run = try PrescribedGradient(
      inputs: inputs, optimizer: optimizer, regularization: Regularization(decoupled: decoupled), schedule: schedule)
    var generator = SeededGenerator(seed: 5)
    run.weight.copy(from: generator.uniform(inputs))
    var reference = Reference.OptimizerState(run.weight.array.doubles)
    for (step, factor) in Self.factors.enumerated() {
      if step == 7 {
        // From here on as after a run was taken back.
        var state = run.trainer.state
        state.learningRateFactor = 0.5
        run.trainer.resume(from: state)
      }
      if Self.passedOver.contains(step) {
        #expect(throws: TrainingError.self) { try run.step([Float](repeating: .nan, count: inputs)) }
        run.trainer.skip()
        continue
      }
      let rate = optimizer.learningRate * factor * (step < 7 ? 1 : 0.5)
      let gradient = generator.normal(inputs)
      #expect(try run.step(gradient).learningRate == rate)
      reference.updates += 1
      optimizer.formula.reference(&reference, gradient: gradient.doubles, rate: rate, decay: decoupled)
      expectClose(
        actual: run.weight.array, expected: reference.parameter, absolute: 2e-6, relative: 2e-5, "after step \(step)")
    }
    #expect(run.trainer.state.step == 10 && run.trainer.state.optimizer.updates == 8)
  }

  /// The average of the weights counts updates too: its decay grows with them, min(0.9, (1 + t) / (10 + t)).
  @Test func theAverageCountsUpdates() throws {
    let trainer = try Trainer(
      Model(features: 4) { Dense(1, bias: false) }, loss: .meanAbsoluteError, optimizer: .sgd(learningRate: 1),
      options: Trainer.Options(batch: 1, shards: 1, weightAverage: WeightAverage(decay: 0.9)))
    let data = ScriptedData(rows: 1, features: 4, task: .regression(targets: 1))
    try trainer.attach(data)
    let weight = try trainer.tensor("model.dense0.weight")
    var (generator, updates) = (SeededGenerator(seed: 8), 0)
    var (values, average) = (weight.array.doubles, weight.array.doubles)
    for step in 0..<40 {
      let isPassedOver = step % 3 == 0
      let x = isPassedOver ? [Float](repeating: .nan, count: 4) : generator.normal(4)
      data.prepare(trainer, x: x, y: [-1e30])
      if isPassedOver {
        #expect(throws: TrainingError.self) { try trainer.step() }
        trainer.skip()
        continue
      }
      try trainer.step()
      updates += 1
      let decay = min(0.9, Double(1 + updates) / Double(10 + updates))
      for i in 0..<4 {
        values[i] -= Double(x[i])
        average[i] = decay * average[i] + (1 - decay) * values[i]
      }
      expectClose(
        actual: try trainer.tensor("average.dense0.weight").array, expected: average, absolute: 1e-5, "step \(step)")
    }
  }
}
