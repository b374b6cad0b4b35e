import CKernels
import LockstepDeclarations
import LockstepKernels
import TestSupport

/// What a convolution and its gradients are given.
struct ConvolutionOperands: CustomStringConvertible {
  let shape: ConvolutionShape
  let shardImages: [Int]
  let seed: UInt64
  var x: [Float]
  var weight: [Float]
  var bias: [Float]
  var dy: [Float]

  init(_ shape: ConvolutionShape, shardImages: [Int], seed: UInt64 = 1) {
    var generator = SeededGenerator(seed: seed)
    (self.shape, self.shardImages, self.seed) = (shape, shardImages, seed)
    let images = shardImages.reduce(0, +)
    (x, dy) = (generator.normal(images * shape.inputs), generator.normal(images * shape.outputs))
    (weight, bias) = (generator.normal(shape.window * shape.filters), generator.normal(shape.filters))
  }

  var images: Int { shardImages.reduce(0, +) }

  var description: String { "\(shape.words), images \(shardImages), seed \(seed)" }

  // MARK: The promised order, by the matrix products' own

  /// Whether zeros outside an image are left out of float32's sums over pixels of so many channels.
  static func skipsPadding(_ precision: Precision, channels: Int) -> Bool { precision == .float32 && channels >= 8 }

  /// The window of every position, gathered as a row of a product with the weight.
  func forward(_ chain: Chain) -> [Float] {
    let skips = ConvolutionOperands.skipsPadding(chain.precision, channels: shape.channels)
    return (0..<images * shape.output.count).flatMap { position in
      let places = (0..<shape.kernel.count).filter { !skips || pixel(position, $0) != nil }
      return chain.row(
        places.flatMap { x(pixel(position, $0)) }, places.flatMap(weight(of:)), columns: shape.filters, bias: bias)
    }
  }

  /// The positions that have a pixel at a place of the kernel, or all, gathered as rows of the place's own gradient.
  func weightGradient(_ chain: Chain) -> [Float] {
    let skips = ConvolutionOperands.skipsPadding(chain.precision, channels: shape.channels)
    return (0..<shape.kernel.count).flatMap { place in
      var shardRows: [Int] = []
      var (windows, gradients): ([Float], [Float]) = ([], [])
      var first = 0
      for images in shardImages {
        let positions = (first..<first + images * shape.output.count).filter { !skips || pixel($0, place) != nil }
        windows += positions.flatMap { x(pixel($0, place)) }
        gradients += positions.flatMap { dy[$0 * shape.filters..<($0 + 1) * shape.filters] }
        shardRows.append(positions.count)
        first += images * shape.output.count
      }
      var gradient = GradientOperands(shardRows: shardRows, inputs: shape.channels, units: shape.filters)
      (gradient.x, gradient.dy) = (windows, gradients)
      return chain.weightGradient(gradient)
    }
  }

  /// A pixel at a time, over the places of the kernel at which a position may see it.
  func inputGradient(_ chain: Chain) -> [Float] {
    let (channels, filters) = (shape.channels, shape.filters)
    let skips = ConvolutionOperands.skipsPadding(chain.precision, channels: filters)
    return (0..<images * shape.image.count).flatMap { pixel in
      let (image, row, column) = (
        pixel / shape.image.count, pixel % shape.image.count / shape.image.width, pixel % shape.image.width
      )
      var (left, right): ([Float], [Float]) = ([], [])
      for place in 0..<shape.kernel.count {
        let down = row + shape.padding.height - place / shape.kernel.width * shape.dilation.height
        let across = column + shape.padding.width - place % shape.kernel.width * shape.dilation.width
        guard down % shape.stride.height == 0, across % shape.stride.width == 0 else { continue }
        let (r, c) = (down / shape.stride.height, across / shape.stride.width)
        let isInside = down >= 0 && across >= 0 && r < shape.output.height && c < shape.output.width
        guard isInside || !skips else { continue }
        for filter in 0..<filters {
          let position = image * shape.output.count + r * shape.output.width + c
          left.append(isInside ? dy[position * filters + filter] : 0)
          right += (0..<channels).map { weight[(place * channels + $0) * filters + filter] }
        }
      }
      return chain.row(left, right, columns: channels)
    }
  }

  /// The channels of a pixel, zeros outside the image.
  private func x(_ pixel: Int?) -> ArraySlice<Float> {
    pixel.map { x[$0 * shape.channels..<($0 + 1) * shape.channels] } ?? ArraySlice(repeating: 0, count: shape.channels)
  }

