import Foundation
import Lockstep
import LockstepFormats
import LockstepModel
import TestSupport

extension ExportCase {
  /// Every kind of layer that images pass, every place where a BatchNorm may or may not be folded, and behind `flatten`
  /// everything that the order of its numbers is part of.
  static let everyImageLayer = ExportCase(
    name: "every layer of images",
    layers: layers {
      BatchNorm()
      Conv2D(6, kernel: 3, padding: .same)
      BatchNorm()
      ReLU()
      DepthwiseConv2D(kernel: Extent(3, 2), stride: 2, padding: .same, bias: true)
      BatchNorm(statistics: .batch, epsilon: 0.01)
      PReLU()
      Residual {
        Conv2D(8, kernel: 3, stride: Extent(2, 1), padding: .same)
        BatchNorm()
      } projection: {
        Conv2D(8, kernel: 1, stride: Extent(2, 1))
        BatchNorm()
      }
      GELU()
      Repeat(times: 2) {
        DepthwiseConv2D(kernel: 3, padding: .same, dilation: 2)
        PReLU(slopes: .shared)
        SpatialDropout(rate: 0.1)
      }
      MaxPool(2, stride: 1, padding: .same)
      AveragePool(Extent(3, 2), stride: 1, padding: .same)
      Residual {
        Conv2D(8, kernel: 2, padding: .same, dilation: 2)
        SELU()
      }
      MaxPool(Extent(1, 2))
      Flatten()
      BatchNorm()
      Dropout(rate: 0.1)
      PReLU()
      Residual {
        Dense(48)
        BatchNorm()
        PReLU()
      }
      Residual { Dense(48, bias: true) }
      Dense(9)
      Tanh()
      Dense(3)
    }, loss: .softmaxCrossEntropy, input: .image(height: 9, width: 7, channels: 3), outputs: 3)

  /// Images of which only the channels are left.
  static let globalAverage = ExportCase(
    name: "global average",
    layers: layers {
      Conv2D(5, kernel: Extent(2, 3), dilation: 2)
      RReLU()
      AveragePool(2)
      GlobalAveragePool()
      PReLU()
      BatchNorm()
      Dense(1)
    }, loss: .binaryCrossEntropy, input: .image(height: 12, width: 11, channels: 2), outputs: 1)

  /// A flattened image is what the model gives.
  static let flattenedOutput = ExportCase(
    name: "flattened output",
    layers: layers {
      Conv2D(3, kernel: 2)
      Flatten()
      Residual { Dense(12) }
    }, loss: .meanSquaredError, input: .image(height: 3, width: 3, channels: 2), outputs: 12)

  /// A model of images that nobody thought of.
  static func randomImages(seed: Int) -> ExportCase {
    var source = ImageLayerSource(seed: UInt64(5000 + seed))
    let input = source.image()
    let outputs = source.number(2...4)
    var trial = ExportCase(
      name: "images, seed \(seed)", layers: source.layers(of: input) + [Dense(outputs).layer],
      loss: source.element([.softmaxCrossEntropy, .meanSquaredError] as [Loss]), input: input, outputs: outputs)
    trial.isStandardized = source.number(0...1) == 0
    return trial
  }

  private static func layers(@LayerBuilder _ layers: () -> [Layer]) -> [Layer] { layers() }

  /// Random images in files of NumPy, one channel brighter than the one before.
  func images(beside folder: String) throws -> RunConfiguration.DataSources {
    var generator = SeededGenerator(seed: 11)
    let samples = 96
    let x = generator.normal(samples * input.count).enumerated().map { $1 * 2 + Float($0 % input.channels) }
    let paths = (features: "\(folder)-x.npy", targets: "\(folder)-y.npy")
    try write(npy("<f4", [samples] + input.sides, x.map(\.bitPattern)), to: paths.features)
    if loss == .meanSquaredError {
      let y = generator.normal(samples * outputs).map(\.bitPattern)
      try write(npy("<f4", [samples, outputs], y), to: paths.targets)
    } else {
      let classes = UInt32(max(2, outputs))
      try write(npy("<u4", [samples], (0..<samples).map { UInt32($0) % classes }), to: paths.targets)
    }
    return .init(
      train: .file(.npy(features: paths.features, targets: paths.targets)), standardize: isStandardized)
  }

