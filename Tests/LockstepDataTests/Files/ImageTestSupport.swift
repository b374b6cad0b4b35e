import SampleSupport
import TestSupport

@testable import LockstepData
@testable import LockstepFormats

/// Images that a test makes, and the ways in which files may hold them.
struct Pictures {
  var shape: ImageLayout
  var count: Int
  /// [samples, height, width, channels]
  var pixels: [Float]
  var labels: [UInt8]

  /// Random whole numbers from −200 to 299, so that every way of writing them is exact; two classes.
  init(_ count: Int, height: Int, width: Int, channels: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    shape = ImageLayout(height: height, width: width, channels: channels)
    self.count = count
    pixels = (0..<count * height * width * channels).map { _ in Float(generator.next() % 500) - 200 }
    labels = (0..<count).map { UInt8($0 % 2) }
  }

  var rows: [[Float]] { (0..<count).map { Array(pixels[$0 * shape.shape.count..<($0 + 1) * shape.shape.count]) } }

  /// [samples, channels, height, width], by the definition of the axes.
  var planes: [Float] {
    let (h, w, c) = (shape.height, shape.width, shape.channels)
    var planes = [Float](repeating: .nan, count: pixels.count)
    for n in 0..<count {
      for y in 0..<h {
        for x in 0..<w {
          for k in 0..<c { planes[((n * c + k) * h + y) * w + x] = pixels[((n * h + y) * w + x) * c + k] }
        }
      }
    }
    return planes
  }

  /// This layout with its channels first in files.
  var planar: ImageLayout {
    ImageLayout(height: shape.height, width: shape.width, channels: shape.channels, order: .channelsFirst)
  }

  /// Mean and standard deviation of every channel, in two passes; 1 for a constant.
  var scales: [(mean: Double, deviation: Double)] {
    (0..<shape.channels).map { channel in
      let values = stride(from: channel, to: pixels.count, by: shape.channels).map { Double(pixels[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (mean, variance == 0 ? 1 : variance.squareRoot())
    }
  }
}

/// A file of NumPy's format.
func npy(_ descr: String, _ shape: [Int], _ body: [UInt8]) -> [UInt8] { NPYHeader.encoded(descr, shape: shape) + body }

func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
  npy("<f4", shape, values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
}
