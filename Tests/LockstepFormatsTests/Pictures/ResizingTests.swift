import LockstepKernels
import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Pictures of another size") struct ResizingTests {
  @Test(arguments: [
    // source, target, scaled to, rows and columns kept; as torchvision's Resize of the shorter side and CenterCrop
    (375, 500, 224, 224, 224, 298, 0, 37), (500, 375, 224, 224, 298, 224, 37, 0), (64, 64, 8, 8, 8, 8, 0, 0),
    (10, 13, 5, 5, 5, 6, 0, 0), (10, 17, 5, 5, 5, 8, 0, 2), (1, 1000, 2, 3, 2, 2000, 0, 998),
    (7, 5, 10, 20, 28, 20, 9, 0),
  ])
  func cropScalesTheShorterSideAndTakesTheMiddle(
    height: Int, width: Int, toHeight: Int, toWidth: Int, scaledHeight: Int, scaledWidth: Int, top: Int, left: Int
  ) {
    let plan = PictureFit.crop.plan((height, width), (toHeight, toWidth))
    #expect(
      [plan.height, plan.width, plan.rows.lowerBound, plan.columns.lowerBound] == [
        scaledHeight, scaledWidth, top, left,
      ])
    #expect(plan.rows.count == toHeight && plan.columns.count == toWidth)
  }

  /// Against bilinear interpolation in Double, each pass rounded to 8 bits.
  @Test(arguments: testSeeds) func agreesWithTheFormula(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for (from, to) in [
      ((1, 1), (1, 1)), ((1, 1), (5, 3)), ((2, 2), (1, 1)), ((7, 5), (3, 4)), ((16, 16), (32, 32)), ((33, 17), (8, 8)),
      ((64, 100), (31, 7)), ((5, 257), (12, 256)), ((300, 3), (1, 2)),
    ] {
      for (channels, fit) in [(1, PictureFit.scale), (3, .scale), (1, .crop), (3, .crop)] {
        let pixels = (0..<from.0 * from.1 * channels).map { _ in UInt8.random(in: 0...255, using: &random) }
        var picture = Picture()
        try picture.decode(
          PNGFile(height: from.0, width: from.1, color: channels == 1 ? .grey : .rgb, samples: pixels.map { Int($0) })
            .bytes.span.bytes, of: "p")
        var resizer = PictureResizer(height: to.0, width: to.1, fit: fit)
        var result = Picture()
        if !resizer.resize(picture, into: &result) { result = picture }
        #expect([result.height, result.width, result.channels] == [to.0, to.1, channels])
        let wanted = reference(pixels, from, to, channels, fit)
        let most = zip(result.bytes, wanted).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(result.bytes.count == wanted.count && most <= 1, "\(from) to \(to), \(channels), \(fit): \(most)")
      }
    }
  }

  private func reference(
    _ pixels: [UInt8], _ from: (Int, Int), _ to: (Int, Int), _ channels: Int, _ fit: PictureFit
  ) -> [UInt8] {
    let plan = fit.plan(from, to)
    let columns = plan.columns.map { Reference.resamplingWeights(from: from.1, to: plan.width, element: $0) }
    let rows = plan.rows.map { Reference.resamplingWeights(from: from.0, to: plan.height, element: $0) }
    var between = [Double](repeating: 0, count: from.0 * to.1 * channels)
    for y in 0..<from.0 {
      for (x, weights) in columns.enumerated() {
        for c in 0..<channels {
          let sum = weights.enumerated().reduce(0) {
            $0 + $1.element * Double(pixels[(y * from.1 + $1.offset) * channels + c])
          }
          between[(y * to.1 + x) * channels + c] = sum.rounded()
        }
      }
    }
    var result: [UInt8] = []
    for weights in rows {
      for place in 0..<to.1 * channels {
        let sum = weights.enumerated().reduce(0) { $0 + $1.element * between[$1.offset * to.1 * channels + place] }
        result.append(UInt8(sum.rounded()))
      }
    }
    return result
  }
}
