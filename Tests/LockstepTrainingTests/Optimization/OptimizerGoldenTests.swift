import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Every optimizer of the golden file against PyTorch, through the real trainer.
@Suite struct OptimizerGoldenTests {
  @Test func trajectories() throws {
    let golden = try Golden.load("optimizers.json")
    let cases = golden.parameters_after_each_step.members
    #expect(!cases.isEmpty)
    for (name, trajectory) in cases.sorted(by: { $0.key < $1.key }) {
      let setting = try OptimizerSetting(name)
      let initial = try golden.initial.floats()
      let run = try PrescribedGradient(
        inputs: initial.count, optimizer: setting.optimizer, regularization: setting.regularization)
      run.weight.copy(from: initial)
      #expect(trajectory.elements.count == golden.gradients.elements.count, "\(name)")
      for (step, (gradient, expected)) in zip(golden.gradients.elements, trajectory.elements).enumerated() {
        try run.step(try gradient.floats())
        expectClose(actual: run.weight.array, expected: try expected.numbers(), "\(name), step \(step + 1)")
      }
    }
  }

  /// A setting that is not understood is a failure, not a default.
  @Test(arguments: ["sgd(lr=0.1,dampening=0.5)", "lion(lr=0.1)", "adam(lr=0.01,b3=0.9)", "adam(b1=0.9)", "sgd(lr=x)"])
  func unknownSettings(name: String) {
    #expect(throws: NotUnderstood.self) { try OptimizerSetting(name) }
  }
}

private struct NotUnderstood: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// An optimizer as the golden file names it, such as `sgd(lr=0.1,momentum=0.9,nesterov)`.
private struct OptimizerSetting {
  var optimizer: Optimizer
  var regularization: Regularization

  init(_ name: String) throws {
    guard let open = name.firstIndex(of: "("), name.last == ")" else { throw NotUnderstood("an optimizer \(name)") }
    var values: [String: Double] = [:]
    for part in name[name.index(after: open)...].dropLast().split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard let value = sides.count == 1 ? 1 : Double(sides[1]) else { throw NotUnderstood("\(part) in \(name)") }
      values[String(sides[0])] = value
    }
    func take(_ key: String, default value: Double?) throws -> Double {
      guard let value = values.removeValue(forKey: key) ?? value else { throw NotUnderstood("no \(key) in \(name)") }
      return value
    }
    let rate = try take("lr", default: nil)
    switch name[..<open] {
    case "sgd":
      optimizer = .sgd(
        learningRate: rate, momentum: try take("momentum", default: 0), nesterov: try take("nesterov", default: 0) == 1)
    case "adagrad": optimizer = .adagrad(learningRate: rate, epsilon: try take("eps", default: nil))
    case "rmsprop":
      optimizer = .rmsprop(
        learningRate: rate, decay: try take("rho", default: nil), epsilon: try take("eps", default: nil))
    case "adam", "adamw", "nadam", "adamax":
      let (beta1, beta2, epsilon) = (
        try take("b1", default: nil), try take("b2", default: nil), try take("eps", default: nil)
      )
      switch name[..<open] {
      case "adam": optimizer = .adam(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
      case "adamw": optimizer = .adamw(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
      case "adamax": optimizer = .adamax(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
      default:
        optimizer = .nadam(
          learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          momentumDecay: try take("momentum_decay", default: nil))
      }
    default: throw NotUnderstood("an optimizer \(name)")
    }
    regularization = Regularization(l2: try take("l2", default: 0), decoupled: try take("decoupled", default: 0))
    guard values.isEmpty else { throw NotUnderstood("\(values.keys.sorted()) in \(name)") }
  }
}
