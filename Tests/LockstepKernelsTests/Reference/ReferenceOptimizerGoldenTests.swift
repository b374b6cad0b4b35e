import LockstepKernels
import TestSupport
import Testing

/// The reference optimizers against PyTorch's trajectories in `optimizers.json`: what the kernels are compared with
/// must itself be right.
@Suite struct ReferenceOptimizerGoldenTests {
  typealias Update = (_ step: Int, _ p: inout [Double], _ g: [Double], _ slots: inout ReferenceSlots) -> Void

  static func updates() -> [String: Update] {
    let adam = (learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    func sgd(_ momentum: Double, nesterov: Bool = false, l2: Double = 0) -> Update {
      { _, p, g, s in
        let gradient = Reference.preparedGradient(g, parameter: p, scale: 1, limit: .infinity, l1: 0, l2: l2)
        Reference.sgd(
          &p, gradient: gradient, velocity: &s.first, learningRate: 0.1, momentum: momentum, nesterov: nesterov)
      }
    }
    func adamUpdate(decay: Double) -> Update {
      { t, p, g, s in
        Reference.adam(
          &p, gradient: g, first: &s.first, second: &s.second, step: t, learningRate: adam.learningRate,
          beta1: adam.beta1,
          beta2: adam.beta2, epsilon: adam.epsilon, decay: decay)
      }
    }
    return [
      "sgd(lr=0.1)": sgd(0), "sgd(lr=0.1,momentum=0.9)": sgd(0.9),
      "sgd(lr=0.1,momentum=0.9,nesterov)": sgd(0.9, nesterov: true),
      "sgd(lr=0.1,momentum=0.9,l2=0.01)": sgd(0.9, l2: 0.01),
      "adagrad(lr=0.1,eps=1e-10)": { _, p, g, s in
        Reference.adagrad(&p, gradient: g, sum: &s.first, learningRate: 0.1, epsilon: 1e-10)
      },
      "rmsprop(lr=0.01,rho=0.99,eps=1e-8)": { _, p, g, s in
        Reference.rmsprop(&p, gradient: g, square: &s.first, learningRate: 0.01, rho: 0.99, epsilon: 1e-8)
      },
      "adam(lr=0.01,b1=0.9,b2=0.999,eps=1e-8)": adamUpdate(decay: 0),
      "adamw(lr=0.01,b1=0.9,b2=0.999,eps=1e-8,decoupled=0.05)": adamUpdate(decay: 0.05),
      "nadam(lr=0.01,b1=0.9,b2=0.999,eps=1e-8,momentum_decay=0.004)": { t, p, g, s in
        Reference.nadam(
          &p, gradient: g, first: &s.first, second: &s.second, step: t, learningRate: adam.learningRate,
          beta1: adam.beta1,
          beta2: adam.beta2, epsilon: adam.epsilon, momentumDecay: 0.004, momentumProduct: &s.momentumProduct)
      },
      "adamax(lr=0.01,b1=0.9,b2=0.999,eps=1e-8)": { t, p, g, s in
        Reference.adamax(
          &p, gradient: g, first: &s.first, norm: &s.second, step: t, learningRate: adam.learningRate,
          beta1: adam.beta1,
          beta2: adam.beta2, epsilon: adam.epsilon)
      },
    ]
  }

  @Test func everyTrajectory() throws {
    let golden = try Golden.load("optimizers.json")
    let updates = Self.updates()
    let trajectories = golden.parameters_after_each_step.members
    #expect(Set(trajectories.keys) == Set(updates.keys))
    for (name, trajectory) in trajectories {
      var p = try golden.initial.numbers()
      var slots = ReferenceSlots(count: p.count)
      for (index, gradient) in golden.gradients.elements.enumerated() {
        updates[name]?(index + 1, &p, try gradient.numbers(), &slots)
        expectClose(
          actual: p, expected: try trajectory.elements[index].numbers(), absolute: 1e-11, relative: 1e-10,
          "\(name), step \(index + 1)")
      }
    }
  }
}