  private func npy(_ descr: String, _ shape: [Int], _ words: [UInt32]) -> [UInt8] {
    NPYHeader.encoded(descr, shape: shape)
      + words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }
}

extension Shape {
  /// What `layer` makes of it; nil where it does not fit.
  fileprivate func after(_ layer: Layer) -> Shape? { try? Model(input: self, layers: [layer]).walk { _ in } }
}

/// Draws lists of few layers of images.
private struct ImageLayerSource {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  mutating func element<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }
  mutating func image() -> Shape { .image(height: number(1...9), width: number(1...9), channels: number(1...5)) }

  private mutating func extent(_ range: ClosedRange<Int>) -> Extent { Extent(number(range), number(range)) }

  /// Layers of images, and of the row that they end as.
  mutating func layers(of input: Shape) -> [Layer] {
    var (shape, layers) = (input, [Layer]())
    for _ in 0..<number(2...7) {
      guard let layer = layer(of: shape, depth: 0), let next = shape.after(layer) else { continue }
      layers.append(layer)
      shape = next
    }
    layers.append(number(0...3) == 0 ? .globalAveragePool : .flatten)
    let width = layers.last == .flatten ? shape.count : shape.channels
    for _ in 0..<number(0...3) {
      switch number(0...3) {
      case 0: layers.append(BatchNorm(epsilon: 1e-3).layer)
      case 1: layers.append(PReLU().layer)
      case 2: layers.append(.activation(.function(element(ActivationFunction.all))))
      default: layers.append(.residual([Dense(width, bias: number(0...1) == 0).layer, BatchNorm().layer]))
      }
    }
    return layers
  }

  /// nil for one that does not fit.
  private mutating func layer(of shape: Shape, depth: Int) -> Layer? {
    let padding = element(Padding.allCases)
    switch number(0...(depth == 0 ? 9 : 7)) {
    case 0, 1:
      return Conv2D(
        number(1...6), kernel: extent(1...4), stride: extent(1...3), padding: padding, dilation: extent(1...2),
        bias: number(0...1) == 0
      ).layer
    case 2:
      return DepthwiseConv2D(
        kernel: extent(1...3), stride: extent(1...2), padding: padding, dilation: extent(1...2),
        bias: number(0...1) == 0
      ).layer
    case 3: return MaxPool(extent(1...3), stride: extent(1...3), padding: padding).layer
    case 4: return AveragePool(extent(1...3), stride: extent(1...3), padding: padding).layer
    case 5: return BatchNorm(statistics: element(BatchNorm.Statistics.allCases), epsilon: 1e-3).layer
    case 6: return element([PReLU().layer, SpatialDropout(rate: 0.3).layer, PReLU(slopes: .shared).layer])
    case 7: return .activation(.function(element(ActivationFunction.all)))
    default:
      var (inner, end) = ([Layer](), shape)
      for _ in 0..<number(1...3) {
        guard let layer = layer(of: end, depth: depth + 1), let next = end.after(layer) else { continue }
        inner.append(layer)
        end = next
      }
      guard !inner.isEmpty else { return nil }
      guard end != shape else { return .residual(inner) }
      guard case .image(let height, let width, _) = shape, case .image(let rows, let columns, let channels) = end
      else { return nil }
      // A kernel of what is too much brings the skip to the same shape.
      let kernel = Extent(height - rows + 1, width - columns + 1)
      return .residual(inner, projection: [Conv2D(channels, kernel: kernel).layer, BatchNorm().layer])
    }
  }
}
