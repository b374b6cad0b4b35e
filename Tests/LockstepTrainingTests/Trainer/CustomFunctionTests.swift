import Foundation
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Activations and losses that a program gives: those that Lockstep has too must have its bits, others the promise.
@Suite struct CustomFunctionTests {
  /// max(0, x), whose derivative at 0 is that of the negative branch.
  private struct OwnReLU: CustomActivation {
    var name = "own_relu"
    func value(at x: Float) -> Float { x > 0 ? x : 0 }
    func derivative(at x: Float) -> Float { x > 0 ? 1 : 0 }
  }

  /// x · sigmoid(x), as `SiLU` by the mathematics of the system.
  private struct Swish: CustomActivation {
    let name = "swish"
    func value(at x: Float) -> Float { x * sigmoid(x) }
    func derivative(at x: Float) -> Float { sigmoid(x) * (1 + x * (1 - sigmoid(x))) }
    private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
  }

  /// The square, over one output: its gradient is rounded as Lockstep's is, because 2 is a power of two.
  private struct OwnSquare: CustomLoss {
    var name = "own_square"
    var targets = LossTargets.numbers
    func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
      (0..<outputs.count).reduce(0) { sum, unit in
        let difference = Double(outputs[unit]) - Double(targets[unit])
        return sum + difference * difference
      }
    }
    func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
      for unit in outputs.indices { gradient[unit] = 2 * (outputs[unit] - targets[unit]) }
    }
  }

  /// −log softmax(z)ₖ in Double.
  private struct OwnCrossEntropy: CustomLoss {
    let name = "own_cross_entropy"
    let targets = LossTargets.classes
    func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
      log(sum(outputs)) - Double(outputs[Int(targets[0])])
    }
    func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
      let sum = sum(outputs)
      for unit in outputs.indices {
        gradient[unit] = Float(exp(Double(outputs[unit])) / sum - (unit == Int(targets[0]) ? 1 : 0))
      }
    }
    private func sum(_ logits: Span<Float>) -> Double {
      (0..<logits.count).reduce(0) { $0 + exp(Double(logits[$1])) }
    }
  }

  /// Of labels: log(1 + e^−z) or log(1 + e^z).
  private struct OwnLogistic: CustomLoss {
    let name = "own_logistic"
    let targets = LossTargets.labels
    func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
      (0..<outputs.count).reduce(0) { sum, unit in
        sum + log1p(exp(Double(targets[unit] > 0 ? -outputs[unit] : outputs[unit])))
      }
    }
    func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
      for unit in outputs.indices { gradient[unit] = 1 / (1 + exp(-outputs[unit])) - targets[unit] }
    }
  }

  private static func layers(_ activation: Activation) -> [(name: String, model: Model, shape: Shape)] {
    let dense = Model(features: 9) {
      Dense(24, initializer: .heNormal)
      BatchNorm()
      activation
      Residual {
        Dense(24, initializer: .heNormal)
        activation
        Dense(24, initializer: .heNormal)
      }
      activation
      Repeat(times: 2) {
        Dense(17, initializer: .heNormal)
        activation
      }
      Dense(1)
    }
    let images = Model(input: .image(height: 6, width: 5, channels: 3)) {
      Conv2D(7, kernel: 3, padding: .same, initializer: .heNormal)
      activation
      MaxPool(2)
      Conv2D(5, kernel: 2, initializer: .heNormal)
      BatchNorm(statistics: .batch)
      activation
      GlobalAveragePool()
      Dense(1)
    }
    return [("dense", dense, .features(9)), ("images", images, .image(height: 6, width: 5, channels: 3))]
  }

  private func run(
    _ model: Model, _ shape: Shape, loss: Loss, task: LearningTask = .regression(targets: 1), accumulate: Int = 1,
    weighted: Bool = false
  ) -> Run {
    Run(
      name: "\(loss.name) on \(shape)", model: model, loss: loss, optimizer: .adam(learningRate: 0.01),
      options: .init(batch: 40, shards: 5, seed: 4, accumulate: accumulate),
      data: TestData(samples: 90, shape: shape, task: task), steps: 5)
  }

  /// A ReLU and a square of one's own have the bits of Lockstep's: in every kind of neighbourhood, where Lockstep's is
  /// applied by the layer before.
  @Test func bitsOfTheBuiltIn() throws {
    for (own, known) in zip(Self.layers(OwnReLU().activation), Self.layers(.relu)) {
      // A BatchNorm over the batch needs it whole.
      for accumulate in own.name == "dense" ? [1, 3] : [1] {
        let expected = try run(known.model, known.shape, loss: .meanSquaredError, accumulate: accumulate)
          .train(threads: 1).tensors
        for threads in [1, 2, 3] {
          let found = try run(own.model, own.shape, loss: .custom(OwnSquare()), accumulate: accumulate)
            .train(threads: threads).tensors
          let isSame = found == expected
          #expect(isSame, "\(own.name) on \(threads) threads")
        }
      }
    }
  }

  @Test func sameBits() throws {
    for own in Self.layers(Swish().activation) {
      try run(own.model, own.shape, loss: .custom(OwnSquare())).expectSameBits()
    }
    let classes = Model(features: 9) {
      Dense(24)
      Swish()
      Dense(4)
    }
    try run(classes, .features(9), loss: .custom(OwnCrossEntropy()), task: .classification(classes: 4)).expectSameBits()
  }

  /// Against those of Lockstep, which compute the same by other roundings: some 10⁻⁶ in a few steps of float32.
  @Test(arguments: [nil, [0.5, 2, 1, 1.5]] as [[Float]?])
  func near(classWeights: [Float]?) throws {
    func trained(_ activation: Activation, _ loss: Loss, _ task: LearningTask) throws -> (Trainer, [Double]) {
      let model = Model(features: 9) {
        Dense(24, initializer: .heNormal)
        activation
        Dense(4)
      }
      let data = TestData(samples: 90, features: 9, task: task)
      let weighted = try data.weighted(by: (0..<90).map { Float($0 % 3) + 0.5 })
      let trainer = try Trainer(
        model, loss: loss, optimizer: .sgd(learningRate: 0.1),
        options: .init(
          batch: 40, shards: 3, threads: .count(2),
          classWeights: task == .classification(classes: 4) ? classWeights : nil))
      try trainer.attach(classWeights == nil ? data : weighted)
      return (trainer, try (0..<6).map { _ in try trainer.step().loss })
    }
    for (own, known, task) in [
      (Loss.custom(OwnCrossEntropy()), Loss.softmaxCrossEntropy, LearningTask.classification(classes: 4)),
      (.custom(OwnLogistic()), .binaryCrossEntropy, .labels(4)),
      (.custom(OwnSquare()), .meanSquaredError, .regression(targets: 4)),
    ] {
      // Those of several numbers are means over elements, and one's own over samples.
      let factor = known == .softmaxCrossEntropy ? 1.0 : 4
      let (mine, losses) = try trained(Swish().activation, own, task)
      let (theirs, expected) = try trained(.silu, known, task)
      if factor == 1 {
        expectClose(actual: losses, expected: expected, relative: 1e-5, "\(known.name)")
        for (a, b) in zip(mine.tensors, theirs.tensors) {
          expectClose(actual: a.values.array, expected: b.values.array.map(Double.init), absolute: 1e-5, a.name)
        }
      } else {
        #expect(abs(losses[0] / factor - expected[0]) < 1e-5 * expected[0])
      }
      let data = TestData(samples: 61, features: 9, task: task)
      let (found, known) = (try mine.evaluate(on: data), try theirs.evaluate(on: data))
      #expect(found.metrics.map(\.name) == known.metrics.map(\.name))
      if factor == 1 { #expect(found[.accuracy] == known[.accuracy]) }
      // Beside it stand the usual metrics of what the same outputs are.
      theirs.takeOver(from: mine)
      for metric in try theirs.evaluate(on: data).metrics.dropFirst() {
        #expect(abs((found[metric.name] ?? .nan) - metric.value) <= 0.02 * metric.value, "\(metric.name)")
      }
    }
  }

  /// A name is what checkpoints know it by; what a program has not given cannot compute.
  @Test func refusals() throws {
    func refuse(_ text: String, _ layer: Layer = .activation(.relu), _ loss: Loss = .meanSquaredError) {
      let model = Model(features: 9) {
        Dense(3)
        layer
        Dense(1)
      }
      do {
        let trainer = try Trainer(model, loss: loss, optimizer: .adam(), batch: 16)
        try trainer.attach(TestData(samples: 30, features: 9, task: .regression(targets: 1)))
        Issue.record("\(text): nothing is thrown")
      } catch { #expect("\(error)".contains(text), "\(error)") }
    }
    refuse("found the name Own ReLU, expected lower-case letters", OwnReLU(name: "Own ReLU").layer)
    refuse("found the name gelu, expected a name that no activation has", OwnReLU(name: "gelu").layer)
    refuse(
      "layer custom_activation0: found swish, an activation of a program's own",
      [Swish().layer].forgettingFunctions[0])
    refuse("custom_loss.name: found , expected lower-case", .activation(.relu), .custom(OwnSquare(name: "")))
    refuse("found huber, expected a name that no loss has", .activation(.relu), .custom(OwnSquare(name: "huber")))
    refuse(
      "own_square needs classes", .activation(.relu), .custom(OwnSquare(targets: .classes)))
  }

  /// Where a layer is frozen or wholly before what is trained, and where the function takes whole runs.
  @Test func wholeRuns() throws {
    struct Runs: CustomActivation {
      let name = "runs"
      func value(at x: Float) -> Float { .nan }
      func derivative(at x: Float) -> Float { .nan }
      func apply(to x: Span<Float>, into y: inout MutableSpan<Float>) {
        for index in x.indices { y[index] = max(0, x[index]) }
      }
      func multiply(_ gradient: inout MutableSpan<Float>, byDerivativeAt x: Span<Float>) {
        for index in x.indices where x[index] <= 0 { gradient[index] = 0 }
      }
    }
    for (own, known) in zip(Self.layers(Runs().activation), Self.layers(.relu)) {
      let expected = try run(known.model, known.shape, loss: .meanSquaredError).train(threads: 2)
      let isSame = try run(own.model, own.shape, loss: .meanSquaredError).train(threads: 3).tensors == expected.tensors
      #expect(isSame, "\(own.name)")
    }
  }
}

extension CustomActivation {
  fileprivate var activation: Activation { .custom(NamedActivation(self)) }
}

extension [Layer] {
  /// As a checkpoint keeps them.
  fileprivate var forgettingFunctions: [Layer] {
    map { layer in Layer(layer.declared) ?? layer }
  }
}
