import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// The threshold of a plateau is a share of the best value, as PyTorch's `threshold_mode='rel'`: looked at where the
/// best is not 1, for there a share and a difference are the same.
@Suite struct PlateauThresholdTests {
  private func factors(_ plateau: Plateau, _ values: [Double]) -> [Double] {
    var state = PlateauState()
    return values.map { value in
      state.observe(value, plateau)
      return state.factor
    }
  }

  /// Limits by hand: a quarter of the best, and just that much is no improvement.
  @Test func limits() {
    let down = Plateau(factor: 0.5, patience: 0, threshold: 0.25)
    #expect(factors(down, [0.0625, 0.046875]) == [1, 0.5])
    #expect(factors(down, [0.0625, 0.0468]) == [1, 1])
    #expect(factors(down, [400, 300]) == [1, 0.5])
    #expect(factors(down, [400, 299]) == [1, 1])
    #expect(factors(down, [-400, -500]) == [1, 0.5])
    #expect(factors(down, [-400, -501]) == [1, 1])
    let up = Plateau(mode: .max, factor: 0.5, patience: 0, threshold: 0.25)
    #expect(factors(up, [0.0625, 0.078125]) == [1, 0.5])
    #expect(factors(up, [0.0625, 0.0782]) == [1, 1])
    #expect(factors(up, [400, 500]) == [1, 0.5])
    #expect(factors(up, [400, 501]) == [1, 1])
    #expect(factors(up, [-400, -300]) == [1, 0.5])
    #expect(factors(up, [-400, -299]) == [1, 1])
  }

  /// In other units the same values come to the same factors.
  @Test(arguments: testSeeds)
  func unitsDoNotMatter(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let values = generator.normal(60).map { 3 + Double($0) }
    for mode in Metric.Mode.allCases {
      let plateau = Plateau(mode: mode, factor: 0.5, patience: 1, threshold: 0.05)
      let expected = factors(plateau, values)
      #expect(Set(expected).count > 5, "\(mode): the rate falls")
      for unit in [0x1p-30, 0.125, 64, 0x1p40] { #expect(factors(plateau, values.map { $0 * unit }) == expected) }
    }
  }
}
