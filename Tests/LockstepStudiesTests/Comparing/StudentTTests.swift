import Foundation
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

@Suite struct StudentTTests {
  /// With one degree of freedom it is Cauchy's distribution, with two it has a closed form.
  @Test func closedForms() {
    for t in [-30, -3, -0.7, 0, 1e-9, 0.2, 1, 2.5, 12.706, 400] as [Double] {
      #expect(abs(StudentT.cumulative(t, freedom: 1) - (0.5 + atan(t) / .pi)) < 1e-12, "\(t)")
      #expect(abs(StudentT.cumulative(t, freedom: 2) - (0.5 + t / (2 * (2 + t * t).squareRoot()))) < 1e-12, "\(t)")
    }
  }

  /// Two-sided 95 % points of the printed tables.
  @Test func table() {
    let table: [(Double, Double)] = [
      (1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (9, 2.2622), (10, 2.2281), (19, 2.0930),
      (30, 2.0423), (120, 1.9799), (100_000, 1.9600),
    ]
    for (freedom, t) in table {
      #expect(abs(StudentT.quantile(0.975, freedom: freedom) - t) < 5e-5, "\(freedom) degrees of freedom")
      #expect(StudentT.quantile(0.025, freedom: freedom) == -StudentT.quantile(0.975, freedom: freedom))
    }
  }

  @Test func samples() {
    let sample = Sample([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(sample.mean == 5 && abs((sample.deviation ?? 0) - (32.0 / 7).squareRoot()) < 1e-15)
    // t₀.₉₇₅(7) = 2.364624
    let margin = 2.364624 * (32.0 / 7).squareRoot()
    #expect(abs((sample.margin(overlap: 0) ?? 0) - margin / 8.0.squareRoot()) < 1e-5)
    #expect(abs((sample.margin(overlap: 1.0 / 7) ?? 0) - margin * (1.0 / 8 + 1.0 / 7).squareRoot()) < 1e-5)
    // What cancels is 0, not what rounding leaves: 0.1 + 0.2 − 0.3 is 5.6e-17.
    #expect(Sample([0.1, 0.2, -0.3]).mean == 0 && Sample([1, -1 + 1e-9]).mean > 0 && Sample([0, 0]).mean == 0)
    #expect(Sample([3]).deviation == nil && Sample([3]).margin(overlap: 0) == nil)
  }
}
