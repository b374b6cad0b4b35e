import LockstepDeclarations
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// Gradients of models that nobody thought of: layers, widths, nesting, shards and loss drawn from a seed.
@Suite struct RandomModelGradientTests {
  @Test(arguments: 1...60)
  func randomModel(seed: Int) throws {
    var source = ModelSource(seed: UInt64(seed))
    let features = source.number(1...6)
    let shards = source.number(1...5)
    // Two rows a shard at least, which statistics of shards need.
    let rows = source.number(2 * shards...2 * shards + 9)
    let loss = source.element([.softmaxCrossEntropy, .meanSquaredError, .binaryCrossEntropy] as [Loss])
    let layers = source.model(features: features)
    var trial = GradientCase(
      "seed \(seed)", features: features, loss: loss, rows: rows, shards: shards, seed: UInt64(seed))
    trial.layers = layers
    try trial.check()
  }

  @Test(arguments: 1...60)
  func randomModelOfImages(seed: Int) throws {
    var source = ModelSource(seed: UInt64(1000 + seed))
    let input = Shape.image(
      height: source.number(1...6), width: source.number(1...6), channels: source.number(1...4))
    let shards = source.number(1...4)
    var trial = GradientCase(
      "images, seed \(seed)", loss: source.element([.softmaxCrossEntropy, .meanSquaredError] as [Loss]),
      rows: source.number(2 * shards...2 * shards + 3), shards: shards, seed: UInt64(seed))
    (trial.input, trial.layers) = (input, source.model(of: input))
    try trial.check()
  }
}

extension Shape {
  /// What `layer` makes of it; nil where it does not fit.
  fileprivate func after(_ layer: Layer) -> Shape? { try? Model(input: self, layers: [layer]).walk { _ in } }
}

/// Draws models of few layers.
private struct ModelSource {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func element<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

  /// A list of layers that ends in a dense one, so that there is something to learn.
  mutating func model(features: Int) -> [Layer] {
    var width = features
    let layers = layers(count: number(1...6), width: &width, depth: 0)
    return layers + [Dense(number(1...4)).layer]
  }

  /// Layers of images, and a dense one.
  mutating func model(of input: Shape) -> [Layer] {
    var (shape, layers) = (input, [Layer]())
    for _ in 0..<number(1...5) {
      guard let layer = layer(of: shape, depth: 0), let next = shape.after(layer) else { continue }
      layers.append(layer)
      shape = next
    }
    return layers + [number(0...1) == 0 ? Flatten().layer : GlobalAveragePool().layer, Dense(number(2...4)).layer]
  }

  /// nil for one that does not fit.
  private mutating func layer(of shape: Shape, depth: Int) -> Layer? {
    let padding = element(Padding.allCases)
    func extent(_ range: ClosedRange<Int>) -> Extent { Extent(number(range), number(range)) }
    switch number(0...(depth == 0 ? 9 : 7)) {
    case 0, 1, 2:
      return Conv2D(
        number(1...5), kernel: extent(1...3), stride: extent(1...2), padding: padding, dilation: extent(1...2),
        bias: number(0...1) == 0
      ).layer
    case 3: return DepthwiseConv2D(kernel: extent(1...3), stride: extent(1...2), padding: padding).layer
    case 4:
      return element([
        MaxPool(extent(1...2), padding: padding).layer, AveragePool(2, stride: 1, padding: padding).layer,
      ])
    case 5: return BatchNorm(statistics: element(BatchNorm.Statistics.allCases), epsilon: 0.1).layer
    case 6: return element([PReLU().layer, SpatialDropout(rate: 0.3).layer, PReLU(slopes: .shared).layer])
    case 7: return Activation.function(element(ActivationFunction.all)).layer
    default:
      var (inner, end) = ([Layer](), shape)
      for _ in 0..<number(0...3) {
        guard let layer = layer(of: end, depth: depth + 1), let next = end.after(layer) else { continue }
        inner.append(layer)
        end = next
      }
      guard end != shape else { return .residual(inner) }
      guard case .image(let height, let width, _) = shape, case .image(let rows, let columns, let channels) = end,
        rows <= height, columns <= width
      else { return nil }
      // A kernel of what is too much brings the skip to the same shape.
      let kernel = Extent(height - rows + 1, width - columns + 1)
      return .residual(inner, projection: [Conv2D(channels, kernel: kernel).layer])
    }
  }

  private mutating func layers(count: Int, width: inout Int, depth: Int) -> [Layer] {
    var result: [Layer] = []
    for _ in 0..<count { result.append(layer(width: &width, depth: depth)) }
    return result
  }

  private mutating func layer(width: inout Int, depth: Int) -> Layer {
    switch number(0...(depth < 2 ? 9 : 7)) {
    case 0, 1:
      width = number(1...7)
      return Dense(width, bias: number(0...1) == 0).layer
    case 2:
      // A large epsilon keeps columns whose values are nearly equal from drowning the comparison in rounding.
      return BatchNorm(statistics: element(BatchNorm.Statistics.allCases), epsilon: 0.1).layer
    case 3: return PReLU(slopes: element(Activation.Slopes.allCases)).layer
    case 4: return element([RReLU().layer, Dropout(rate: 0.25).layer, AlphaDropout(rate: 0.1).layer])
    case 5, 6, 7:
      return Activation.function(element(ActivationFunction.all)).layer
    case 8: return .residual(sameWidth(width, depth: depth))
    default: return .repeated(times: number(1...2), sameWidth(width, depth: depth))
    }
  }

  /// Layers that end with as many units as they begin with.
  private mutating func sameWidth(_ width: Int, depth: Int) -> [Layer] {
    var inner = width
    var result = layers(count: number(0...3), width: &inner, depth: depth + 1)
    if inner != width { result.append(Dense(width).layer) }
    return result
  }
}
