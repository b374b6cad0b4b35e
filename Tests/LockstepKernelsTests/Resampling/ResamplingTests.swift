import TestSupport
import Testing

@testable import LockstepKernels

@Suite("Resampling") struct ResamplingTests {
  private static let lengths = [
    (1, 1), (1, 4), (2, 1), (3, 2), (5, 5), (7, 5), (16, 33), (33, 16), (100, 7), (257, 256), (1009, 31),
  ]

  /// Against the weights in Double: within half of the last place and what rounded weights add.
  @Test(arguments: testSeeds) func passesAreTheirFormula(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for (source, result) in Self.lengths {
      for channels in [1, 3] {
        for kept in [0..<result, result / 2..<result] {
          let taps = ResamplingTaps(from: source, to: result, kept: kept)
          // The same numbers as rows of three pixels and as columns of three rows.
          let width = 3 * channels
          let pixels = (0..<source * width).map { _ in UInt8.random(in: 0...255, using: &random) }
          var rows = [UInt8](repeating: 0, count: kept.count * width)
          let first = taps.source.lowerBound
          taps.resampleRows(of: Array(pixels[(first * width)...]), origin: first, row: width, into: &rows)
          let turned = (0..<3).flatMap { y in
            (0..<source).flatMap { x in (0..<channels).map { pixels[x * width + y * channels + $0] } }
          }
          var columns = [UInt8](repeating: 0, count: rows.count)
          taps.resampleColumns(of: turned, columns: source, channels: channels, rows: 0..<3, into: &columns)
          for (place, element) in kept.enumerated() {
            let weights = Reference.resamplingWeights(from: source, to: result, element: element)
            for i in 0..<width {
              let wanted = weights.enumerated().reduce(0) { $0 + $1.element * Double(pixels[$1.offset * width + i]) }
              let column = columns[(i / channels * kept.count + place) * channels + i % channels]
              #expect(abs(Double(rows[place * width + i]) - wanted) <= 0.501 && column == rows[place * width + i])
            }
          }
        }
      }
    }
  }

  /// What is even stays even, whatever its weights were rounded to.
  @Test func evenLinesStayEven() {
    for (source, result) in Self.lengths + [(1000, 7), (7, 1000), (20_000, 1)] {
      let taps = ResamplingTaps(from: source, to: result, kept: 0..<result)
      for grey in [0, 1, 127, 255] as [UInt8] {
        var row = [UInt8](repeating: 9, count: result)
        taps.resampleColumns(
          of: .init(repeating: grey, count: source), columns: source, channels: 1, rows: 0..<1, into: &row)
        #expect(row.allSatisfy { $0 == grey }, "\(source) to \(result), \(grey)")
      }
    }
  }

  /// No element has weights outside the source, and each all that it needs.
  @Test func tapsStayInside() {
    for source in 1...40 {
      for result in 1...40 {
        let taps = ResamplingTaps(from: source, to: result, kept: 0..<result)
        #expect(taps.source.lowerBound == 0 && taps.source.upperBound == source, "\(source) to \(result)")
        for element in 0..<result {
          let (first, count) = (Int(taps.first[element]), Int(taps.counts[element]))
          #expect(count >= 1 && count <= taps.most && first >= 0 && first + count <= source)
        }
      }
    }
  }
}
