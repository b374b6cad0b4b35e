import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// Gathers which pixels the centre of the last image is made of — Luo, Li, Urtasun, Zemel 2016, "Understanding the
/// Effective Receptive Field in Deep Convolutional Neural Networks", https://arxiv.org/abs/1701.04128
final class FieldRecord {
  /// Rows to look at, at least, where there are so many: what single samples and channels see is averaged.
  private static let enough = 256
  /// Of the magnitude, what the effective field holds.
  private static let share = 0.95

  private let image: LastImage
  private let layer: String
  private let shape: Shape
  /// Σ |d centre / d input|, by number of the input.
  private var magnitudes: [Double]
  private var rows = 0

  /// Nil where no layer of `network` gives an image.
  init?(_ network: Network) {
    guard let image = network.model.lastImage, let layer = network.layers.last(where: \.isImage) else { return nil }
    (self.image, self.layer, shape) = (image, layer.path, network.model.input)
    magnitudes = [Double](repeating: 0, count: shape.count)
  }

  /// Looks at the pass that stands in `memory`, a channel after the other from row to row, as long as it has not seen
  /// enough.
  func look(at memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    guard rows < Self.enough else { return }
    guard let gradient = memory.inputGradient(ofLastImage: pass, exchange, channel: { rows + $0 }) else { return }
    gradient.addMagnitudes(to: &magnitudes)
    rows += gradient.rows
  }

  /// What was seen.
  var field: Diagnosis.ReceptiveField {
    var down = [Double](repeating: 0, count: image.input.height)
    var across = [Double](repeating: 0, count: image.input.width)
    for (index, magnitude) in magnitudes.enumerated() {
      let position = index / shape.channels
      down[position / image.input.width] += magnitude
      across[position % image.input.width] += magnitude
    }
    let sides = Self.side(of: down).flatMap { height in Self.side(of: across).map { Extent(height, $0) } }
    return Diagnosis.ReceptiveField(
      layer: layer, image: image.input, theoretical: image.field.extent, effective: sides)
  }

  /// The length of the shortest run that holds the share of the sum; nil where there is nothing, or no number.
  static func side(of magnitudes: [Double]) -> Int? {
    let total = magnitudes.reduce(0, +)
    guard total > 0, total.isFinite else { return nil }
    return magnitudes.indices.compactMap { start -> Int? in
      var sum = 0.0
      for end in start..<magnitudes.count {
        sum += magnitudes[end]
        if sum >= share * total { return end - start + 1 }
      }
      return nil
    }.min()
  }
}
