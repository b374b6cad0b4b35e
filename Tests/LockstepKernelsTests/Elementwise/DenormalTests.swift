import LockstepKernels
import TestSupport
import Testing

/// Underflow is gradual, which every processor computes alike, and what is handed on holds no denormals.
@Suite struct DenormalTests {
  private let memory = TestMemory()

  /// Where processors that flush denormals differ: this one is just below the smallest normal number before it is
  /// rounded, and that number after.
  @Test func gradually() {
    let (a, b): (Float, Float) = ((1 + 0x1p-13) * 0x1p-63, (1 - 0x1p-13) * 0x1p-63)
    let (x, y, z) = (
      memory.matrix(rows: 1, columns: 1), memory.matrix(rows: 1, columns: 1), memory.matrix(rows: 1, columns: 1)
    )
    for (first, second, product) in [(a, b, 0x1p-126), (0x1p-63, 0x1p-64, 0x1p-127), (0x1p-100, 0x1p-49, 0x1p-149)]
      as [(Float, Float, Float)]
    {
      (x[0, 0], y[0, 0]) = (first, second)
      withFloatingPointEnvironment {
        multiply(x, y, into: z, scratch: ProductScratch(shards: 1, shardRows: 1, weights: [(1, 1)]))
      }
      #expect(z[0, 0] == product)
      withFloatingPointEnvironment { multiplyElements(x.elements, y.elements, into: z.elements) }
      #expect(z[0, 0] == product)
    }
  }

  /// Tiny numbers of either sign, many of which a factor below 1 makes denormal.
  private func tiny(_ count: Int, seed: UInt64) -> Vector {
    var generator = SeededGenerator(seed: seed)
    let vector = memory.vector(count: count)
    vector.copy(from: generator.normal(count).map { $0 * 0x1p-125 })
    return vector
  }

  private func expectNoDenormal(_ vector: Vector, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!vector.array.contains { $0.isSubnormal }, "\(what)", sourceLocation: sourceLocation)
  }

  @Test(arguments: ActivationFunction.all) func gradientsOfActivations(_ function: ActivationFunction) {
    let count = 999
    var generator = SeededGenerator(seed: 1)
    let (x, y, dx) = (memory.vector(count: count), memory.vector(count: count), memory.vector(count: count))
    x.copy(from: generator.normal(count))
    withFloatingPointEnvironment {
      function.forward(x, into: y)
      function.backward(x: x, y: y, dy: tiny(count, seed: 2), into: dx)
    }
    expectNoDenormal(dx, function.name)
  }

  @Test func gradientsOfLosses() {
    let (rows, columns) = (37, 5)
    let prediction = tiny(rows * columns, seed: 3).matrix(rows: rows, columns: columns)
    let target = tiny(rows * columns, seed: 4).matrix(rows: rows, columns: columns)
    let (labels, gradient) = (
      memory.matrix(rows: rows, columns: 1, filledWith: 0), memory.matrix(rows: rows, columns: columns)
    )
    withFloatingPointEnvironment {
      _ = LossKernels.squaredError(prediction, target, scale: 0.1, gradient: gradient)
      expectNoDenormal(gradient.elements, "squared error")
      _ = LossKernels.huber(prediction, target, delta: 1, scale: 0.1, gradient: gradient)
      expectNoDenormal(gradient.elements, "huber")
      // What is left of the probability of a class whose logit is 80 below the largest.
      for classes in [5, 40] {
        let logits = memory.matrix(rows: 9, columns: classes)
        for row in 0..<9 { for k in 0..<classes { logits[row, k] = k == 0 ? 0 : -80 - Float(row) } }
        let gradient = memory.matrix(rows: 9, columns: classes)
        _ = LossKernels.softmaxCrossEntropy(
          logits: logits, labels: labels.rows(0..<9), smoothing: 0, scale: 1e-3, gradient: gradient)
        expectNoDenormal(gradient.elements, "softmax of \(classes)")
        _ = LossKernels.binaryCrossEntropy(
          logits: logits, targets: memory.matrix(rows: 9, columns: classes, filledWith: 0), scale: 1e-3,
          gradient: gradient)
        expectNoDenormal(gradient.elements, "binary cross entropy of \(classes)")
      }
    }
  }

  /// Moments fade once gradients are 0, through the denormals, in which they do not stay.
  @Test(arguments: Optimizer.all + [.sgd(learningRate: 0.1, momentum: 0.9)]) func fadingMoments(_ optimizer: Optimizer)
  {
    let count = 99
    let (parameter, gradient) = (tiny(count, seed: 5), memory.vector(count: count, filledWith: 0))
    let slots = optimizer.slots.indices.map { tiny(count, seed: 6 + UInt64($0)) }
    for slot in slots { for index in 0..<count { slot[index] = slot[index].magnitude } }
    var progress = OptimizerProgress()
    for _ in 0..<UpdateRule.updatesBetweenFlushes {
      withFloatingPointEnvironment {
        optimizer.with(learningRate: 1e-30).rule(factor: 1, progress: &progress).apply(
          to: parameter, gradient: gradient, first: slots.first, second: slots.dropFirst().first, keep: 0.9)
      }
    }
    for vector in [parameter] + slots { expectNoDenormal(vector, optimizer.name) }
  }

  @Test func fadingAverage() {
    let (average, zeros) = (tiny(99, seed: 7), memory.vector(count: 99, filledWith: 0))
    withFloatingPointEnvironment { UpdateKernels.moveAverage(average, zeros, rest: 0.5) }
    expectNoDenormal(average, "average")
    #expect(average.array.contains { $0 != 0 })
  }
}
