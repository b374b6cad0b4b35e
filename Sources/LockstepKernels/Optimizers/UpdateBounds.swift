/// The largest magnitudes that there may be among the parameters, the optimizer's slots and the average of the
/// weights: what shows, without looking at them, that an update leaves all of them finite.
package struct UpdateBounds: BitwiseCopyable, Sendable {
  package var parameter: Double
  package var first: Double
  package var second: Double
  package var average: Double

  package init(parameter: Double, first: Double, second: Double, average: Double) {
    (self.parameter, self.first, self.second, self.average) = (parameter, first, second, average)
  }

  /// Of memory that has not been looked at.
  package static let unknown = UpdateBounds(
    parameter: .infinity, first: .infinity, second: .infinity, average: .infinity)

  /// Of both together.
  package static func + (a: UpdateBounds, b: UpdateBounds) -> UpdateBounds {
    UpdateBounds(
      parameter: max(a.parameter, b.parameter), first: max(a.first, b.first), second: max(a.second, b.second),
      average: max(a.average, b.average))
  }

  /// No sum, product or quotient of an update may come nearer to the largest number of single precision, so that
  /// rounding does not matter.
  private static let limit = Double(Float.greatestFiniteMagnitude) / 4

  /// The largest that there may be after an update; nil where it may come to more than single precision holds.
  ///
  /// - Parameters:
  ///   - gradient: no element of it, as the rule gets it, is larger.
  ///   - keep: what weight decay leaves of a parameter.
  package func after(_ rule: UpdateRule, gradient: Double, keep: Double) -> UpdateBounds? {
    var next = self
    let fraction = rule.formula.bound(&next, gradient: gradient, rule.rates)
    next.parameter = keep * parameter + fraction.numerator / fraction.denominator
    next.average = max(average, next.parameter)
    func holds(_ value: Double) -> Bool { value <= Self.limit }
    let isFinite =
      holds(fraction.numerator) && holds(gradient * gradient) && holds(next.parameter) && holds(next.first)
      && holds(next.second)
      && holds(next.average)
    return isFinite ? next : nil
  }
}
