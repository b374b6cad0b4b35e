import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

/// Convolutions of every instruction set against the promised order of their sums, to the bit.
@Suite struct ConvolutionTests {
  /// Shapes of all kinds, shards of no image among the others.
  @Test(arguments: testSeeds) func shapes(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let shape = ConvolutionShape.random(using: &generator)
      let shards = (0..<Int.random(in: 1...7, using: &generator)).map { _ in Int.random(in: 0...2, using: &generator) }
      expectChain(ConvolutionOperands(shape, shardImages: shards, seed: generator.next()))
    }
  }

  /// Strips of some rows of an image, sums over more positions than are worked through at once, panels that do not fit
  /// together, narrow rows of many images.
  private static let large: [(ConvolutionShape, [Int])] = [
    (.same(Extent(40, 40), channels: 33, filters: 3, kernel: Extent(3, 3)), [1]),
    (.same(Extent(23, 23), channels: 5, filters: 33, kernel: Extent(3, 3)), [3, 2]),
    (.same(Extent(2, 300), channels: 61, filters: 2, kernel: Extent(2, 5), stride: Extent(1, 2)), [1]),
    (.same(Extent(5, 5), channels: 500, filters: 70, kernel: Extent(3, 3)), [1]),
    (.same(Extent(4, 4), channels: 70, filters: 500, kernel: Extent(3, 3), stride: Extent(2, 2)), [1, 1]),
    (.same(Extent(9, 7), channels: 64, filters: 65, kernel: Extent(1, 1)), [1, 1, 1]),
    (.same(Extent(4, 3), channels: 20, filters: 35, kernel: Extent(3, 3)), [20, 11]),
    (.same(Extent(30, 6), channels: 90, filters: 17, kernel: Extent(2, 3), stride: Extent(1, 2)), [9]),
  ]

  @Test(arguments: large.indices) func blocks(_ index: Int) {
    let (shape, shards) = ConvolutionTests.large[index]
    expectChain(ConvolutionOperands(shape, shardImages: shards))
  }

  /// The same where the images of each matrix are far apart.
  @Test(arguments: ConvolutionSet.available) func imagesOfWiderMatrices(_ set: ConvolutionSet) {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      let operands = ConvolutionOperands(.random(using: &generator), shardImages: [1, 2], seed: generator.next())
      for gap in [1, 16] {
        expectSameBits(set.forward(operands, gap: gap), set.forward(operands), "\(set), \(operands)")
        expectSameBits(set.inputGradient(operands, gap: gap), set.inputGradient(operands), "\(set), \(operands)")
        expectSameBits(set.weightGradient(operands, gap: gap), set.weightGradient(operands), "\(set), \(operands)")
      }
    }
  }

  /// What is not a number stays in the windows that have it.
  @Test(arguments: ConvolutionSet.available) func otherElementsDoNotTouch(_ set: ConvolutionSet) {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<20 {
      let shape = ConvolutionShape.random(using: &generator)
      let clean = ConvolutionOperands(shape, shardImages: [2], seed: generator.next())
      let expected = set.forward(clean)
      let dirty = Int.random(in: 0..<clean.x.count, using: &generator)
      var operands = clean
      operands.x[dirty] = .nan
      let actual = set.forward(operands)
      for position in 0..<clean.images * shape.output.count {
        let sees = (0..<shape.kernel.count).contains { clean.pixel(position, $0) == dirty / shape.channels }
        for index in position * shape.filters..<(position + 1) * shape.filters
        where sees ? !actual[index].isNaN : actual[index].bitPattern != expected[index].bitPattern {
          Issue.record("\(set), \(clean): a NaN in element \(dirty) gives \(actual[index]) in \(index)")
        }
      }
    }
  }

  /// Zeros outside the image are terms, no numbers times infinity; but not in float32 of eight channels or more.
  @Test(arguments: ConvolutionSet.available, [7, 8]) func zerosOutside(_ set: ConvolutionSet, _ channels: Int) {
    let shape = ConvolutionShape.same(Extent(3, 3), channels: channels, filters: channels, kernel: Extent(3, 3))
    var operands = ConvolutionOperands(shape, shardImages: [1])
    operands.weight[0] = .infinity
    let areTerms = set.precision == .bf16 || channels == 7
    let (y, dx) = (set.forward(operands), set.inputGradient(operands))
    let first = stride(from: 0, to: shape.outputs, by: channels)
    #expect(
      first.map { y[$0].isNaN } == [true, true, true, true, false, false, true, false, false].map { $0 && areTerms })
    #expect(
      first.map { dx[$0].isNaN } == [false, false, true, false, false, true, true, true, true].map { $0 && areTerms })

    // The first pixel's gradient is in the sums of the places that see it, and times zero in those that would outside.
    operands.dy[0] = .infinity
    let gradient = set.weightGradient(operands)
    let isNumber = (0..<shape.kernel.count).map { !gradient[$0 * channels * channels].isNaN }
    #expect(
      isNumber
        == (areTerms ? [false, false, false, false, true, true, false, true, true] : Array(repeating: true, count: 9)))
  }

  /// Kernels of whose places tiles meet many outside: more than a tile may be cut, at both ends, and nothing but such.
  @Test(arguments: [(1, 1), (2, 3), (3, 2), (4, 7), (5, 14), (14, 14), (2, 15), (3, 29)], [1, 3])
  func wideKernels(_ image: (height: Int, width: Int), _ images: Int) {
    for (kernel, stride, dilation) in [(9, 1, 1), (7, 1, 1), (7, 2, 1), (5, 1, 1), (3, 1, 4), (2, 3, 5), (5, 2, 3)] {
      for padding in [0, kernel / 2 * dilation, (kernel - 1) * dilation] {
        let (height, width) = (
          image.height + 2 * padding - (kernel - 1) * dilation, image.width + 2 * padding - (kernel - 1) * dilation
        )
        guard height > 0, width > 0 else { continue }
        let shape = ConvolutionShape(
          image: Extent(image.height, image.width), channels: 8, filters: 17, kernel: Extent(kernel, kernel),
          stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: Extent(padding, padding),
          output: Extent((height - 1) / stride + 1, (width - 1) / stride + 1))
        expectChain(ConvolutionOperands(shape, shardImages: [images, 1]))
      }
    }
  }

  /// All instruction sets with a fused multiply-add give the same bits, on layers as large as those of real networks.
  @Test(arguments: Precision.allCases) func instructionSets(_ precision: Precision) {
    let layers: [ConvolutionShape] = [
      .same(Extent(28, 28), channels: 1, filters: 48, kernel: Extent(5, 5)),
      .same(Extent(14, 14), channels: 48, filters: 96, kernel: Extent(5, 5)),
      .same(Extent(8, 8), channels: 256, filters: 256, kernel: Extent(3, 3)),
      .same(Extent(32, 32), channels: 16, filters: 32, kernel: Extent(3, 3), stride: Extent(2, 2)),
    ]
    let sets = ConvolutionSet.available.filter { $0.precision == precision && $0.fuses == true }
    for layer in layers {
      let operands = ConvolutionOperands(layer, shardImages: [2, 1, 2])
      guard let widest = sets.last else { return }
      for set in sets.dropLast() {
        expectSameBits(set.forward(operands), widest.forward(operands), "\(set), \(operands)")
        expectSameBits(set.inputGradient(operands), widest.inputGradient(operands), "\(set), \(operands)")
        expectSameBits(set.weightGradient(operands), widest.weightGradient(operands), "\(set), \(operands)")
      }
    }
  }

  /// Expects of every instruction set the bits of the chain, where it is known how a multiply-add is rounded, and in
  /// float32 about the sum in Double.
  private func expectChain(_ operands: ConvolutionOperands, sourceLocation: SourceLocation = #_sourceLocation) {
    let (x, weight, dy) = (operands.x.doubles, operands.weight.doubles, operands.dy.doubles)
    let y = Reference.convolution(
      x, weight: weight, bias: operands.bias.doubles, images: operands.images, shape: operands.shape)
    let back = Reference.convolutionBackward(
      x, weight: weight, dy: dy, images: operands.images, shape: operands.shape)
    for (passes, inDouble, compute, chain) in [
      ("forward", y, ConvolutionSet.forward, ConvolutionOperands.forward),
      ("input gradient", back.dx, ConvolutionSet.inputGradient, ConvolutionOperands.inputGradient),
      ("weight gradient", back.weight, ConvolutionSet.weightGradient, ConvolutionOperands.weightGradient),
    ] {
      var chains: [Chain: [Float]] = [:]
      for set in ConvolutionSet.available {
        let (actual, what) = (compute(set)(operands, 0), "\(set), \(passes), \(operands)")
        if let fuses = set.fuses {
          let order = Chain(precision: set.precision, fused: fuses)
          let expected = chains[order] ?? chain(operands)(order)
          chains[order] = expected
          expectSameBits(actual, expected, what, sourceLocation: sourceLocation)
        }
        if set.precision == .float32 {
          expectClose(
            actual: actual, expected: inDouble, absolute: 1e-3, relative: 1e-4, what, sourceLocation: sourceLocation)
        }
      }
    }
  }
}
