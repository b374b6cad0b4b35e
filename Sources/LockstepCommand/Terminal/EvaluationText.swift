import Lockstep

/// What an evaluation has found as people read it.
enum EvaluationText {
  /// A wider matrix is not shown.
  private static let mostClasses = 20
  /// Nor is a longer table of classes or labels.
  private static let mostRows = 100

  /// - Parameter columns: of the terminal; nil for none.
  static func of(_ report: EvaluationReport, columns: Int? = nil) -> String {
    let figures = (report.means + report.further).map { ($0.name, Format.significant($0.value, 6)) }
    var parts = [Table.pairs(figures + [("samples", Format.count(report.samples))], columns: columns)]
    if !report.classes.isEmpty, report.classes.count <= mostRows { parts.append(classes(report, columns)) }
    if let confusion = report.confusion, confusion.count <= mostClasses {
      parts.append(matrix(confusion, report, columns))
    }
    if !report.labels.isEmpty, report.labels.count <= mostRows { parts.append(labels(report, columns)) }
    if report.targets.count > 1 { parts.append(targets(report, columns)) }
    return parts.joined(separator: "\n\n")
  }

  private static func classes(_ report: EvaluationReport, _ columns: Int?) -> String {
    let rows = report.classes.map { figures in
      [
        Terminal.printable(figures.name), Format.fixed(figures.precision, 4), Format.fixed(figures.recall, 4),
        Format.fixed(figures.f1, 4), figures.areaUnderROC.map { Format.fixed($0, 4) } ?? "–",
        Format.count(figures.support),
      ]
    }
    return Table.text(
      ["class", "precision", "recall", "F1", "ROC AUC", "samples"], rows, right: [1, 2, 3, 4, 5], columns: columns)
  }

  private static func matrix(_ confusion: [[Int]], _ report: EvaluationReport, _ columns: Int?) -> String {
    let names = report.classes.map { Terminal.printable($0.name) }
    let rows = zip(names, confusion).map { [$0] + $1.map { Format.count($0) } }
    return Table.text(["true ╲ predicted"] + names, rows, right: Set(1...names.count), columns: columns)
  }

  private static func labels(_ report: EvaluationReport, _ columns: Int?) -> String {
    let rows = report.labels.map { figures in
      let shares = [figures.accuracy, figures.precision, figures.recall, figures.f1].map { Format.fixed($0, 4) }
      let area = figures.areaUnderROC.map { Format.fixed($0, 4) } ?? "–"
      return [Terminal.printable(figures.name)] + shares + [area, Format.count(figures.support)]
    }
    return Table.text(
      ["label", "accuracy", "precision", "recall", "F1", "ROC AUC", "samples"], rows, right: [1, 2, 3, 4, 5, 6],
      columns: columns)
  }

  private static func targets(_ report: EvaluationReport, _ columns: Int?) -> String {
    let rows = report.targets.map { target in
      [
        Terminal.printable(target.name), Format.significant(target.figures.meanAbsoluteError, 6),
        Format.significant(target.figures.rootMeanSquaredError, 6), Format.significant(target.figures.r2, 6),
      ]
    }
    return Table.text(["target", "MAE", "RMSE", "R²"], rows, right: [1, 2, 3], columns: columns)
  }
}
