import LockstepKernels
import TestSupport
import Testing

/// A label that names no class makes the loss of its row not a number, and neither reads nor writes beyond the row.
@Suite struct ImpossibleLabelTests {
  let memory = TestMemory()

  /// On both sides of the change from rows in lanes to classes in lanes.
  @Test(arguments: [1, 2, 10, 32, 33, 257], [0, 18])
  func oneOfManyRows(_ classes: Int, _ place: Int) throws {
    var generator = SeededGenerator(seed: 3)
    let rows = 19
    let labels = generator.labels(rows, below: classes)
    let z = memory.matrix(generator.normal(rows * classes), rows: rows, columns: classes)
    let right = memory.matrix(rows: rows, columns: classes)
    let good = LossKernels.softmaxCrossEntropy(
      logits: z, labels: memory.matrix(labels, rows: rows, columns: 1), smoothing: 0.1, scale: 0.5, gradient: right)
    #expect(good.sum.isFinite)
    let count = Float(classes)
    for wrong in [-1, -1e-9, 0.5, count - 0.5, count, count + 1, 1e9, -1e9, 1e30, .infinity, -.infinity, .nan] {
      var labels = labels
      labels[place] = wrong
      let margin = 512
      let guarded = memory.vector(count: rows * classes + 2 * margin, filledWith: 7)
      let gradient = guarded[margin..<margin + rows * classes].matrix(rows: rows, columns: classes)
      let broken = memory.matrix(labels, rows: rows, columns: 1)
      for smoothing in [Float(0.1), 0] {
        let result = LossKernels.softmaxCrossEntropy(
          logits: z, labels: broken, smoothing: smoothing, scale: 0.5, gradient: gradient)
        #expect(result.sum.isNaN, "the label \(wrong) of \(classes) classes")
        #expect(result.correct <= good.correct)
        let alone = LossKernels.softmaxCrossEntropy(
          logits: z, labels: broken, smoothing: smoothing, scale: 0.5, gradient: nil)
        #expect(alone.sum.isNaN && alone.correct == result.correct)
      }
      #expect(guarded[0..<margin].array.allSatisfy { $0 == 7 }, "before the gradient, label \(wrong)")
      #expect(guarded[guarded.count - margin..<guarded.count].array.allSatisfy { $0 == 7 }, "after it, label \(wrong)")
      // The other rows are not touched by it.
      _ = LossKernels.softmaxCrossEntropy(logits: z, labels: broken, smoothing: 0.1, scale: 0.5, gradient: gradient)
      for row in 0..<rows where row != place {
        expectSameBits(gradient.row(row).array, right.row(row).array, "row \(row), label \(wrong)")
      }
    }
  }
}
