/// How well scores part the samples of a class from all others, over every threshold: the receiver operating
/// characteristic and precision over recall.
///
/// ```
/// recall, or true positive rate = TP / P     false positive rate = FP / N     precision = TP / (TP + FP)
/// ROC AUC            = area under the straight lines between the points of the first
/// average precision  = Σᵢ (recallᵢ − recallᵢ₋₁) · precisionᵢ, the area under the steps of the second
/// ```
/// Thresholds are the scores themselves, so samples of one score pass together — Davis, Goadrich 2006, "The
/// relationship between Precision-Recall and ROC curves", https://doi.org/10.1145/1143844.1143874; as scikit-learn's
/// `roc_auc_score` and `average_precision_score`.
public struct RankingCurves: Sendable, Equatable {
  /// A point of a curve.
  public struct Point: Sendable, Equatable {
    /// False positive rate and true positive rate, or recall and precision.
    public var (x, y): (Double, Double)

    init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// 0.5 where scores say nothing.
  public private(set) var areaUnderROC = 0.0
  /// The share of positives where scores say nothing.
  public private(set) var averagePrecision = 0.0
  /// True positive rate over false positive rate, from (0, 0) to (1, 1).
  public private(set) var roc = [Point(0, 0)]
  /// The precision of every recall, from the highest threshold on to the one at which all positives have passed.
  public private(set) var precisionRecall: [Point] = []

  /// A point is left out where neither coordinate is so far from that of the last one kept: no picture shows it.
  static let resolution = 1.0 / 160

  /// - Parameter scores: whatever grows with the probability; equal ones tie.
  /// - Returns: nil where there are no positives or no negatives, or a score is no number.
  init?(scores: [Double], isPositive: [Bool]) {
    precondition(scores.count == isPositive.count)
    let positives = isPositive.count { $0 }
    let negatives = scores.count - positives
    guard positives > 0, negatives > 0, !scores.contains(where: \.isNaN) else { return nil }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    // Twice the area in pairs, so that a half is whole.
    var (doubled, hits, alarms, at) = (0, 0, 0, 0)
    while at < order.count {
      var (end, tied) = (at, 0)
      while end < order.count, scores[order[end]] == scores[order[at]] {
        if isPositive[order[end]] { tied += 1 }
        end += 1
      }
      doubled += (end - at - tied) * (2 * hits + tied)
      (hits, alarms) = (hits + tied, alarms + end - at - tied)
      let precision = Double(hits) / Double(hits + alarms)
      averagePrecision += Double(tied) / Double(positives) * precision
      let recall = Double(hits) / Double(positives)
      Self.keep(Point(Double(alarms) / Double(negatives), recall), in: &roc, isLast: end == order.count)
      // Thresholds that let no further positive through lower the precision of a recall that has been reached.
      if tied > 0 { Self.keep(Point(recall, precision), in: &precisionRecall, isLast: hits == positives) }
      at = end
    }
    areaUnderROC = Double(doubled) / 2 / (Double(positives) * Double(negatives))
  }

  private static func keep(_ point: Point, in curve: inout [Point], isLast: Bool) {
    if let last = curve.last, !isLast, abs(point.x - last.x) < resolution, abs(point.y - last.y) < resolution { return }
    curve.append(point)
  }
}
