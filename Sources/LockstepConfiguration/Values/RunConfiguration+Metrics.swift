import LockstepModel
import LockstepTraining

extension RunConfiguration {
  /// The metrics that an evaluation of such a run can have; first those that are summed with the loss.
  public var evaluatedMetrics: [Metric] { loss.summedMetrics + EvaluationFigures.metrics(of: data.task) }

  /// Every key that watches a metric of the scheduled evaluations.
  var watched: [(key: String, metric: Metric, mode: Metric.Mode)] {
    var watched: [(key: String, metric: Metric, mode: Metric.Mode)] = []
    if case .reduceOnPlateau(let plateau) = schedule.shape {
      watched.append(("schedule.reduce_on_plateau", plateau.metric, plateau.mode))
    }
    if let best = checkpoint.keepBest { watched.append(("checkpoint.keep_best", best.metric, best.mode)) }
    if let rule = training.earlyStopping {
      watched.append(("training.early_stopping", rule.metric, rule.mode))
    }
    return watched
  }

  /// Metrics that some key watches and that are not summed with the loss: scheduled evaluations need every output for
  /// them.
  package var furtherMetrics: [Metric] { furtherMetrics(watching: []) }

  /// `furtherMetrics` where `others` are watched too.
  package func furtherMetrics(watching others: [Metric]) -> [Metric] {
    let watched = Set(others + watched.map(\.metric))
    return evaluatedMetrics.filter { watched.contains($0) && !loss.summedMetrics.contains($0) }
  }
}
