import LockstepFormats
import LockstepModel

/// The metrics of an evaluation on the validation data, and its step.
package struct ScheduledEvaluation: Sendable, Equatable {
  var step: Int
  /// Metrics by name, `loss` first.
  var metrics: [(name: String, value: Double)]

  init(step: Int, metrics: [(name: String, value: Double)]) {
    self.step = step
    self.metrics = metrics
  }

  subscript(_ metric: Metric) -> Double? { metrics.first { $0.name == metric.rawValue }?.value }

  /// The names of the metrics that are not finite.
  var nonFinite: [String] { metrics.filter { !$0.value.isFinite }.map(\.name) }

  package static func == (a: ScheduledEvaluation, b: ScheduledEvaluation) -> Bool { a.json == b.json }

  /// As the log and the summary show it.
  var values: JSONObject {
    var values: JSONObject = [:]
    for (name, value) in metrics { values[name] = .number(value) }
    return values
  }

  /// As a checkpoint holds it.
  var json: JSONObject {
    var values: JSONObject = [:]
    for (name, value) in metrics { values[name] = .exact(value) }
    return ["step": .integer(step), "metrics": .object(values)]
  }

  init?(_ json: JSONObject) {
    guard let step = json["step"]?.integer, let values = json["metrics"]?.object else { return nil }
    self.step = step
    metrics = []
    for member in values.members {
      guard let value = member.value.exactNumber else { return nil }
      metrics.append((member.name, value))
    }
  }
}
