import LockstepData
import SampleSupport
import Testing

@Suite struct SpiralsTests {
  @Test(arguments: [2, 3, 7], [0.0, 0.5, 1, 2.25])
  func pointsLieOnTheirArms(classes: Int, turns: Double) throws {
    let dataset = try SyntheticSpecification(
      kind: .spirals(turns: turns, noise: 0), samples: 1000, features: 5, task: .classification(classes: classes),
      standardize: false
    ).makeDataset(runSeed: 2)
    let rows = try Rows(dataset, Array(0..<1000))
    for (x, label) in zip(rows.features, rows.labels) {
      let radius = (Double(x[0]) * Double(x[0]) + Double(x[1]) * Double(x[1])).squareRoot()
      #expect(radius <= 1 + 1e-6)
      let angle = 2 * Double.pi * (Double(label) / Double(classes) + turns * radius)
      #expect(abs(Double(x[0]) - radius * cosine(angle)) < 1e-5)
      #expect(abs(Double(x[1]) - radius * cosine(angle - Double.pi / 2)) < 1e-5)
    }
  }

  /// Two arms have unequal variances in the plane; standardised they are 1 each.
  @Test(arguments: [0.0, 0.01, 0.4, 1, 3.3])
  func twoArmsAreStandardised(turns: Double) throws {
    let dataset = try SyntheticSpecification(
      kind: .spirals(turns: turns, noise: 0.1), samples: 50_000, features: 2, task: .classification(classes: 2)
    ).makeDataset(runSeed: 2)
    let rows = try Rows(dataset, Array(0..<50_000))
    for c in 0..<2 {
      let (mean, variance) = moments(rows.column(c))
      #expect(abs(mean) < 0.025 && abs(variance - 1) < 0.04)
    }
  }

  /// Power series, so that the test needs no mathematics library.
  private func cosine(_ angle: Double) -> Double {
    let x = angle - (angle / (2 * Double.pi)).rounded() * 2 * Double.pi
    var (sum, term) = (0.0, 1.0)
    for n in 1...20 {
      sum += term
      term *= -x * x / Double((2 * n - 1) * 2 * n)
    }
    return sum
  }
}
