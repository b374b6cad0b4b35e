import LockstepKernels
import TestSupport
import Testing

@testable import LockstepTraining

/// What holds of every optimizer that is declared: its update is its reference's, over odd sizes, and the same bits
/// wherever a slice is cut.
@Suite struct EveryOptimizerTests {
  private static let optimizers =
    Optimizer.all.map { $0.with(learningRate: 0.01) } + [
      .sgd(learningRate: 0.1, momentum: 0.9), .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true),
    ]
  private let memory = TestMemory()

  @Test(arguments: optimizers, [0, 0.05])
  func updateIsTheReference(_ optimizer: Optimizer, decay: Double) {
    for count in [1, 2, 7, 15, 16, 17, 33, 64, 100, 1009] {
      var generator = SeededGenerator(seed: UInt64(count))
      let start = generator.normal(count)
      let parameter = memory.vector(start, misalignment: count % 16)
      let slots = optimizer.slots.map { _ in memory.vector(count: count, filledWith: 0) }
      var expected = Reference.OptimizerState(start.doubles)
      var progress = OptimizerProgress()
      for step in 1...10 {
        let gradient = generator.normal(count)
        let rule = optimizer.rule(factor: 1, progress: &progress)
        rule.apply(
          to: parameter, gradient: memory.vector(gradient), first: slots.first, second: slots.dropFirst().first,
          keep: Float(1 - optimizer.learningRate * decay))
        expected.updates = step
        optimizer.formula.reference(
          &expected, gradient: gradient.doubles, rate: optimizer.learningRate, decay: decay)
        // Rates are float32 numbers: their error adds up over the steps.
        expectClose(actual: parameter.array, expected: expected.parameter, absolute: 2e-6, "\(count), step \(step)")
        for (slot, wanted) in zip(slots, [expected.first, expected.second]) {
          expectClose(actual: slot.array, expected: wanted, "slot, \(count), step \(step)")
        }
      }
    }
  }

  @Test(arguments: optimizers)
  func slicesHaveTheBitsOfTheWhole(_ optimizer: Optimizer) {
    var progress = OptimizerProgress(updates: 3, momentumProduct: 0.1)
    let rule = optimizer.rule(factor: 1, progress: &progress)
    let (whole, parts) = (operands(1000), operands(1000))
    func update(_ operands: [Vector], _ range: Range<Int>) {
      let slots = optimizer.slots.indices.map { operands[2 + $0][range] }
      rule.apply(
        to: operands[0][range], gradient: operands[1][range], first: slots.first, second: slots.dropFirst().first,
        keep: 0.999)
    }
    update(whole, 0..<1000)
    for range in [0..<17, 17..<512, 512..<513, 513..<513, 513..<1000] { update(parts, range) }
    for (part, expected) in zip(parts, whole) { expectSameBits(part.array, expected.array, optimizer.name) }
  }

  /// Parameter, gradient and two slots, the same every time.
  private func operands(_ count: Int) -> [Vector] {
    var generator = SeededGenerator(seed: 11)
    let signed = [generator.normal(count), generator.normal(count)]
    let positive = [generator.uniform(count, in: 0...1), generator.uniform(count, in: 0...1)]
    return (signed + positive).map { memory.vector($0) }
  }
}
