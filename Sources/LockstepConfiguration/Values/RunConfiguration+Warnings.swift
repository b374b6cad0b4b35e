import LockstepModel
import LockstepTraining

extension RunConfiguration {
  /// Sentences about settings that work but are hardly meant so; shown before training, and by `lockstep check`.
  package var warnings: [String] { savingWarnings + watchingWarnings + rateWarnings }

  private var savingWarnings: [String] {
    checkpoint.every.interval != nil && checkpointSteps > totalSteps
      ? ["checkpoint.every is longer than the run: only the last step will be saved"] : []
  }

  /// Keys that watch a metric which is never evaluated, or the wrong way.
  private var watchingWarnings: [String] {
    let first = evaluation.map { steps(in: $0.every) } ?? .max
    return watched.flatMap { key, metric, mode -> [String] in
      var found: [String] = []
      if first > totalSteps {
        found.append(
          "\(key) will see no evaluation: the first would be at step \(first) of \(totalSteps); set evaluation.every to fewer steps"
        )
      }
      if mode != metric.mode {
        let way = mode == .min ? "smallest" : "largest"
        found.append(
          "\(key) takes the \(way) \(metric.rawValue) for the best, as \(key).mode says: of that metric \(metric.mode == .max ? "more" : "less") is better"
        )
      }
      return found
    }
  }

  /// Steps at which the learning rate, in single precision, is 0: what is trained there stays as it is.
  private var rateWarnings: [String] {
    let (steps, epoch) = (totalSteps, stepsPerEpoch)
    func isZero(_ step: Int) -> Bool {
      !Float(optimizer.learningRate * schedule.factor(step: step, horizon: steps, stepsPerEpoch: epoch)).isNormal
    }
    // Up to a thousand of them, the last one not: many schedules end at 0.
    let places = min(steps - 1, 1000)
    guard places > 0, let place = (0..<places).first(where: { isZero(at($0)) }) else { return [] }
    func at(_ place: Int) -> Int { Int(Double(place) / Double(places) * Double(steps - 1)) }
    return [
      "at step \(at(place) + 1) of \(steps) the learning rate is 0 in single precision, so nothing is learned there"
    ]
  }
}
