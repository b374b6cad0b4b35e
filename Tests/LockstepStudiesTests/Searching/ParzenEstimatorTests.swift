import Foundation
import LockstepKernels
import Testing

@testable import LockstepStudies

/// Densities over the unit cube, and where they promise an improvement.
@Suite struct ParzenEstimatorTests {
  private static let axes: [ParzenEstimator.Axis] = [.interval, .list(3), .interval]

  /// A point by its numbers and the place of its value in the list.
  private static func point(_ a: Double, _ value: Int, _ c: Double) -> [Double] { [a, (Double(value) + 0.5) / 3, c] }

  /// Uniform numbers that have nothing to do with each other.
  private static func uniform(_ index: Int, _ row: Int = 0) -> Double {
    Search.Setting.share(ofTrial: index, candidate: row, key: "tests", seed: 3)
  }

  /// `log_pdf` of `_ParzenEstimator` of Optuna 5.0.0 with the standard parameters of its TPESampler, over two
  /// FloatDistribution(0, 1) about a CategoricalDistribution of three values.
  @Test func densitiesAreThoseOfOptuna() {
    let observed: [[[Double]]] = [
      [], [Self.point(0.3, 1, 0.9)], [Self.point(0.3, 1, 0.9), Self.point(0.31, 0, 0.2)],
      [
        Self.point(0.1, 2, 0.5), Self.point(0.1, 2, 0.5), Self.point(0.95, 0, 0.01), Self.point(0.6, 1, 0.99),
        Self.point(0.61, 1, 0),
      ],
    ]
    let expected = [
      [-1.2666566876862106, -1.1166566876862107, -1.1241711876862106, -1.1411571876862106],
      [-1.5494857737292262, -0.5956640546210417, -1.4546285695764631, -0.9862798754322689],
      [-1.1127724506338286, -0.38482302782564665, -1.957366185258924, -2.1421246853376394],
      [-1.9420389728124556, -1.1694688364785977, -1.2942071677244769, -1.5442704036702275],
    ]
    let places = [Self.point(0, 0, 0), Self.point(0.3, 1, 0.9), Self.point(0.77, 2, 0.123), Self.point(0.999, 1, 0.5)]
    for (points, expected) in zip(observed, expected) {
      let estimator = ParzenEstimator(points, axes: Self.axes)
      for (place, value) in zip(places, expected) {
        // Optuna's own erf is exact to about 1e-15.
        #expect(abs(estimator.logDensity(at: place) - value) < 1e-12, "\(points) at \(place)")
      }
    }
  }

  @Test func normalDistribution() {
    for step in -900...900 {
      let x = Double(step) / 100
      #expect(abs(ParzenEstimator.cumulative(x) - erfc(-x / 2.0.squareRoot()) / 2) < 2e-15, "\(x)")
    }
  }

  /// The density has the integral 1 — by midpoints, whose error is of the order of the square of their distance over
  /// that of the narrowest kernel: (1/400 · 12)² / 24 — and its draws fall where it is.
  @Test(arguments: [1, 2, 10]) func drawsFollowTheDensity(count: Int) {
    let axes: [ParzenEstimator.Axis] = [.interval, .list(4)]
    let points = (0..<count).map { [Self.uniform($0), Self.uniform($0, 1)] }
    let estimator = ParzenEstimator(points, axes: axes)
    let cells = 400
    var masses = [[Double]](repeating: Array(repeating: 0, count: cells), count: 4)
    for value in 0..<4 {
      for cell in 0..<cells {
        let place = [(Double(cell) + 0.5) / Double(cells), (Double(value) + 0.5) / 4]
        masses[value][cell] = exp(estimator.logDensity(at: place)) / Double(cells)
      }
    }
    #expect(abs(masses.joined().reduce(0, +) - 1) < 1e-4)

    let draws = (0..<4000).map { draw in
      estimator.draw(kernel: Self.uniform(draw, 2), shares: [Self.uniform(draw, 3), Self.uniform(draw, 4)])
    }
    #expect(draws.allSatisfy { $0.allSatisfy { (0..<1).contains($0) } })
    // χ² of 3 degrees of freedom is below 16.3 in 999 of 1,000 samples.
    let listed = (0..<4).map { value in
      let wanted = 4000 * masses[value].reduce(0, +)
      return pow(Double(draws.count { ParzenEstimator.value($0[1], of: 4) == value }) - wanted, 2) / wanted
    }
    #expect(listed.reduce(0, +) < 16.3)
    // Kolmogorov's distance, above 1.95 / √n once in 1,000 samples.
    let numbers = draws.map { $0[0] }.sorted()
    var (below, distance) = (0.0, 0.0)
    for cell in 0..<cells {
      below += (0..<4).reduce(0) { $0 + masses[$1][cell] }
      let share = Double(numbers.count { $0 < Double(cell + 1) / Double(cells) }) / 4000
      distance = max(distance, abs(share - below))
    }
    #expect(distance < 1.95 / 4000.0.squareRoot())
  }

  /// A value of a list for the ends of every part of the axis, one value alone, and points that fall together.
  @Test func oddPoints() {
    #expect([0, 0.33, 0.34, 0.9999999].map { ParzenEstimator.value($0, of: 3) } == [0, 0, 1, 2])
    for points in [[], [[0.0, 0]], Array(repeating: [0.0, 0], count: 200)] {
      let estimator = ParzenEstimator(points, axes: [.interval, .list(1)])
      for share in [0, 0.5, 1 - 0x1p-53] {
        let drawn = estimator.draw(kernel: share, shares: [share, share])
        #expect((0..<1).contains(drawn[0]) && drawn[1] == 0.5)
        #expect(estimator.logDensity(at: drawn).isFinite)
      }
    }
  }

  /// On a valley with its bottom at 0.7 and the third value of a list, forty trials come nearer to it than forty of
  /// random draws, with each of ten seeds; the best candidate is that of the greatest ratio.
  @Test func comesNearerThanChance() {
    func height(_ point: [Double]) -> Double {
      abs(point[0] - 0.7) + abs(point[2] - 0.2) + (ParzenEstimator.value(point[1], of: 3) == 2 ? 0 : 1)
    }
    var nearer = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      func share(_ trial: Int, _ candidate: Int, _ axis: Int?) -> Double {
        Search.Setting.share(ofTrial: trial, candidate: candidate, key: axis.map { "\($0)" } ?? "", seed: seed)
      }
      var (random, points) = ([[Double]](), [[Double]]())
      for trial in 1...40 {
        random.append((0..<3).map { share(trial, 0, $0) })
        if trial <= TreeParzenEstimator.first {
          points.append(random[trial - 1])
          continue
        }
        let ranked = points.sorted { height($0) < height($1) }
        let promising = TreeParzenEstimator(ranked, axes: Self.axes).promising { share(trial, $0, $1) }
        #expect(promising.count == 24)
        let (best, others) = (
          ParzenEstimator(Array(ranked.prefix((ranked.count + 9) / 10)), axes: Self.axes),
          ParzenEstimator(Array(ranked.dropFirst((ranked.count + 9) / 10)), axes: Self.axes)
        )
        let promises = promising.map { best.logDensity(at: $0) - others.logDensity(at: $0) }
        #expect(promises == promises.sorted(by: >))
        points.append(promising[0])
      }
      if points.map(height).min() ?? 9 < random.map(height).min() ?? 0 { nearer += 1 }
    }
    #expect(nearer >= 9, "\(nearer) of 10")
  }
}
