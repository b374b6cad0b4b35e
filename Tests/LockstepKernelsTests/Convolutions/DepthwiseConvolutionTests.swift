import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

/// Depthwise convolutions against a chain a channel, to the bit, and the sum in Double.
@Suite struct DepthwiseConvolutionTests {
  let memory = TestMemory()

  @Test(arguments: testSeeds) func shapes(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let shape = ConvolutionShape.random(using: &generator, mostChannels: 70).depthwise
      let shards = (0..<Int.random(in: 1...7, using: &generator)).map { _ in Int.random(in: 0...2, using: &generator) }
      expectChain(DepthwiseOperands(shape, shardImages: shards, seed: generator.next()))
    }
  }

  /// An image in several strips, of all its channels and of some.
  @Test func strips() {
    expectChain(
      DepthwiseOperands(.same(Extent(40, 41), channels: 50, kernel: Extent(3, 3)), shardImages: [1, 1, 1], seed: 1))
    expectChain(
      DepthwiseOperands(
        .same(Extent(37, 40), channels: 37, kernel: Extent(5, 2), stride: Extent(2, 1)), shardImages: [2], seed: 2))
  }

  /// An activation of rows in cache has the bits of one of the whole result, and so has its derivative.
  @Test func activations() {
    var generator = SeededGenerator(seed: 5)
    let function = ActivationFunction.selu
    for _ in 0..<20 {
      let operands = DepthwiseOperands(
        .random(using: &generator).depthwise, shardImages: [2], seed: generator.next())
      let (x, y) = (operands.x(in: memory), memory.matrix(rows: 2, columns: operands.shape.outputs))
      let (value, dx) = (
        memory.matrix(rows: 2, columns: operands.shape.inputs), memory.matrix(rows: 2, columns: operands.shape.inputs)
      )
      function.forward(x.elements, into: value.elements)
      let expected = memory.vector(operands.forward(in: memory))
      function.forward(expected, into: expected)
      let gradient = memory.vector(operands.inputGradient(in: memory))
      function.backward(x: x.elements, y: value.elements, dy: gradient, into: gradient)
      let scratch = ConvolutionScratch(depthwise: [operands.shape])
      for channels in halves(operands.shape.channels) {
        DepthwiseConvolution.forward(
          x, operands.weight(in: memory), bias: memory.vector(operands.bias), then: function, into: y,
          shape: operands.shape, channels: channels, scratch: scratch)
        DepthwiseConvolution.inputGradient(
          operands.dy(in: memory), operands.weight(in: memory), throughInput: (function, value: value), into: dx,
          shape: operands.shape, channels: channels, scratch: scratch)
      }
      expectSameBits(y.array, expected.array, "\(operands)")
      expectSameBits(dx.array, gradient.array, "\(operands)")
    }
  }

  private func expectChain(_ operands: DepthwiseOperands, sourceLocation: SourceLocation = #_sourceLocation) {
    let shape = operands.shape
    let (x, weight, dy) = (operands.x.doubles, operands.weight.doubles, operands.dy.doubles)
    let y = Reference.depthwiseConvolution(
      x, weight: weight, bias: operands.bias.doubles, images: operands.images, shape: shape)
    let back = Reference.depthwiseConvolutionBackward(x, weight: weight, dy: dy, images: operands.images, shape: shape)
    for (pass, actual, inDouble, chain) in [
      ("forward", operands.forward(in: memory), y, { $0.forward($1) }),
      ("input gradient", operands.inputGradient(in: memory), back.dx, { $0.inputGradient($1) }),
      ("weight gradient", operands.weightGradient(in: memory), back.weight, { $0.weightGradient($1) }),
    ] as [(String, [Float], [Double], (ConvolutionOperands, Chain) -> [Float])] {
      expectClose(
        actual: actual, expected: inDouble, absolute: 1e-4, relative: 1e-5, "\(pass), \(operands)",
        sourceLocation: sourceLocation)
      guard let fuses = ProductSet.available(.float32).last?.fuses else { continue }
      expectSameBits(
        actual, operands.byChannel { chain($0, Chain(precision: .float32, fused: fuses)) }, "\(pass), \(operands)",
        sourceLocation: sourceLocation)
    }
  }
}

