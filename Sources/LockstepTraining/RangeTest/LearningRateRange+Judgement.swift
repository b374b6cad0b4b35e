import Libc
import LockstepKernels

extension LearningRateRange {
  /// What the curve says.
  public enum Judgement: Sendable, Equatable {
    /// The loss falls somewhere.
    case found(Finding)
    /// It ended before there was anything to be seen, or the loss does nothing but rise.
    case tooHigh
    /// Nowhere does the loss fall by more than it varies from batch to batch.
    case flat
  }

  /// Where the loss falls, as learning rates.
  public struct Finding: Sendable, Equatable {
    /// Where the mean loss falls fastest over the logarithm of the rate.
    public var steepest: Double
    /// Where the mean loss is smallest.
    public var minimum: Double
    /// The smallest mean loss.
    public var minimumLoss: Double
    /// Whether the mean loss still fell at the end of the range, so that a wider one is worth a try.
    public var isFalling: Bool
    /// The geometric mean of the steepest and a tenth of the minimum, at most the latter, in two digits.
    public var suggestion: Double
  }

  /// Only what has fallen by so many deviations of the difference of two means has fallen: the smallest of a hundred
  /// lies some below by chance.
  private static let certainty = 5.0
  /// And by such a share, where nothing varies.
  private static let leastShare = 1e-3

  /// What the points so far say, without the first ten, whose means rest on too few steps.
  public var judgement: Judgement { withFloatingPointEnvironment { judge() } }

  private func judge() -> Judgement {
    guard points.count > Self.lead + 4 else { return .tooHigh }
    let least = points.indices.dropFirst(Self.lead).min { points[$0].meanLoss < points[$1].meanLoss } ?? 0
    let start = points[Self.lead - 1].meanLoss
    let fall = start - points[least].meanLoss
    guard fall > Self.certainty * noise(upTo: least), fall > Self.leastShare * abs(start) else {
      return end == .completed ? .flat : .tooHigh
    }
    let steepest = (Self.lead...max(Self.lead, least - 1)).min { slope($0) < slope($1) } ?? least
    let (steepestRate, minimum) = (points[steepest].meanRate, points[least].meanRate)
    let tenth = minimum / 10
    return .found(
      Finding(
        steepest: steepestRate, minimum: minimum, minimumLoss: points[least].meanLoss,
        isFalling: end == .completed && least == points.count - 1,
        suggestion: Self.rounded((min(steepestRate, tenth) * tenth).squareRoot())))
  }

  /// Change of the mean loss over the logarithm of the rate, across five points.
  private func slope(_ index: Int) -> Double {
    let (before, after) = (points[max(0, index - 2)], points[min(points.count - 1, index + 2)])
    return (after.meanLoss - before.meanLoss) / log(after.meanRate / before.meanRate)
  }

  /// The deviation of the difference of two means. That of a batch's loss follows from the differences of neighbours,
  /// which know nothing of the trend (von Neumann 1941); the variance of a mean is (1 − β) / (1 + β) of it.
  private func noise(upTo last: Int) -> Double {
    let losses = points[...last].map(\.loss)
    let squares = zip(losses, losses.dropFirst()).reduce(0.0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
    let variance = squares / Double(2 * max(1, losses.count - 1))
    return (2 * variance * (1 - Self.smoothing) / (1 + Self.smoothing)).squareRoot()
  }

  /// In two significant digits, the shortest that is written so.
  package static func rounded(_ value: Double) -> Double {
    let unit = pow(10, (log10(value)).rounded(.down) - 1)
    // By the text, since 12 · 1e-4 is not 0.0012.
    return Double("\(Int((value / unit).rounded()))e\(Int(log10(unit).rounded()))") ?? value
  }
}
