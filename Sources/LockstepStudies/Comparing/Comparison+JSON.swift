import LockstepFormats

extension Comparison {
  /// As `lockstep compare --json` writes it: an array with an object for each cell, best first, that holds the varied
  /// values by their keys, the metric with its mean and standard deviation over the trials, and the cell's other
  /// figures.
  public var json: JSONValue { .array(cells.map { .object(json(of: $0)) }) }

  private func json(of cell: Cell) -> JSONObject {
    var object: JSONObject = [:]
    for choice in cell.choices { object[choice.key] = .string(choice.value) }
    let figures: JSONObject = [
      "metric": .string(metric.rawValue), "mean": .figure(cell.mean), "stddev": .figure(cell.stddev),
      "values": .array(cell.trials.map { .figure($0.metric) }),
      "difference": cell.difference.map { .object($0.json) } ?? .null,
      "diverged": cell.diverged.map { .string($0) } ?? .null,
      "step_seconds": .figure(cell.stepSeconds), "inference_seconds": .figure(cell.inferenceSeconds),
      "dead": .figure(cell.dead), "verdict": .array(cell.verdicts.map { .string($0.rawValue) }),
      "trials": .string(trials.word),
      "weights_digests": .array(cell.trials.map { .string($0.weightsDigest) }),
    ]
    for member in figures.members { object[member.name] = member.value }
    return object
  }
}

extension Comparison.Trials {
  /// `folds` or `seeds`.
  package var word: String {
    switch self {
    case .folds: "folds"
    case .seeds: "seeds"
    }
  }
}

extension Comparison.Difference {
  fileprivate var json: JSONObject {
    ["mean": .number(mean), "low": .figure(interval?.lowerBound), "high": .figure(interval?.upperBound)]
  }
}
