import LockstepFormats
import LockstepStudies

extension Explanation {
  /// As `lockstep explain --json` writes it.
  public var json: JSONObject {
    [
      "name": .string(name), "step": .integer(step), "metric": .string(metric.rawValue),
      "baseline": .number(baseline), "samples": .integer(samples), "available": .integer(available),
      "repeats": .integer(repeats), "seed": .string("\(seed)"),
      "features": .array(features.map { .object($0.json) }),
      "partial_dependence": .array(dependences.map { .object($0.json) }),
    ]
  }
}

extension FeatureImportance {
  fileprivate var json: JSONObject {
    [
      "name": .string(name), "column": .integer(column), "mean": .number(mean), "stddev": .figure(deviation),
      "low": .figure(margin.map { mean - $0 }), "high": .figure(margin.map { mean + $0 }),
      "values": .array(drops.map { .number($0) }),
    ]
  }
}

extension PartialDependence {
  fileprivate var json: JSONObject {
    let values: JSONValue =
      switch grid {
      case .numbers(let numbers): .array(numbers.map { .number($0) })
      case .categories(let names): .array(names.map { .string($0) })
      }
    return [
      "name": .string(name), "column": .integer(column), "values": values,
      "outputs": .array(
        curves.map { ["name": .string($0.name), "means": .array($0.means.map { .number($0) })] }),
    ]
  }
}
