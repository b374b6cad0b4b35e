import LockstepKernels
import LockstepTraining

/// Of samples that have one class each.
struct ClassSampleFigures: SampleFigures {
  private static let topK = 5

  private var matrix: ConfusionMatrix
  private var amongTop = 0
  private var scores: KeptScores
  private var classes: [Int32] = []

  init(_ classes: Int, samples: Int) {
    matrix = ConfusionMatrix(classes: classes)
    // Of two classes, one score tells all.
    scores = KeptScores(classes == 2 ? 1 : classes, samples: samples)
  }

  mutating func add(_ outputs: Matrix, _ targets: Matrix, conclude: (Matrix) -> Void) {
    for row in 0..<outputs.rows {
      let (label, output) = (Int(targets[row, 0]), outputs.row(row))
      matrix.add(true: label, predicted: output.likeliestClass)
      if outputs.columns > Self.topK, output.rank(of: label) < Self.topK { amongTop += 1 }
      if scores.columns != nil { classes.append(Int32(label)) }
    }
    guard scores.columns != nil else { return }
    conclude(outputs)
    scores.add(outputs)
  }

  func conclude(_ report: inout EvaluationReport, name: (Int) -> String) {
    let areas = areas
    if matrix.classes > Self.topK {
      report.further.append(("top_\(Self.topK)_accuracy", Double(amongTop) / Double(report.samples)))
    }
    report.further += [
      ("precision", matrix.macro(matrix.precision)), ("recall", matrix.macro(matrix.recall)),
      ("f1", matrix.macro(matrix.f1)),
    ]
    report.addMean(of: areas)
    report.confusion = matrix.rows
    report.classes = (0..<matrix.classes).map { index in
      EvaluationReport.ClassFigures(
        name: name(index), precision: matrix.precision(index), recall: matrix.recall(index), f1: matrix.f1(index),
        support: matrix.support[index], areaUnderROC: areas[index])
    }
  }

  /// Of each class against all others; of two classes both are the same.
  private var areas: [Double?] {
    guard let columns = scores.columns else { return Array(repeating: nil, count: matrix.classes) }
    if matrix.classes == 2 {
      let area = ROC.area(scores: columns[0], isPositive: classes.map { $0 == 1 })
      return [area, area]
    }
    return columns.enumerated().map { index, scores in
      ROC.area(scores: scores, isPositive: classes.map { $0 == index })
    }
  }
}

extension Vector {
  /// The class that a row of logits speaks for: the largest, the first of equals; of one logit the second class where
  /// it is above 0.
  var likeliestClass: Int {
    if count == 1 { return self[0] > 0 ? 1 : 0 }
    var best = 0
    for index in 1..<count where self[index] > self[best] { best = index }
    return best
  }

  /// How many classes come before class `label`.
  fileprivate func rank(of label: Int) -> Int {
    let score = self[label]
    var rank = 0
    for index in 0..<count where self[index] > score || self[index] == score && index < label { rank += 1 }
    return rank
  }
}
