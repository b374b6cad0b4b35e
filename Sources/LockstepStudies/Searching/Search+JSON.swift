import LockstepFormats
import LockstepRuns

extension Search {
  /// As `lockstep search --json` writes it: the metric and the strategy, and an array with an object for each trial,
  /// best first, that holds its settings by their keys and its results.
  public var json: JSONObject {
    [
      "metric": .string(metric.rawValue), "mode": .string(metric.mode.rawValue), "strategy": .string(strategy.name),
      "rungs": .array(rungs.map { ["trials": .integer($0.trials), "divisor": .integer($0.divisor)] }),
      "best": best.map { .integer($0.number) } ?? .null, "trials": .array(trials.map { .object($0.stored) }),
    ]
  }
}

extension Search.Trial {
  /// The trial as its file holds it: every number reads back with the same bits.
  var stored: JSONObject {
    var settings: JSONObject = [:]
    for choice in choices { settings[choice.key] = .string(choice.value) }
    return [
      "trial": .integer(number), "settings": .object(settings), "metric": .figure(metric), "steps": .integer(steps),
      "diverged": diverged.map { .string($0) } ?? .null, "results": .array(results.map { .object($0.json) }),
    ]
  }
}

extension Search.Result {
  var json: JSONObject {
    [
      "steps": .integer(steps), "metric": metric.map { .exact($0) } ?? .null,
      "diverged": diverged.map { .string($0) } ?? .null,
      "weights_digest": weightsDigest.map { .string($0) } ?? .null,
    ]
  }

  /// - Returns: nil where it is no such result.
  init?(_ json: JSONObject) {
    guard let steps = json["steps"]?.integer, steps > 0 else { return nil }
    self.steps = steps
    metric = json["metric"]?.exactNumber
    diverged = json["diverged"]?.string
    weightsDigest = json["weights_digest"]?.string
    if (metric == nil) == (diverged == nil) || metric?.isFinite == false { return nil }
  }
}
