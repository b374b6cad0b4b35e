import LockstepFormats

extension EvaluationReport {
  /// The report as `lockstep evaluate --json` prints it.
  public var json: JSONObject {
    var json = JSONObject()
    for (name, value) in means + further { json[name] = .number(value) }
    json["samples"] = .integer(samples)
    json["products"] = .string(products.rawValue)
    if !classes.isEmpty {
      json["classes"] = .array(
        classes.map {
          [
            "name": .string($0.name), "precision": .number($0.precision), "recall": .number($0.recall),
            "f1": .number($0.f1),
            "support": .integer($0.support), "roc_auc": $0.areaUnderROC.map { .number($0) } ?? .null,
          ]
        })
    }
    if let confusion { json["confusion_matrix"] = .array(confusion.map { .array($0.map { .integer($0) }) }) }
    if !labels.isEmpty {
      json["labels"] = .array(
        labels.map {
          [
            "name": .string($0.name), "accuracy": .number($0.accuracy), "precision": .number($0.precision),
            "recall": .number($0.recall), "f1": .number($0.f1), "support": .integer($0.support),
            "roc_auc": $0.areaUnderROC.map { .number($0) } ?? .null,
          ]
        })
    }
    if !targets.isEmpty {
      json["targets"] = .array(
        targets.map {
          [
            "name": .string($0.name), "mean_absolute_error": .number($0.figures.meanAbsoluteError),
            "root_mean_squared_error": .number($0.figures.rootMeanSquaredError), "r2": .number($0.figures.r2),
          ]
        })
    }
    return json
  }
}
