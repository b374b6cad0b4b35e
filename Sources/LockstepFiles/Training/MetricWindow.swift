import LockstepModel
import LockstepTraining

/// Training figures since the last line of them; part of every checkpoint, so that the next line is the same after a resume.
struct MetricWindow: Sendable, Equatable {
  var sums = LossSums()
  var steps = 0
  /// Largest gradient norm of the window, where it is measured.
  var gradientNorm: Double?

  mutating func add(_ result: StepResult) {
    sums = sums + result.sums
    steps += 1
    if let norm = result.gradientNorm { gradientNorm = max(gradientNorm ?? 0, norm) }
  }

  /// A line of the log: means over the window, and where the run stands.
  func values(of loss: Loss, _ last: StepResult, samplesPerSecond: Double?) -> JSONObject {
    var values: JSONObject = ["epoch": .integer(last.epoch)]
    for (name, value) in loss.metrics(sums) { values[name] = .number(value) }
    values["learning_rate"] = .number(last.learningRate)
    if let gradientNorm { values["gradient_norm"] = .number(gradientNorm) }
    values["samples_per_second"] = samplesPerSecond.map { .number($0) } ?? .null
    return values
  }

  var json: JSONObject {
    [
      "count": .number(sums.count), "loss": .number(sums.loss), "first": .number(sums.first), "second": .number(sums.second),
      "steps": .integer(steps), "gradient_norm": gradientNorm.map { .number($0) } ?? .null,
    ]
  }

  init() {}

  init?(_ json: JSONObject) {
    guard let count = json["count"]?.number, let loss = json["loss"]?.number, let first = json["first"]?.number,
      let second = json["second"]?.number, let steps = json["steps"]?.integer
    else { return nil }
    (sums.count, sums.loss, sums.first, sums.second) = (count, loss, first, second)
    self.steps = steps
    gradientNorm = json["gradient_norm"]?.number
  }
}

/// What an evaluation has found.
struct Evaluation: Sendable, Equatable {
  var step: Int
  /// By name, `loss` first.
  var metrics: [(name: String, value: Double)]

  static func == (a: Evaluation, b: Evaluation) -> Bool { a.step == b.step && a.values == b.values }

  var values: JSONObject {
    var values: JSONObject = [:]
    for (name, value) in metrics { values[name] = .number(value) }
    return values
  }
}
