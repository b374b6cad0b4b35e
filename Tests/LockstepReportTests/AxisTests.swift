import TestSupport
import Testing

@testable import LockstepReport

/// Where the marks of an axis stand.
@Suite struct AxisTests {
  /// Between two marks lie 1, 2 or 5 times a power of ten, about five times; all values are inside.
  @Test(arguments: testSeeds) func stepsAreRound(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let round = (-9...9).flatMap { exponent in [1.0, 2, 5].map { $0 * power(of: exponent) } }
    for _ in 0..<300 {
      let length = 3 * power(of: Int(generator.next() % 13) - 6)
      let values = generator.normal(5).map { Double($0) * length }
      let scale = Scale(.linear, holding: values)
      let ticks = scale.ticks
      #expect((2...7).contains(ticks.count), "\(values)")
      let step = (ticks[1].place - ticks[0].place) * (scale.high - scale.low)
      #expect(round.contains { abs(step - $0) <= 1e-6 * $0 }, "a step of \(step)")
      #expect(values.allSatisfy { scale.low - 1e-9 * length <= $0 && $0 <= scale.high + 1e-9 * length })
    }
  }

  /// A number without the zeros that say nothing, whatever its size.
  @Test func numbersAreShort() {
    let texts = [1e16, 1.5e16, 1.25e-7, 0.5, 12, -0.25, 0, 100].map { Scale.plain($0) }
    #expect(texts == ["1e16", "1.5e16", "1.25e-7", "0.5", "12", "−0.25", "0", "100"])
  }

  /// A tenth is not a whole number of anything in binary: 0.1 to 0.6 has a mark at each end all the same.
  @Test func bothEndsOfTenthsAreMarked() {
    let labels = Scale(.linear, holding: [0.1, 0.6]).ticks.map(\.label)
    #expect(labels == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"])
  }

  private func power(of exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }
}
