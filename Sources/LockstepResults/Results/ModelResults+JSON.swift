import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepStudies

extension ModelResults {
  /// A model on samples that are read once, so that they may come from standard input: the evaluation, and what its
  /// page shows beside it.
  ///
  /// - Throws: as `init(checkpoint:on:weights:threads:precision:reading:)`.
  public static func evaluated(
    checkpoint path: String, on source: DataSource? = nil, weights: TrainedWeights? = nil, threads: Int? = nil,
    precision: Precision = .float32, reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) -> (report: EvaluationReport, results: ModelResults) {
    let model = try ModelOnData(checkpoint: path, on: source, weights: weights, reading: reading)
    let report = try EvaluationReport(
      model.restored, averaged: model.isAveraged, on: model.data, model.preprocessing, isGiven: source != nil,
      threads: threads, precision: precision)
    return (report, try ModelResults(model, threads: threads, precision: precision))
  }

  /// As `lockstep evaluate --json` prints it: the figures of `report`, and those that its page shows beside them.
  ///
  /// - Parameter report: the evaluation of the same samples.
  public func json(_ report: EvaluationReport) -> JSONObject {
    var json = report.json
    func extend(_ name: String, by further: [JSONObject]) {
      let all = zip(json[name]?.array ?? [], further).map { value, further -> JSONValue in
        var object = value.object ?? JSONObject()
        for member in further.members { object[member.name] = member.value }
        return .object(object)
      }
      json[name] = .array(all)
    }
    switch outcome {
    case .classes(let found):
      extend("classes", by: found.classes.map { ["average_precision": .figure($0.curves?.averagePrecision)] })
      json["calibration"] = found.reliability.json
    case .labels(let labels):
      extend(
        "labels",
        by: labels.map {
          [
            "average_precision": .figure($0.curves?.averagePrecision),
            "confusion_matrix": $0.confusion.map { .array($0.map { .array($0.map { .integer($0) }) }) } ?? .null,
            "calibration": $0.reliability?.json ?? .null,
          ]
        })
    case .targets(let targets):
      extend(
        "targets",
        by: targets.enumerated().map { index, target -> JSONObject in
          var object: JSONObject = ["residuals": target.residuals?.json ?? .null]
          if index < Self.mostPictures { object["points"] = target.points }
          return object
        })
    }
    if curveCount > 0 { json["curves"] = .array(drawnCurves.map { .object($0.curves.json(named: $0.name)) }) }
    json["columns"] = .array(columns.map { .string($0) })
    json["worst_samples"] = .array(worst.map(\.json))
    json["data"] = data.json
    return json
  }
}

extension RankingCurves {
  /// The points of both curves, a list a coordinate.
  fileprivate func json(named name: String) -> JSONObject {
    func list(_ points: [Point], _ coordinate: KeyPath<Point, Double>) -> JSONValue {
      .array(points.map { .number($0[keyPath: coordinate]) })
    }
    return [
      "name": .string(name),
      "roc": ["false_positive_rate": list(roc, \.x), "true_positive_rate": list(roc, \.y)],
      "precision_recall": ["recall": list(precisionRecall, \.x), "precision": list(precisionRecall, \.y)],
    ]
  }
}

extension ModelResults.Target {
  /// What is true of some samples and what is predicted, a list each.
  fileprivate var points: JSONValue {
    ["true": .array(pairs.map { .figure($0.truth) }), "predicted": .array(pairs.map { .figure($0.predicted) })]
  }
}

extension DataSummary {
  fileprivate var json: JSONValue {
    ["columns": .array(columns.map { .object($0.json) }), "available": .integer(available)]
  }
}

extension DataSummary.Column {
  fileprivate var json: JSONObject {
    switch content {
    case .numbers(let mean, let deviation, let least, let largest):
      [
        "name": .string(name), "mean": .figure(mean), "deviation": .figure(deviation), "least": .figure(least),
        "largest": .figure(largest),
      ]
    case .categories(let names, let counts, let others):
      [
        "name": .string(name),
        "categories": .array(zip(names, counts).map { ["name": .string($0), "count": .integer($1)] }),
        "others": .integer(others),
      ]
    }
  }
}

extension Reliability {
  fileprivate var json: JSONValue {
    let width = 1 / Double(bins.count)
    return [
      "expected_error": .figure(expectedError),
      "bins": .array(
        bins.enumerated().map { place, bin in
          [
            "low": .number(Double(place) * width), "high": .number(Double(place + 1) * width),
            "count": .integer(bin.count), "confidence": .figure(bin.confidence), "share": .figure(bin.share),
          ]
        }),
    ]
  }
}

extension Histogram {
  fileprivate var json: JSONValue {
    ["low": .number(low), "high": .number(high), "counts": .array(counts.map { .integer($0) })]
  }
}

extension WorstSample {
  fileprivate var json: JSONValue {
    [
      "number": .integer(number), "row": row.map { .integer($0) } ?? .null, "name": name.map { .string($0) } ?? .null,
      "loss": .figure(loss), "true": .string(truth), "predicted": .string(predicted),
      "cells": .array(cells.map { .string($0) }),
    ]
  }
}
