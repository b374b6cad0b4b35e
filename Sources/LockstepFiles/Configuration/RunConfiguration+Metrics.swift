import LockstepModel
import LockstepTraining

extension RunConfiguration {
  /// The metrics that an evaluation of it can have: those that the loss sums first.
  public var evaluatedMetrics: [Metric] { loss.summedMetrics + EvaluationFigures.metrics(of: data.task) }

  /// Those that some key watches and the loss does not sum, so that a scheduled evaluation looks at every output.
  package var furtherMetrics: [Metric] { furtherMetrics(watching: []) }

  /// The same where `others` are watched too.
  func furtherMetrics(watching others: [Metric]) -> [Metric] {
    var watched = Set(others)
    if case .reduceOnPlateau(let plateau) = schedule { watched.insert(plateau.metric) }
    if let rule = training.earlyStopping { watched.insert(rule.metric) }
    if let best = checkpoint.keepBest { watched.insert(best.metric) }
    return evaluatedMetrics.filter { watched.contains($0) && !loss.summedMetrics.contains($0) }
  }
}
