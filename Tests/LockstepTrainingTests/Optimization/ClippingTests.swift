import LockstepTraining
import TestSupport
import Testing

/// Clipping by the norm as PyTorch's `clip_grad_norm_`: the factor is min(1, limit / (norm + 10⁻⁶)). Of norms near 10⁻³
/// and below, the 10⁻⁶ is what is seen.
@Suite struct ClippingTests {
  @Test(arguments: [1e-7, 3e-6, 1e-4, 1e-3, 0.1, 1, 40, 1e6] as [Double])
  func norms(norm: Double) throws {
    // The norm of (3, −4, 12) is 13.
    let gradient = [3, -4, 12].map { Float($0 * norm / 13) }
    let exact = dotProduct(gradient.doubles, gradient.doubles).squareRoot()
    for share in [0.01, 0.5, 0.999, 1, 1.001, 1e6] {
      let limit = exact * share
      let run = try PrescribedGradient(inputs: 3, optimizer: .sgd(learningRate: 1), clip: .globalNorm(limit))
      run.weight.fill(0)
      let found = try run.step(gradient).gradientNorm
      expectClose(actual: found ?? .nan, expected: exact, absolute: 0, relative: 1e-7, "the norm \(norm)")
      let scale = min(1, limit / (exact + 1e-6))
      expectClose(
        actual: run.weight.array, expected: gradient.map { -scale * Double($0) }, absolute: 0, relative: 4e-7,
        "the norm \(norm) held at \(limit)")
    }
  }

  /// By value every element is held within ±limit, and the others stay as they are.
  @Test func values() throws {
    let gradient: [Float] = [-3, -0.25, -0.2, 0, 0.1, 0.2, 0.3, 1e6]
    let run = try PrescribedGradient(inputs: 8, optimizer: .sgd(learningRate: 1), clip: .value(0.2))
    run.weight.fill(0)
    try run.step(gradient)
    #expect(run.weight.array == [0.2, 0.2, 0.2, 0, -0.1, -0.2, -0.2, -0.2])
  }
}
