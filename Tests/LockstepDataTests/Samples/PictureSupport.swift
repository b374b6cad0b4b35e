import Foundation
import LockstepData
import LockstepKernels
import SampleSupport

/// What a synthetic picture takes its numbers from, drawn again by definition.
struct PictureWords {
  let words: [UInt32]

  /// Elements [32, 96) of the stream of a sample's label.
  init(sample: Int, seed: UInt64) {
    let name = "train".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let key = RandomKey(seed: seed, purpose: .labels, index: name)
    words = Array(key.stream(UInt64(sample)).words(count: 96)[32...])
  }

  func turn(_ i: Int) -> Double { Double(words[i]) / 0x1p32 }
  func unit(_ i: Int) -> Double { Double(words[i] >> 8) / 0x1p24 }

  /// The colour that begins at word i.
  func colour(_ i: Int, channels: Int) -> [Double] {
    (0..<channels).map { c in
      let v = unit(i + c) - 0.5
      return v < 0 ? v - 0.5 : v + 0.5
    }
  }
}

extension SyntheticSpecification {
  /// Raw pictures without noise.
  static func plain(_ kind: Generator, classes: Int, samples: Int = 1000) -> SyntheticSpecification {
    SyntheticSpecification(pictures: kind, samples: samples, classes: classes, standardize: false)
  }
}

func cosine(turns: Double) -> Double { cos(2 * Double.pi * turns) }
func sine(turns: Double) -> Double { sin(2 * Double.pi * turns) }

/// The largest |mean| of a number over the pictures of a class, in its standard errors.
func largestMean(_ rows: Rows, classes: Int) -> Double {
  var largest = 0.0
  for k in 0..<classes {
    let members = zip(rows.features, rows.labels).filter { $0.1 == k }.map(\.0)
    for c in 0..<members[0].count {
      let (mean, variance) = moments(members.map { Double($0[c]) })
      largest = max(largest, abs(mean) / (variance / Double(members.count)).squareRoot())
    }
  }
  return largest
}