/// What a depthwise convolution and its gradients are given.
private struct DepthwiseOperands: CustomStringConvertible {
  let shape: ConvolutionShape
  let shardImages: [Int]
  let x, weight, bias, dy: [Float]

  init(_ shape: ConvolutionShape, shardImages: [Int], seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    (self.shape, self.shardImages) = (shape, shardImages)
    let images = shardImages.reduce(0, +)
    (x, dy) = (generator.normal(images * shape.inputs), generator.normal(images * shape.outputs))
    (weight, bias) = (generator.normal(shape.kernel.count * shape.channels), generator.normal(shape.channels))
  }

  var images: Int { shardImages.reduce(0, +) }
  var description: String { "\(shape.words), images \(shardImages)" }

  func x(in memory: TestMemory) -> Matrix {
    memory.matrix(x, rows: images, columns: shape.inputs, misalignment: 1)
  }
  func dy(in memory: TestMemory) -> Matrix {
    memory.matrix(dy, rows: images, columns: shape.outputs, misalignment: 3)
  }
  func weight(in memory: TestMemory) -> Matrix {
    memory.matrix(weight, rows: shape.kernel.count, columns: shape.channels, misalignment: 5)
  }

  func forward(in memory: TestMemory) -> [Float] {
    let y = memory.matrix(rows: images, columns: shape.outputs)
    for channels in halves(shape.channels) {
      DepthwiseConvolution.forward(
        x(in: memory), weight(in: memory), bias: memory.vector(bias), into: y, shape: shape, channels: channels,
        scratch: ConvolutionScratch(depthwise: [shape]))
    }
    return y.array
  }

  func inputGradient(in memory: TestMemory) -> [Float] {
    let dx = memory.matrix(rows: images, columns: shape.inputs)
    for channels in halves(shape.channels) {
      DepthwiseConvolution.inputGradient(
        dy(in: memory), weight(in: memory), into: dx, shape: shape, channels: channels,
        scratch: ConvolutionScratch(depthwise: [shape]))
    }
    return dx.array
  }

  func weightGradient(in memory: TestMemory) -> [Float] {
    let gradient = memory.matrix(rows: shape.kernel.count, columns: shape.channels)
    let slots = Slots(repeating: 0, count: shardImages.count)
    for (index, images) in shardImages.enumerated() { slots[index] = images }
    for channels in halves(shape.channels) {
      DepthwiseConvolution.weightGradient(
        x: x(in: memory), dy: dy(in: memory), shardImages: slots, into: gradient, shape: shape, channels: channels,
        scratch: ConvolutionScratch(depthwise: [shape], shards: slots.count))
    }
    return gradient.array
  }

  /// What a convolution of one channel and one filter gives, channel by channel.
  func byChannel(_ compute: (ConvolutionOperands) -> [Float]) -> [Float] {
    let channels = shape.channels
    let one = ConvolutionShape(
      image: shape.image, channels: 1, kernel: shape.kernel, stride: shape.stride, dilation: shape.dilation,
      padding: shape.padding, output: shape.output)
    let results = (0..<channels).map { channel in
      func its(_ elements: [Float]) -> [Float] {
        stride(from: channel, to: elements.count, by: channels).map { elements[$0] }
      }
      var operands = ConvolutionOperands(one, shardImages: shardImages)
      (operands.x, operands.weight, operands.bias, operands.dy) = (its(x), its(weight), its(bias), its(dy))
      return compute(operands)
    }
    return (0..<results[0].count * channels).map { results[$0 % channels][$0 / channels] }
  }
}
