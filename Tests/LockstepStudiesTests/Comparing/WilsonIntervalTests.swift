import TestSupport
import Testing

@testable import LockstepStudies

@Suite struct WilsonIntervalTests {
  /// By its definition: at both ends p the share lies 1.96 standard deviations √(p (1 − p) / n) from p.
  @Test(arguments: [1, 2, 7, 90, 10_000]) func endsSolveTheScoreEquation(count: Int) {
    for right in Set([0, 1, count / 3, count - 1, count]) where right <= count {
      let share = Double(right) / Double(count)
      let interval = WilsonInterval.of(share, count: count)
      for p in [interval.lowerBound, interval.upperBound] where p > 0 && p < 1 {
        let deviation = (p * (1 - p) / Double(count)).squareRoot()
        expectClose(actual: [Float(abs(share - p) / deviation)], expected: [1.959964], absolute: 1e-5, relative: 0)
      }
      #expect(interval.contains(share))
    }
  }

  /// As statsmodels' `proportion_confint(8, 10, method="wilson")` gives it.
  @Test func isThatOfStatsmodels() {
    let interval = WilsonInterval.of(0.8, count: 10)
    #expect(abs(interval.lowerBound - 0.4901624715) < 1e-9 && abs(interval.upperBound - 0.9433178485) < 1e-9)
    #expect(WilsonInterval.of(0, count: 10).lowerBound == 0 && WilsonInterval.of(1, count: 10).upperBound == 1)
  }
}
