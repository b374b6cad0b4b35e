import LockstepData
import LockstepKernels
import SampleSupport
import Testing

/// Pictures of figures among strokes, against their definition.
@Suite struct DrawingsTests {
  /// A point before a figure of area 1 about the origin: how far outside it is.
  private static func distance(_ figure: Int, _ down: Double, _ right: Double, turn: Double) -> Double {
    /// Along the unit vector that is `part` of a turn further.
    func along(_ part: Double) -> Double { right * cosine(turns: turn + part) + down * sine(turns: turn + part) }
    let (a, b) = (abs(along(0)), abs(along(0.25)))
    switch figure {
    case 0: return (down * down + right * right).squareRoot() - 0.56418958
    case 1: return max(a, b) - 0.5
    case 2: return max(along(0), along(1.0 / 3), along(2.0 / 3)) - 0.43869134
    case 3: return min(max(a - 0.67082039, b - 0.67082039 / 3), max(a - 0.67082039 / 3, b - 0.67082039))
    default: return (0..<5).map { along(Double($0) / 5) }.sorted()[3] - 0.29165894
    }
  }

  private static let reach = [0.56418958, 0.70710678, 0.87738267, 0.70710678, 0.94382816]

  /// Where a half of so many pixels begins, and how many it has.
  private static func piece(_ part: Int, of whole: Int) -> (Int, Int) {
    part == 0 ? (0, whole / 2) : (whole / 2, whole - whole / 2)
  }

  private static func picture(
    _ draw: PictureWords, label: Int, height: Int, width: Int, channels: Int
  ) -> [Double] {
    var picture = [Double](repeating: 0, count: height * width * channels)
    let (figure, isOutlined, figures) = (label % 5, label / 5 % 2 == 1, 1 + label / 10)
    let side = Double(min(height, width))
    let half = max(1.5, side / 16) / 2
    for thing in Array(0..<figures) + [4, 5] {
      let (at, isStroke) = (8 * thing, thing >= 4)
      var cell: [(Int, Int)] = [(0, height), (0, width)]
      if figures > 1 && !isStroke {
        let quarter = (thing + Int(draw.words[7] >> 30)) % 4
        cell = [piece(quarter / 2, of: height), piece(quarter % 2, of: width)]
      }
      let shorter = Double(min(cell[0].1, cell[1].1))
      let (low, range) = isStroke ? (0.3, 0.3) : figures > 1 ? (0.44, 0.1) : (0.32, 0.18)
      let size: Double = shorter * (low + range * draw.unit(at + 3))
      let reach = isStroke ? size / 2 : size * Self.reach[figure]
      let middle: [Double] = (0..<2).map { (axis: Int) -> Double in
        let whole = Double(cell[axis].1)
        let off: Double = (draw.unit(at + axis) - 0.5) * max(0, whole - 2 * reach)
        return Double(cell[axis].0) + whole / 2 + off
      }
      let colour = draw.colour(at + 4, channels: channels)
      for i in 0..<height {
        for j in 0..<width {
          let (down, right) = (Double(i) + 0.5 - middle[0], Double(j) + 0.5 - middle[1])
          var d: Double
          if isStroke {
            let turn = draw.turn(at + 2)
            let along = right * cosine(turns: turn) + down * sine(turns: turn)
            let across = down * cosine(turns: turn) - right * sine(turns: turn)
            let beyond = max(0, abs(along) - reach)
            d = (beyond * beyond + across * across).squareRoot() - half
          } else {
            d = size * Self.distance(figure, down / size, right / size, turn: draw.turn(at + 2))
            if isOutlined { d = abs(d) - half }
          }
          let cover = min(1, max(0, 0.5 - d))
          for c in 0..<channels { picture[(i * width + j) * channels + c] += cover * colour[c] }
        }
      }
    }
    return picture
  }

  @Test(arguments: [(16, 16, 1), (33, 17, 1), (20, 47, 3), (64, 64, 3)])
  func pixelsAreCovered(height: Int, width: Int, channels: Int) throws {
    let kind = SyntheticSpecification.Generator.shapes(height: height, width: width, channels: channels, noise: 0)
    let samples = Array(0..<100)
    let rows = try Rows(SyntheticSpecification.plain(kind, classes: 40).makeDataset(runSeed: 5), samples)
    #expect(Set(rows.labels).count > 30)
    for (r, sample) in samples.enumerated() {
      let expected = Self.picture(
        PictureWords(sample: sample, seed: 5), label: rows.labels[r], height: height, width: width, channels: channels)
      let worst = zip(rows.features[r], expected).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(worst < 1e-4, "sample \(sample), class \(rows.labels[r])")
    }
  }

  /// The figures of an area are as large as each other: the sum over a picture with one alone is its area.
  @Test func areasAreEqual() throws {
    let side = 400.0
    for figure in 0..<5 {
      var area = 0.0
      for i in 0..<400 {
        for j in 0..<400 {
          let down: Double = (Double(i) + 0.5) / side * 2.4 - 1.2
          let right: Double = (Double(j) + 0.5) / side * 2.4 - 1.2
          if Self.distance(figure, down, right, turn: 0.03) < 0 { area += 2.4 * 2.4 / (side * side) }
        }
      }
      #expect(abs(area - 1) < 0.004, "figure \(figure)")
      #expect(abs(Double(DrawingKernel.reach(ofFigure: figure)) - Self.reach[figure]) < 1e-6)
    }
  }

  @Test func everyClassHasTheMeanZero() throws {
    let specification = SyntheticSpecification(
      pictures: .shapes(height: 16, width: 16, channels: 1), samples: 20_000, classes: 5)
    let rows = try Rows(specification.makeDataset(runSeed: 2), Array(0..<20_000))
    #expect(largestMean(rows, classes: 5) < 5)
  }

  /// Over the whole picture; the middle varies more than the edges.
  @Test(arguments: [(16, 16, 1, 10), (28, 28, 1, 10), (32, 48, 3, 40), (64, 64, 3, 5), (40, 40, 1, 20)], [0.1, 0.5])
  func picturesAreStandardised(size: (height: Int, width: Int, channels: Int, classes: Int), noise: Double) throws {
    let specification = SyntheticSpecification(
      pictures: .shapes(height: size.height, width: size.width, channels: size.channels, noise: noise), samples: 3000,
      classes: size.classes)
    let rows = try Rows(specification.makeDataset(runSeed: 4), Array(0..<3000))
    let (mean, variance) = moments(rows.values)
    #expect(abs(mean) < 0.04 && abs(variance - 1) < 0.06, "mean \(mean), variance \(variance)")
  }
}
