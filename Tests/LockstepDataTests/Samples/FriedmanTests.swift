import LockstepData
import SampleSupport
import Testing

@Suite struct FriedmanTests {
  private static func rows(noise: Double, standardize: Bool, count: Int) throws -> Rows {
    let dataset = try SyntheticSpecification(
      kind: .friedman(noise: noise), samples: count, features: 8, task: .regression(targets: 1),
      standardize: standardize
    ).makeDataset(runSeed: 12)
    return try Rows(dataset, Array(0..<count))
  }

  /// sin πx for x in [0, 1], by its power series.
  private static func sine(halfTurns x: Double) -> Double {
    let angle = Double.pi * x
    var (sum, term) = (0.0, angle)
    for n in 1...20 {
      sum += term
      term *= -angle * angle / Double(2 * n * (2 * n + 1))
    }
    return sum
  }

  private static func target(_ x: [Double]) -> Double {
    10 * sine(halfTurns: x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4]
  }

  @Test func targetsFollowTheFormula() throws {
    let rows = try Self.rows(noise: 0, standardize: false, count: 3000)
    for (x, y) in zip(rows.features, rows.targets) {
      #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
      let expected = Self.target(x.map(Double.init))
      #expect(abs(Double(y[0]) - expected) < 1e-6 + 1e-6 * abs(expected))
    }
  }

  /// Mean and variance of y by the midpoint rule, against what standardised targets show.
  @Test func standardisedTargetsUseTheMomentsOfTheFormula() throws {
    let n = 400
    var (sum, squares) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n {
        let s = 10 * Self.sine(halfTurns: (Double(i) + 0.5) * (Double(j) + 0.5) / Double(n * n))
        sum += s
        squares += s * s
      }
    }
    let mean = sum / Double(n * n) + 20.0 / 12 + 7.5
    let variance =
      squares / Double(n * n) - sum * sum / Double(n * n) / Double(n * n) + 400 * (1.0 / 80 - 1.0 / 144) + 125.0 / 12
    for noise in [0.0, 1, 3] {
      let raw = try Self.rows(noise: noise, standardize: false, count: 500)
      let standard = try Self.rows(noise: noise, standardize: true, count: 500)
      for i in 0..<500 {
        let expected = (Double(raw.targets[i][0]) - mean) / (variance + noise * noise).squareRoot()
        #expect(abs(Double(standard.targets[i][0]) - expected) < 1e-4)
        for c in 0..<8 {
          let feature = (Double(raw.features[i][c]) - 0.5) * 12.0.squareRoot()
          #expect(abs(Double(standard.features[i][c]) - feature) < 1e-6)
        }
      }
    }
  }

  @Test func noiseIsNormal() throws {
    let rows = try Self.rows(noise: 2, standardize: false, count: 20_000)
    let noise = zip(rows.features, rows.targets).map { Double($1[0]) - Self.target($0.map(Double.init)) }
    let (mean, variance) = moments(noise)
    #expect(abs(mean) < 0.08 && abs(variance - 4) < 0.25)
  }
}
