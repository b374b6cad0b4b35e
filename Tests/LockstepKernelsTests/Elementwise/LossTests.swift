import LockstepKernels
import TestSupport
import Testing

@Suite struct LossTests {
  let memory = TestMemory()

  /// (rows, classes), on both sides of the change from rows in lanes to classes in lanes.
  static let classifications = [
    (0, 3), (1, 2), (1, 10), (7, 2), (15, 3), (16, 4), (17, 5), (33, 10), (64, 31), (40, 32), (40, 33), (31, 100),
    (5, 257), (3, 1000),
    (1009, 10),
  ]

  @Test(arguments: classifications) func softmaxCrossEntropy(_ rows: Int, _ classes: Int) {
    for seed in testSeeds {
      for smoothing in [Float(0), 0.1] {
        var generator = SeededGenerator(seed: seed)
        let logits = generator.normal(rows * classes).map { $0 * 5 }
        let labels = generator.labels(rows, below: classes)
        let z = memory.matrix(logits, rows: rows, columns: classes)
        let gradient = memory.matrix(rows: rows, columns: classes)
        let labelColumn = memory.matrix(labels, rows: rows, columns: 1)
        let scale = 1 / Float(max(rows, 1))
        let actual = LossKernels.softmaxCrossEntropy(
          logits: z, labels: labelColumn, smoothing: smoothing, scale: scale, gradient: gradient)
        let expected = Reference.softmaxCrossEntropy(
          logits.doubles, labels: labels.map { Int($0) }, classes: classes, smoothing: Double(smoothing))
        let what = "\(rows) × \(classes), smoothing \(smoothing), seed \(seed)"
        expectClose(actual: actual.sum, expected: expected.sum, what)
        #expect(actual.correct == expected.correct, "\(what)")
        expectClose(actual: gradient.array, expected: expected.gradient.map { $0 * Double(scale) }, what)
        let alone = LossKernels.softmaxCrossEntropy(
          logits: z, labels: labelColumn, smoothing: smoothing, scale: scale, gradient: nil)
        #expect(alone == actual, "\(what): without a gradient")
      }
    }
  }

  @Test(arguments: classifications) func softmax(_ rows: Int, _ classes: Int) {
    var generator = SeededGenerator(seed: 4)
    let logits = generator.normal(rows * classes).map { $0 * 10 }
    let p = memory.matrix(logits, rows: rows, columns: classes)
    LossKernels.softmax(p, into: p)
    expectClose(actual: p.array, expected: Reference.softmax(logits.doubles, classes: classes), "\(rows) × \(classes)")
  }

  @Test(arguments: [2, 10, 32, 33, 100]) func aRowsBitsDoNotDependOnTheRowsBesideIt(_ classes: Int) {
    var generator = SeededGenerator(seed: 8)
    let rows = 53
    let logits = generator.normal(rows * classes).map { $0 * 3 }
    let labels = generator.labels(rows, below: classes)
    let z = memory.matrix(logits, rows: rows, columns: classes)
    let y = memory.matrix(labels, rows: rows, columns: 1)
    let whole = memory.matrix(rows: rows, columns: classes)
    _ = LossKernels.softmaxCrossEntropy(logits: z, labels: y, smoothing: 0.1, scale: 0.5, gradient: whole)
    for range in [0..<1, 5..<22, 16..<53, 50..<53] {
      let part = memory.matrix(rows: range.count, columns: classes)
      _ = LossKernels.softmaxCrossEntropy(
        logits: z.rows(range), labels: y.rows(range), smoothing: 0.1, scale: 0.5, gradient: part)
      expectSameBits(part.array, whole.rows(range).array, "rows \(range) of \(classes) classes")
    }
  }

  @Test(arguments: [3, 40]) func equalLogitsCountForTheFirst(_ classes: Int) {
    for label in 0..<3 {
      let z = memory.matrix(rows: 1, columns: classes, filledWith: 2)
      let labels = memory.matrix([Float(label)], rows: 1, columns: 1)
      let result = LossKernels.softmaxCrossEntropy(logits: z, labels: labels, smoothing: 0, scale: 1, gradient: nil)
      #expect(result.correct == (label == 0 ? 1 : 0))
    }
  }

