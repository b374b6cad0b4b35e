import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

/// Pooling against its formulas in Double, over shapes of all kinds.
@Suite struct PoolingTests {
  let memory = TestMemory()

  @Test(arguments: testSeeds) func shapes(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      guard let shape = pooling(using: &generator) else { continue }
      // Few values, so that windows have equal ones.
      let x = generator.normal(3 * shape.inputs).map { ($0 * 2).rounded() }
      let dy = generator.normal(3 * shape.outputs)
      let results = pooled(x, dy, shape)
      let images = 3
      expectSameBits(
        results.max, Reference.maxPool(x.doubles, images: images, shape: shape).map { Float($0) }, shape.words)
      expectClose(
        actual: results.maxGradient,
        expected: Reference.maxPoolBackward(x.doubles, dy: dy.doubles, images: images, shape: shape), shape.words)
      expectClose(
        actual: results.average, expected: Reference.averagePool(x.doubles, images: images, shape: shape), shape.words)
      expectClose(
        actual: results.averageGradient,
        expected: Reference.averagePoolBackward(dy: dy.doubles, images: images, shape: shape), shape.words)
    }
  }

  /// The whole image is one window; sums of its rows are added, so that many pixels lose no more than few.
  @Test func global() {
    let shape = ConvolutionShape(
      image: Extent(200, 150), channels: 3, kernel: Extent(200, 150), output: Extent(1, 1))
    var generator = SeededGenerator(seed: 1)
    let x = generator.uniform(3 * shape.inputs, in: 0...1)
    let dy = generator.normal(3 * shape.outputs)
    let results = pooled(x, dy, shape)
    expectClose(
      actual: results.average, expected: Reference.averagePool(x.doubles, images: 3, shape: shape), absolute: 0,
      relative: 2e-6)
    expectClose(
      actual: results.averageGradient, expected: Reference.averagePoolBackward(dy: dy.doubles, images: 3, shape: shape),
      absolute: 0, relative: 1e-6)
  }

  /// The first NaN wins, and of zeros the first, whatever their signs.
  @Test func specialValues() {
    let shape = ConvolutionShape(image: Extent(1, 4), channels: 1, kernel: Extent(1, 4), output: Extent(1, 1))
    let cases: [(x: [Float], winner: Int)] = [
      ([1, .nan, 5, .nan], 1), ([-0.0, 0, -1, 0], 0), ([0, -0.0, 0, 0], 0), ([.nan, .infinity, 0, 0], 0),
      ([-.infinity, -.infinity, -.infinity, -.infinity], 0), ([-.infinity, -3, -3, -4], 1), ([1, 2, 3, 4], 3),
    ]
    for (x, winner) in cases {
      let (image, y) = (memory.matrix(x, rows: 1, columns: 4), memory.matrix(rows: 1, columns: 1))
      let dx = memory.matrix(rows: 1, columns: 4)
      Pooling.max(image, into: y, shape: shape)
      Pooling.maxInputGradient(
        x: image, y: y, dy: memory.matrix([7], rows: 1, columns: 1), into: dx, shape: shape)
      #expect(y.array[0].bitPattern == x[winner].bitPattern, "\(x)")
      #expect(dx.array == (0..<4).map { $0 == winner ? 7 : 0 }, "\(x)")
    }
  }

  /// The derivative of the activation before, in cache, has the bits of one of the whole gradient.
  @Test(arguments: [ActivationFunction.relu, .selu, .leakyReLU(negativeSlope: 0.1)])
  func throughActivations(_ function: ActivationFunction) {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<40 {
      guard let shape = pooling(using: &generator) else { continue }
      let x = memory.matrix(generator.normal(3 * shape.inputs), rows: 3, columns: shape.inputs)
      function.forward(x.elements, into: x.elements)
      let dy = memory.matrix(generator.normal(3 * shape.outputs), rows: 3, columns: shape.outputs)
      let y = memory.matrix(rows: 3, columns: shape.outputs)
      let (plain, through) = (
        memory.matrix(rows: 3, columns: shape.inputs), memory.matrix(rows: 3, columns: shape.inputs)
      )
      func expectSame(_ what: String, _ backward: (ActivationFunction?, Range<Int>, Matrix) -> Void) {
        backward(nil, 0..<shape.channels, plain)
        function.backward(x: x.elements, y: x.elements, dy: plain.elements, into: plain.elements)
        for parts in [[0..<shape.channels], halves(shape.channels)] {
          through.elements.fill(.nan)
          for channels in parts { backward(function, channels, through) }
          expectSameBits(through.array, plain.array, "\(what), derivative of \(function), \(shape.words)")
        }
      }
      Pooling.max(x, into: y, shape: shape)
      expectSame("max") {
        Pooling.maxInputGradient(x: x, y: y, dy: dy, throughInput: $0, into: $2, shape: shape, channels: $1)
      }
      expectSame("average") {
        Pooling.averageInputGradient(
          dy, throughInput: $0.map { ($0, value: x) }, into: $2, shape: shape, channels: $1)
      }
    }
  }

  /// An image's bits do not depend on those beside it, nor a channel's on others'; and they are the same far apart.
  private func pooled(
    _ x: [Float], _ dy: [Float], _ shape: ConvolutionShape
  ) -> (max: [Float], maxGradient: [Float], average: [Float], averageGradient: [Float]) {
    let (x, dy) = (
      memory.matrix(x, rows: 3, columns: shape.inputs, misalignment: 1),
      memory.matrix(dy, rows: 3, columns: shape.outputs)
    )
    let results = [shape.outputs, shape.inputs, shape.outputs, shape.inputs].map {
      memory.matrix(rows: 3, columns: $0)
    }
    for rows in [0..<1, 1..<3] {
      for channels in halves(shape.channels) {
        Pooling.max(x.rows(rows), into: results[0].rows(rows), shape: shape, channels: channels)
        Pooling.maxInputGradient(
          x: x.rows(rows), y: results[0].rows(rows), dy: dy.rows(rows), into: results[1].rows(rows), shape: shape,
          channels: channels)
        Pooling.average(x.rows(rows), into: results[2].rows(rows), shape: shape, channels: channels)
        Pooling.averageInputGradient(dy.rows(rows), into: results[3].rows(rows), shape: shape, channels: channels)
      }
    }
    let arrays = results.map(\.array)
    return (arrays[0], arrays[1], arrays[2], arrays[3])
  }

  private func pooling(using generator: inout SeededGenerator) -> ConvolutionShape? {
    let shape = ConvolutionShape.random(using: &generator, mostChannels: 70).depthwise
    return shape.dilation == Extent(1, 1) && shape.seesImageEverywhere ? shape : nil
  }
}
