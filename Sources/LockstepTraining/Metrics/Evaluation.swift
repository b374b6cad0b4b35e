import LockstepKernels
import LockstepModel

/// What an evaluation has found on a data set, by name.
///
/// ```swift
/// let found = try trainer.evaluate(on: validation, measuring: [.f1])
/// print(found.loss, found[.accuracy] ?? .nan, found[.f1] ?? .nan)
/// ```
public struct Evaluation: Sendable, Equatable, CustomStringConvertible {
  /// Sums of the loss and of the metrics beside it.
  public var sums: LossSums
  /// What needs every output, such as a confusion matrix; nil where no such metric was asked for.
  public var figures: EvaluationFigures?
  /// The loss; what is summed beside it, the accuracy of a classifier or the mean absolute and the mean squared error
  /// of a regression; what was asked for; one's own. A metric that these samples do not have, such as the area under a
  /// curve where all are of one class, is no number.
  public let metrics: [(name: String, value: Double)]

  /// - Parameters:
  ///   - further: metrics that the loss does not sum.
  ///   - own: those of others, which have seen every row.
  init(
    _ loss: Loss, _ sums: LossSums, _ figures: EvaluationFigures?, measuring further: [Metric], own: [any CustomMetric]
  ) {
    (self.sums, self.figures) = (sums, figures)
    metrics = withFloatingPointEnvironment {
      let found = figures?.metrics ?? []
      return loss.metrics(sums)
        + further.filter { !loss.summedMetrics.contains($0) }.map { wanted in
          (wanted.rawValue, found.first { $0.metric == wanted }?.value ?? .nan)
        } + own.map { ($0.name, $0.value) }
    }
  }

  /// The mean loss.
  public var loss: Double { sums.meanLoss }

  /// A metric that was measured; nil for any other.
  public subscript(metric: Metric) -> Double? { self[metric.rawValue] }

  /// The same by its name in logs, such as `f1`, or that of a metric of one's own.
  public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }

  public var description: String { metrics.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

  /// Bit for bit, so that what is no number equals itself.
  public static func == (a: Evaluation, b: Evaluation) -> Bool {
    a.sums == b.sums && a.figures == b.figures
      && a.metrics.elementsEqual(b.metrics) { $0.name == $1.name && $0.value.bitPattern == $1.value.bitPattern }
  }
}