  /// The weight of a place of the kernel: [channels, filters].
  private func weight(of place: Int) -> ArraySlice<Float> {
    let elements = shape.channels * shape.filters
    return weight[place * elements..<(place + 1) * elements]
  }

  /// The pixel, among all images', that a position sees at a place of the kernel; nil outside the image.
  func pixel(_ position: Int, _ place: Int) -> Int? {
    let (image, row, column) = (
      position / shape.output.count, position % shape.output.count / shape.output.width, position % shape.output.width
    )
    let r = row * shape.stride.height + place / shape.kernel.width * shape.dilation.height - shape.padding.height
    let c = column * shape.stride.width + place % shape.kernel.width * shape.dilation.width - shape.padding.width
    guard r >= 0, c >= 0, r < shape.image.height, c < shape.image.width else { return nil }
    return image * shape.image.count + r * shape.image.width + c
  }
}

extension ConvolutionShape {
  /// A convolution that `same` or `valid` padding gives, or another: kernels larger than strides and smaller, apart or
  /// not, on images of one pixel or more.
  static func random(using generator: inout SeededGenerator, mostChannels: Int = 40) -> ConvolutionShape {
    while true {
      func extent(_ range: ClosedRange<Int>) -> Extent {
        Extent(Int.random(in: range, using: &generator), Int.random(in: range, using: &generator))
      }
      var (kernel, stride, dilation) = (extent(1...4), extent(1...3), Extent(1, 1))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0...1: (kernel, stride) = (Extent(3, 3), Extent(1, 1))
      case 2: dilation = extent(1...3)
      default: break
      }
      let image = Bool.random(using: &generator) ? extent(1...9) : Extent(3, Int.random(in: 10...40, using: &generator))
      let (before, behind) = (
        Extent(
          Int.random(in: 0..<kernel.height, using: &generator), Int.random(in: 0..<kernel.width, using: &generator)),
        Extent(
          Int.random(in: 0..<kernel.height, using: &generator), Int.random(in: 0..<kernel.width, using: &generator))
      )
      let left = Extent(
        image.height + before.height + behind.height - (kernel.height - 1) * dilation.height - 1,
        image.width + before.width + behind.width - (kernel.width - 1) * dilation.width - 1)
      guard left.height >= 0, left.width >= 0 else { continue }
      let most = Bool.random(using: &generator) ? 5 : mostChannels
      return ConvolutionShape(
        image: image, channels: Int.random(in: 1...most, using: &generator),
        filters: Int.random(in: 1...mostChannels, using: &generator), kernel: kernel, stride: stride,
        dilation: dilation, padding: before,
        output: Extent(left.height / stride.height + 1, left.width / stride.width + 1))
    }
  }

  /// Output as large as the image divided by the stride, rounded up; more zeros behind than before where they are odd.
  static func same(
    _ image: Extent, channels: Int, filters: Int? = nil, kernel: Extent, stride: Extent = Extent(1, 1)
  ) -> ConvolutionShape {
    func before(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
      max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size) / 2
    }
    return ConvolutionShape(
      image: image, channels: channels, filters: filters, kernel: kernel, stride: stride,
      padding: Extent(
        before(image.height, kernel.height, stride.height), before(image.width, kernel.width, stride.width)),
      output: Extent(
        (image.height + stride.height - 1) / stride.height, (image.width + stride.width - 1) / stride.width))
  }

  /// The same with a filter a channel.
  var depthwise: ConvolutionShape {
    ConvolutionShape(
      image: image, channels: channels, kernel: kernel, stride: stride, dilation: dilation, padding: padding,
      output: output)
  }

  var words: String {
    func words(_ extent: Extent) -> String { "\(extent.height) × \(extent.width)" }
    return """
      \(words(image)) × \(channels) → \(words(output)) × \(filters), kernel \(words(kernel)), stride \(words(stride)), \
      dilation \(words(dilation)), padding \(words(padding))
      """
  }

  var inC: lk_convolution {
    lk_convolution(
      height: image.height, width: image.width, output_height: output.height, output_width: output.width,
      kernel_height: kernel.height, kernel_width: kernel.width, stride_height: stride.height,
      stride_width: stride.width, dilation_height: dilation.height, dilation_width: dilation.width,
      before_height: padding.height, before_width: padding.width, channels: channels, filters: filters)
  }
}
