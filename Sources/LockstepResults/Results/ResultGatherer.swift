import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Gathers what `ModelResults` tells, block by block.
struct ResultGatherer {
  /// Scores that are kept at most: half a gibibyte.
  private static let mostScores = 1 << 26

  private let model: ModelOnData
  private let chosen: EvenChoice
  private let names: [String]
  private let loss: Loss
  private let units: [Double]
  private var sums = LossSums()
  private var counted: EvaluationFigures
  /// By curve, one score a sample; empty where none are kept.
  private var scores: [[Double]]
  /// Beside them: the class of each sample, or by label whether it has it.
  private var classes: [Int32] = []
  private var isPositive: [[Bool]]
  private var reliabilities: [Reliability]
  private var numbers: NumberGatherer
  private(set) var worst = WorstGatherer()
  private(set) var data: DataGatherer
  let lacksCurves: Bool

  init(_ model: ModelOnData, _ chosen: EvenChoice) {
    (self.model, self.chosen, names, loss) = (model, chosen, model.names, model.configuration.loss)
    units = model.data.targetDeviations
    counted = EvaluationFigures(of: model.data, ranks: false)
    data = DataGatherer(model.preprocessing, names: model.columnNames)
    numbers = NumberGatherer(model.preprocessing.targetScales, targets: names.count, chosen)
    let (curves, reliable) =
      switch model.data.task {
      // Of two classes, one score tells all.
      case .classification(let classes): (classes == 2 ? 1 : classes, 1)
      case .labels(let labels): (labels, labels)
      case .regression: (0, 0)
      }
    let (total, overflow) = chosen.count.multipliedReportingOverflow(by: max(1, curves))
    lacksCurves = overflow || total > Self.mostScores
    scores = Array(repeating: [], count: lacksCurves ? 0 : curves)
    isPositive = Array(repeating: [], count: lacksCurves ? 0 : curves)
    reliabilities = Array(repeating: Reliability(), count: reliable)
  }

  mutating func add(_ places: Range<Int>, _ rows: PassedRows) {
    sums =
      sums
      + loss.evaluate(
        output: rows.outputs, targets: rows.targets, units: units, batchRows: rows.outputs.rows, gradient: nil)
    counted.add(rows.outputs, rows.targets)
    data.add(rows.inputs)
    for row in 0..<rows.outputs.rows {
      let (place, outputs, targets) = (places.lowerBound + row, rows.outputs.row(row), rows.targets.row(row))
      switch counted {
      case .classes: addClass(place, outputs, Int(targets[0]))
      case .labels: addLabels(place, outputs, targets)
      case .targets: addNumbers(place, outputs, targets)
      }
    }
  }

  // MARK: By what is learned

  private mutating func addClass(_ place: Int, _ logits: Vector, _ label: Int) {
    let (logLosses, predicted) = (logits.logLosses, logits.likeliestClass)
    reliabilities[0].add(Scalar.exp(-logLosses[predicted]), isTrue: predicted == label)
    if !lacksCurves {
      classes.append(Int32(label))
      if scores.count == 1 {
        scores[0].append(logits.count == 1 ? Double(logits[0]) : Double(logits[1]) - Double(logits[0]))
      } else {
        logits.forEachLogOdds { scores[$0].append($1) }
      }
    }
    guard worst.takes(logLosses[label]) else { return }
    let probability = Format.significant(Scalar.exp(-logLosses[predicted]), 3)
    worst.add(
      WorstSample(
        number: chosen[place], loss: logLosses[label], truth: names[label],
        predicted: "\(names[predicted]), \(probability)"))
  }

  private mutating func addLabels(_ place: Int, _ logits: Vector, _ targets: Vector) {
    var total = 0.0
    for label in 0..<logits.count {
      let (logit, isTrue) = (Double(logits[label]), targets[label] > 0.5)
      total += Scalar.logOnePlusExp(isTrue ? -logit : logit)
      reliabilities[label].add(Scalar.exp(-Scalar.logOnePlusExp(-logit)), isTrue: isTrue)
      if lacksCurves { continue }
      scores[label].append(logit)
      isPositive[label].append(isTrue)
    }
    let mean = total / Double(logits.count)
    guard worst.takes(mean) else { return }
    func words(_ has: (Int) -> Bool) -> String {
      let list = names.indices.filter(has).map { names[$0] }
      return list.isEmpty ? "none" : list.joined(separator: ", ")
    }
    worst.add(
      WorstSample(
        number: chosen[place], loss: mean, truth: words { targets[$0] > 0.5 }, predicted: words { logits[$0] > 0 }))
  }

  private mutating func addNumbers(_ place: Int, _ outputs: Vector, _ targets: Vector) {
    var total = 0.0
    for target in 0..<outputs.count {
      let error = Double(outputs[target]) - Double(targets[target])
      total += error * error
    }
    numbers.add(place, outputs, targets)
    let mean = total / Double(outputs.count)
    guard worst.takes(mean) else { return }
    func words(_ values: Vector) -> String {
      (0..<values.count).map { Format.written(numbers.value(values[$0], $0), 4) }.joined(separator: ", ")
    }
    worst.add(WorstSample(number: chosen[place], loss: mean, truth: words(targets), predicted: words(outputs)))
  }

  // MARK: What was found

  var figures: [(name: String, value: Double)] {
    loss.metrics(sums) + counted.metrics.map { ($0.metric.rawValue, $0.value) }
  }

  var outcome: ModelResults.Outcome {
    switch counted {
    case .classes(let figures): .classes(classResults(figures.matrix))
    case .labels(let figures): .labels(labelResults(figures.labels))
    case .targets(let figures, _): .targets(numbers.targets(names, figures))
    }
  }

  private func classResults(_ matrix: ConfusionMatrix) -> ModelResults.Classes {
    let found = matrix.support.indices.map { index in
      // Of two classes, the second is the positive one, and the first has its mirror image.
      let score = scores.count == 1 ? (index == 1 ? 0 : nil) : scores.indices.contains(index) ? index : nil
      return ModelResults.Category(
        name: names[index], precision: matrix.precision(index), recall: matrix.recall(index), f1: matrix.f1(index),
        support: matrix.support[index],
        curves: score.flatMap { RankingCurves(scores: scores[$0], isPositive: classes.map { $0 == index }) })
    }
    return ModelResults.Classes(classes: found, confusion: matrix.rows, reliability: reliabilities[0])
  }

  private func labelResults(_ matrices: [ConfusionMatrix]) -> [ModelResults.Category] {
    matrices.enumerated().map { index, matrix in
      ModelResults.Category(
        name: names[index], precision: matrix.precision(1), recall: matrix.recall(1), f1: matrix.f1(1),
        support: matrix.support[1],
        curves: lacksCurves ? nil : RankingCurves(scores: scores[index], isPositive: isPositive[index]),
        reliability: reliabilities[index], confusion: matrix.rows)
    }
  }
}

extension Vector {
  /// By class −ln p of these logits, of two classes also where there is that of the second alone.
  fileprivate var logLosses: [Double] {
    if count == 1 {
      let logit = Double(self[0])
      return [Scalar.logOnePlusExp(logit), Scalar.logOnePlusExp(-logit)]
    }
    let top = Double(self[likeliestClass])
    let sum = (0..<count).reduce(0) { $0 + Scalar.exp(Double(self[$1]) - top) }
    return (0..<count).map { top - Double(self[$0]) + Scalar.log(sum) }
  }
}

extension Scalar {
  /// ln(1 + eˣ), without overflow.
  fileprivate static func logOnePlusExp(_ x: Double) -> Double { max(x, 0) + log(1 + exp(-abs(x))) }
}