  @Test(arguments: [3, 40]) func confidentAndExtremeLogits(_ classes: Int) {
    // Sure of the right class: the loss is the others' share, far below float32's resolution of 1.
    var logits = [Float](repeating: -20, count: classes)
    logits[1] = 0
    let labels = memory.matrix([1], rows: 1, columns: 1)
    let sure = LossKernels.softmaxCrossEntropy(
      logits: memory.matrix(logits, rows: 1, columns: classes), labels: labels, smoothing: 0, scale: 1, gradient: nil)
    let expected = Reference.softmaxCrossEntropy(logits.doubles, labels: [1], classes: classes, smoothing: 0).sum
    expectClose(actual: sure.sum, expected: expected, absolute: 0)
    // Sure of a wrong one.
    logits[0] = 3e38
    let gradient = memory.matrix(rows: 1, columns: classes)
    let wrong = LossKernels.softmaxCrossEntropy(
      logits: memory.matrix(logits, rows: 1, columns: classes), labels: labels, smoothing: 0, scale: 1,
      gradient: gradient)
    #expect(wrong.sum.isFinite && wrong.correct == 0 && gradient.array.allSatisfy { $0.isFinite })
    // A logit that is not a number makes the loss not a number, whichever it is.
    for place in [0, 1, classes - 1] {
      var broken = logits
      broken[place] = .nan
      let z = memory.matrix(broken, rows: 1, columns: classes)
      #expect(
        LossKernels.softmaxCrossEntropy(logits: z, labels: labels, smoothing: 0, scale: 1, gradient: nil).sum.isNaN)
    }
  }

  @Test(arguments: Sizes.small + [100_003]) func elementwiseLosses(_ count: Int) {
    for seed in testSeeds {
      var generator = SeededGenerator(seed: seed)
      let p = generator.normal(count).map { $0 * 4 }
      let t = generator.normal(count)
      let binary = generator.labels(count, below: 2)
      let scale = Float(0.25)
      let prediction = memory.matrix(p, rows: count, columns: 1, misalignment: 1)
      let target = memory.matrix(t, rows: count, columns: 1)
      let gradient = memory.matrix(rows: count, columns: 1)
      func check(_ sum: Double, _ expected: (sum: Double, gradient: [Double]), _ name: String) {
        expectClose(actual: sum, expected: expected.sum, "\(name), \(count), seed \(seed)")
        expectClose(
          actual: gradient.array, expected: expected.gradient.map { $0 * Double(scale) },
          "\(name), \(count), seed \(seed)")
      }
      check(
        LossKernels.squaredError(prediction, target, scale: scale, gradient: gradient),
        Reference.squaredError(p.doubles, t.doubles), "squared error")
      check(
        LossKernels.absoluteError(prediction, target, scale: scale, gradient: gradient),
        Reference.absoluteError(p.doubles, t.doubles), "absolute error")
      check(
        LossKernels.huber(prediction, target, delta: 1.5, scale: scale, gradient: gradient),
        Reference.huber(p.doubles, t.doubles, delta: 1.5), "Huber")
      let expected = Reference.binaryCrossEntropy(p.doubles, targets: binary.doubles)
      let actual = LossKernels.binaryCrossEntropy(
        logits: prediction, targets: memory.matrix(binary, rows: count, columns: 1), scale: scale, gradient: gradient)
      check(actual.sum, (expected.sum, expected.gradient), "binary cross entropy")
      #expect(actual.correct == expected.correct)
    }
  }

  @Test func gradientsOverSlicesHaveTheBitsOfTheWhole() {
    typealias Loss = (_ p: Matrix, _ t: Matrix, _ gradient: Matrix) -> Void
    let losses: [String: Loss] = [
      "squared error": { _ = LossKernels.squaredError($0, $1, scale: 0.3, gradient: $2) },
      "absolute error": { _ = LossKernels.absoluteError($0, $1, scale: 0.3, gradient: $2) },
      "Huber": { _ = LossKernels.huber($0, $1, delta: 1.5, scale: 0.3, gradient: $2) },
      "binary cross entropy": { _ = LossKernels.binaryCrossEntropy(logits: $0, targets: $1, scale: 0.3, gradient: $2) },
    ]
    var generator = SeededGenerator(seed: 2)
    let p = memory.matrix(generator.normal(1500).map { $0 * 4 }, rows: 1500, columns: 1)
    let t = memory.matrix(generator.labels(1500, below: 2), rows: 1500, columns: 1)
    for (name, loss) in losses {
      let whole = memory.matrix(rows: 1500, columns: 1)
      loss(p, t, whole)
      for range in [0..<1, 1..<18, 255..<258, 700..<1500] {
        let part = memory.matrix(rows: range.count, columns: 1)
        loss(p.rows(range), t.rows(range), part)
        expectSameBits(part.array, whole.rows(range).array, "\(name), \(range)")
      }
    }
  }
}
