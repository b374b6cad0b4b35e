import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Training figures since the last line of them; part of every checkpoint, so that the next line is the same after a
/// resume.
struct MetricWindow: Sendable, Equatable {
  var sums = LossSums()
  var steps = 0
  /// Largest gradient norm of those steps of the window that measure it: all where gradients are clipped by the global
  /// norm, otherwise the last.
  var gradientNorm: Double?
  /// The learning rate of the window's last step.
  var learningRate: Double?

  /// Mean loss over the window's samples; nil where no step was applied.
  var meanLoss: Double? { sums.count > 0 ? sums.meanLoss : nil }

  mutating func add(_ result: StepResult) {
    sums = sums + result.sums
    steps += 1
    learningRate = result.learningRate
    if let norm = result.gradientNorm { gradientNorm = max(gradientNorm ?? 0, norm) }
  }

  /// For a line of the log: means over the window, null where every step of it was skipped.
  func values(of loss: Loss, epoch: Int, samplesPerSecond: Double?) -> JSONObject {
    var values: JSONObject = ["epoch": .integer(epoch)]
    for (name, value) in loss.metrics(sums) { values[name] = .number(value) }
    values["learning_rate"] = learningRate.map { .number($0) } ?? .null
    values["gradient_norm"] = gradientNorm.map { .number($0) } ?? .null
    values["samples_per_second"] = samplesPerSecond.map { .number($0) } ?? .null
    return values
  }

  /// As a checkpoint holds it.
  var json: JSONObject {
    [
      "count": .exact(sums.count), "loss": .exact(sums.loss), "first": .exact(sums.first),
      "second": .exact(sums.second),
      "steps": .integer(steps), "gradient_norm": gradientNorm.map { .exact($0) } ?? .null,
      "learning_rate": learningRate.map { .exact($0) } ?? .null,
    ]
  }

  init() {}

  init?(_ json: JSONObject) {
    guard let count = json["count"]?.exactNumber, let loss = json["loss"]?.exactNumber,
      let first = json["first"]?.exactNumber, let second = json["second"]?.exactNumber,
      let steps = json["steps"]?.integer
    else { return nil }
    (sums.count, sums.loss, sums.first, sums.second) = (count, loss, first, second)
    self.steps = steps
    gradientNorm = json["gradient_norm"]?.exactNumber
    learningRate = json["learning_rate"]?.exactNumber
  }
}

extension LayerFigures {
  /// As the log shows them.
  var values: JSONObject {
    var values: JSONObject = ["name": .string(name)]
    if signal != nil || gradientNorm != nil { values["signal"] = signal.map { .number($0) } ?? .null }
    // What is frozen has none.
    if let gradientNorm {
      values["gradient_norm"] = .number(gradientNorm)
      values["update_ratio"] = updateRatio.map { .number($0) } ?? .null
    }
    if let dead { values["dead"] = .number(dead) }
    return values
  }
}
