import LockstepReport
import Testing

/// Bars stand on the axis 16 above the lower edge of 84, and the largest is 4 lower than the picture: 64 tall.
@Suite struct BarChartTests {
  private func bars(_ values: [Double]) -> [Substring] {
    BarChart(values, low: -1, high: 3, title: "bars").svg.markup.matches(of: /<rect class="f0" ([^>]*?)\/?>/).map(\.1)
  }

  @Test func heightsAreRelativeToTheLargest() {
    #expect(
      bars([1, 0, 4, 2]) == [
        #"x="0%" y="52" width="24.25%" height="16""#, #"x="50%" y="4" width="24.25%" height="64""#,
        #"x="75%" y="36" width="24.25%" height="32""#,
      ])
    // In other units they are the same.
    #expect(bars([1e-9, 0, 4e-9, 2e-9]) == bars([1, 0, 4, 2]))
  }

  @Test func whatIsThereIsSeen() {
    #expect(bars([1, 1e6]).first == #"x="0%" y="67.25" width="48.5%" height="0.75""#)
    #expect(bars([0, 0]).isEmpty && bars([]).isEmpty)
  }

  /// By hand: of 1 + 0 + 4 + 2 the third bar, from 1 to 2, holds 4.
  @Test func barsAreTold() {
    let markup = BarChart([1, 0, 4, 2], low: -1, high: 3, title: "bars").svg.markup
    for words in [
      #"aria-label="1 … 2: 57 %""#, #"aria-label="−1 … 0: 14 %""#,
      "<desc>4 bars from −1 to 3; the highest, 1 … 2, holds 57\u{A0}%.</desc>",
    ] { #expect(markup.contains(words), "\(words)") }
    // An empty bar has nothing to tell.
    #expect(markup.matches(of: /<input\s/).count == 3)
  }

  /// 0 lies a quarter of the way from −1 to 3.
  @Test func zeroStandsInItsPlace() {
    #expect(BarChart([1], low: -1, high: 3, title: "").zero == 0.25)
    #expect(BarChart([1], low: 0, high: 3, title: "").zero == nil)
    #expect(BarChart([1], low: -3, high: -1, title: "").zero == nil)
  }
}
