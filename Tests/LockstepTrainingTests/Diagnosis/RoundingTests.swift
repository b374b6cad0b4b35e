import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// What a diagnosis says of rounding, against Double.
@Suite struct RoundingTests {
  /// The nearest number of 8 significant bits, of two the even one.
  private static func rounded(_ x: Double) -> Double {
    guard x != 0 else { return 0 }
    let place = Double(sign: .plus, exponent: x.exponent - 7, significand: 1)
    return (x / place).rounded(.toNearestOrEven) * place
  }

  private static func trainer(
    _ model: Model, rate: Double = 0.01, schedule: Schedule = .constant, precision: Precision = .bf16, batch: Int = 8,
    samples: Int = 32, threads: Int = 2, seed: UInt64 = 5, data: TestData? = nil
  ) throws -> Trainer {
    let classes = try Network(model, seed: 1).outputs
    let options = Trainer.Options(
      batch: batch, shards: 2, threads: .count(threads), seed: seed, schedule: schedule, horizon: 100,
      precision: precision)
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: rate), options: options)
    try trainer.attach(
      data ?? TestData(samples: samples, features: model.features, task: .classification(classes: classes)))
    return trainer
  }

  private static func network(_ inputs: Int, _ hidden: Int, _ classes: Int, last: Initializer = .heNormal) -> Model {
    Model(features: inputs) {
      Dense(hidden, initializer: .heNormal)
      Tanh()
      Dense(classes, initializer: last)
    }
  }

  /// Values and gradients of `network` over a whole epoch, in Double.
  private struct Pass {
    var hidden: [Double]
    var activation: [Double]
    var output: [Double]
    var hiddenGradient: [Double]
    var outputGradient: [Double]

    init(
      _ trainer: Trainer, _ function: ActivationFunction? = .tanh, samples: Int, batch: Int,
      operand: (Double) -> Double
    ) throws {
      let (inputs, classes) = (trainer.network.model.features, trainer.network.outputs)
      let memory = (x: Arena(count: samples * inputs), y: Arena(count: samples))
      let (x, y) = (
        memory.x.matrix(at: 0, rows: samples, columns: inputs), memory.y.matrix(at: 0, rows: samples, columns: 1)
      )
      let data = TestData(samples: samples, features: inputs, task: .classification(classes: classes))
      try data.fill(Array(0..<samples).span, features: x, targets: y)
      let first = try trainer.tensor("model.dense0.weight").array.map { operand(Double($0)) }
      let second = try trainer.tensor("model.dense1.weight").array.map { operand(Double($0)) }
      let units = first.count / inputs
      hidden = Reference.product(
        x.elements.array.map { operand(Double($0)) }, first, m: samples, k: inputs, n: units)
      activation = hidden.map { z in function.map { Reference.value(of: $0, at: z) } ?? z }
      output = Reference.product(activation.map(operand), second, m: samples, k: units, n: classes)
      let labels = y.elements.array.map { Int($0) }
      outputGradient = Reference.softmaxCrossEntropy(output, labels: labels, classes: classes, smoothing: 0).gradient
        .map { $0 / Double(batch) }
      let back = Reference.product(
        outputGradient.map(operand), Reference.transposed(second, rows: units, columns: classes), m: samples,
        k: classes, n: units)
      hiddenGradient = zip(back, hidden).map { dy, z in
        dy * (function.map { Reference.derivative(of: $0, at: z) } ?? 1)
      }
    }
  }

  private static func spread(_ values: [Double], units: Int) -> Double {
    let rows = values.count / units
    return (0..<units).reduce(0) { total, unit in
      let column = (0..<rows).map { values[$0 * units + unit] }
      let mean = column.reduce(0, +) / Double(rows)
      return total + (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)).squareRoot()
    } / Double(units)
  }

  private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test(arguments: [(5, 7, 3), (16, 32, 4), (33, 20, 10), (64, 65, 2)], [1, 2] as [UInt64])
  func signalAndGradientAreHeldAgainstFloat32(shape: (inputs: Int, hidden: Int, classes: Int), seed: UInt64) throws {
    let trainer = try Self.trainer(Self.network(shape.inputs, shape.hidden, shape.classes), seed: seed)
    let exact = try Pass(trainer, samples: 32, batch: 8) { $0 }
    let coarse = try Pass(trainer, samples: 32, batch: 8, operand: Self.rounded)
    let layers = try #require(Diagnosis.measure(trainer, steps: 0).stages.first?.layers)
    func change(_ part: KeyPath<Pass, [Double]>) -> [Double] {
      zip(coarse[keyPath: part], exact[keyPath: part]).map { $0 - $1 }
    }
    let signals: [(KeyPath<Pass, [Double]>, Int)] = [
      (\.hidden, shape.hidden), (\.activation, shape.hidden), (\.output, shape.classes),
    ]
    for (layer, (part, units)) in zip(layers, signals) {
      let expected = Self.spread(change(part), units: units) / Self.spread(exact[keyPath: part], units: units)
      // One operand that float32's own rounding sends to the other side is 2⁻⁸ of one of many terms.
      expectClose(
        actual: try #require(layer.signalRounding), expected: expected, absolute: 0, relative: 0.01, layer.name)
      #expect(expected > 5e-4 && expected < 0.02, "\(layer.name): \(expected)")
    }
    for (layer, part) in [(layers[0], \Pass.hiddenGradient), (layers[2], \Pass.outputGradient)] {
      expectClose(
        actual: try #require(layer.gradientRounding),
        expected: Self.norm(change(part)) / Self.norm(exact[keyPath: part]), absolute: 0, relative: 0.01, layer.name)
    }
  }

  /// The last layer's weights are so small that the gradient behind them lies about the smallest normal number. An
  /// activation between them stores none below it in float32 either.
  @Test(arguments: [1e-36, 1e-37, 1e-38, 1e-39]) func flushedIsWhatIsDenormal(scale: Double) throws {
    let tiny = Initializer.normal(mean: 0, stddev: Float(scale))
    let model = Model(features: 9) {
      Dense(31, initializer: .heNormal)
      Dense(3, initializer: tiny)
    }
    let trainer = try Self.trainer(model)
    let exact = try Pass(trainer, nil, samples: 32, batch: 8) { $0 }
    let expected = exact.hiddenGradient.count { $0.magnitude < 0x1p-126 }
    let layers = try #require(Diagnosis.measure(trainer, steps: 0).stages.first?.layers)
    expectClose(
      actual: try #require(layers[0].gradientFlushed) * 992, expected: Double(expected), absolute: 2, relative: 0)
    #expect(expected > 0 && layers[1].gradientFlushed == 0)
    let activated = try Diagnosis.measure(Self.trainer(Self.network(9, 31, 3, last: tiny)), steps: 0).stages[0].layers
    #expect(activated[0].gradientFlushed ?? 0 == 0 && activated[1].gradientFlushed == nil)
  }

  // MARK: Updates

  /// Plain SGD: what is less than half of the last place is lost.
  @Test(arguments: [1e-9, 3e-8, 3e-7, 1e-5, 0.1], [1, 2] as [UInt64])
  func whatIsSmallerThanHalfTheLastPlaceIsLost(rate: Double, seed: UInt64) throws {
    let model = Self.network(19, 40, 5)
    let (plain, watched) = (
      try Self.trainer(model, rate: rate, seed: seed), try Self.trainer(model, rate: rate, seed: seed)
    )
    let before = try plain.tensor("model.dense0.weight").array
    _ = try plain.step(keepingGradient: true)
    let after = try plain.tensor("model.dense0.weight").array
    let entry = try #require(plain.network.parameters.entries.first { $0.name == "dense0.weight" })
    let gradient = plain.coordinator.gradient.vector(entry).array
    let present = gradient.indices.filter { gradient[$0] != 0 }
    let lost = present.count { (rate * Double(gradient[$0])).magnitude < Double(before[$0].ulp) / 2 }
    let hidden = present.count { Self.rounded(Double(before[$0])) == Self.rounded(Double(after[$0])) }
    let layer = try #require(Diagnosis.measure(watched, steps: 0).stages.first?.layers.first)
    let count = Double(present.count)
    expectClose(actual: try #require(layer.updateLost) * count, expected: Double(lost), absolute: 1, relative: 0)
    #expect(layer.updateHidden == Double(hidden) / count && hidden >= lost)
    #expect(rate > 1e-9 || lost > present.count * 99 / 100)
    #expect(rate < 0.1 || lost < present.count / 20)
  }

  /// Elements that no gradient reaches are nobody's loss.
  @Test func onlyWhatHasAGradientCanBeLost() {
    let update = WeightUpdate(from: [1, 1, 1, 2, 0], to: [1, 1 + 0x1p-20, 1, 3, 0], gradient: [1, -1, 0, 1, 0])
    #expect(update.lost == 1 / 3.0 && update.hidden == 2 / 3.0)
    let none = WeightUpdate(from: [0, 0], to: [0, 0], gradient: [0, 0])
    #expect(none.ratio == nil && none.lost == nil && none.hidden == nil)
  }

  @Test(arguments: Precision.allCases) func float32HasLossesAlone(precision: Precision) throws {
    let layers = try #require(
      Diagnosis.measure(Self.trainer(Self.network(5, 7, 3), precision: precision), steps: 0).stages.first?.layers)
    #expect(layers.map { $0.updateLost == nil } == [false, true, false])
    #expect(
      layers.map { $0.updateHidden != nil } == (precision == .bf16 ? [true, false, true] : [false, false, false]))
    for layer in layers {
      #expect((layer.signalRounding != nil) == (precision == .bf16))
      #expect((layer.gradientRounding != nil) == (precision == .bf16))
    }
  }

  // MARK: Verdicts

  @Test(arguments: Precision.allCases) func stepsThatAreTooSmallAreFound(precision: Precision) throws {
    let model = Self.network(16, 32, 4)
    let stuck = try Diagnosis.measure(Self.trainer(model, rate: 1e-12, precision: precision), steps: 5)
    #expect(stuck.stages.map(\.verdicts) == [[.lostUpdates], [.lostUpdates]])
    #expect(stuck.stages.last?.findings.first?.layer == "dense0" && stuck.stages.last?.findings.first?.share == 1)
    #expect(try Diagnosis.measure(Self.trainer(model, precision: precision), steps: 5).verdicts == [.healthy])
    // A first step on the way up to the learning rate is small for good reason.
    let warming = try Diagnosis.measure(
      Self.trainer(
        model, rate: 1e-12, schedule: .constant.warmedUp(over: .steps(50)), precision: precision), steps: 20)
    #expect(warming.stages.map(\.verdicts) == [[.healthy], [.lostUpdates]])
    #expect(warming.stages.map(\.learningRateFactor) == [0.02, 0.4])
  }

  /// Inputs about 1,000, where bfloat16 counts by fours.
  @Test func whatTellsSamplesApartIsRoundedAway() throws {
    let model = Model(features: 16) {
      Dense(32, initializer: .heNormal, bias: false)
      BatchNorm()
      ELU()
      Dense(3)
    }
    var generator = SeededGenerator(seed: 4)
    let data = TestData(
      features: 16, task: .classification(classes: 3), x: generator.normal(256 * 16).map { 1000 + $0 },
      y: generator.labels(256, below: 3))
    func stage(_ precision: Precision) throws -> Diagnosis.Stage? {
      try Diagnosis.measure(Self.trainer(model, precision: precision, batch: 64, data: data), steps: 0).stages.first
    }
    let coarse = try #require(try stage(.bf16))
    #expect(coarse.verdicts == [.imprecise] && coarse.findings.first?.layer == "dense0")
    #expect(try stage(.float32)?.verdicts == [.healthy])
  }

  // MARK: The promise

  private static let everything = Model(features: 16) {
    Dense(24, initializer: .heNormal, bias: false)
    BatchNorm()
    RReLU()
    Dropout(rate: 0.2)
    Residual {
      Dense(24)
      Sigmoid()
    }
    Dense(3)
  }

  @Test func lookingKeepsTheBitsAndThreadsDoNotMatter() throws {
    let (plain, watched) = (try Self.trainer(Self.everything), try Self.trainer(Self.everything))
    for _ in 0..<7 { try plain.step() }
    let expected = try Diagnosis.measure(watched, steps: 7)
    #expect(plain.tensorBits == watched.tensorBits)
    #expect(try Diagnosis.measure(Self.trainer(Self.everything, threads: 1), steps: 7) == expected)
  }
}
