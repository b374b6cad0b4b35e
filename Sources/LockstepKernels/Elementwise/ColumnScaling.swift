/// Brings numbers to mean 0 and standard deviation 1, column by column, as the training samples had them:
///
/// ```
/// x ← (x − mean) / deviation        in Double, rounded once
/// ```
///
/// A NaN, which stands for a missing number, takes its column's mean before, if it is to.
package final class ColumnScaling: Sendable {
  private let means: Slots<Double>
  private let deviations: Slots<Double>
  /// Whether columns are brought to that scale, or only filled.
  private let isScaling: Bool
  private let isFilling: Bool

  /// - Parameters:
  ///   - deviations: above 0.
  ///   - isScaling: false for a row that is only to be filled.
  package init(means: [Double], deviations: [Double], isScaling: Bool, isFilling: Bool) {
    precondition(means.count == deviations.count)
    self.means = Slots(repeating: 0, count: means.count)
    self.deviations = Slots(repeating: 1, count: means.count)
    for i in means.indices { (self.means[i], self.deviations[i]) = (means[i], deviations[i]) }
    (self.isScaling, self.isFilling) = (isScaling, isFilling)
  }

  package var columns: Int { means.count }

  /// What the number `value` of column `column` becomes.
  @inline(__always)
  package func applied(to value: Double, column: Int) -> Float {
    precondition(column >= 0 && column < columns, "a column that there is not")
    let (mean, deviation) = (means.base[column], deviations.base[column])
    let known = isFilling && value.isNaN ? mean : value
    return Float(isScaling ? (known - mean) / deviation : known)
  }
}
