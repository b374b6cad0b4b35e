import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies

extension ModelResults {
  /// The results as a page.
  ///
  /// - Parameters:
  ///   - report: the evaluation of the same samples.
  ///   - data: what they are called, such as a file.
  package func report(_ report: EvaluationReport, on data: String) -> Page {
    // What stands in the table of classes, or is the square of what stands beside it, has no tile.
    let others: Set = ["precision", "recall", "mean_squared_error"]
    let figures = (report.means + report.further).filter { !others.contains($0.name) }.map { figure in
      (value: Format.significant(figure.value), name: RunHistory.words(figure.name), remark: "")
    }
    let gaps = report.gaps.notes.map { Page.paragraph("\($0).", quiet: true) }
    return Page(
      title: "\(name) evaluated",
      subtitle: "By \(weights), on \(data).",
      content: [Page.tiles(figures)] + gaps + sections(data: "The data", hasTiles: true))
  }

  /// The parts of a page: what came of the samples, the worst of them, and what they are.
  ///
  /// - Parameters:
  ///   - title: the heading of the last.
  ///   - hasTiles: whether the figures of a single target stand above.
  func sections(data title: String, hasTiles: Bool = false) -> [HTML] {
    let pictures =
      switch outcome {
      case .classes(let found): self.pictures(of: found)
      case .labels(let labels): self.pictures(of: labels)
      case .targets(let targets): self.pictures(of: targets, hasTiles: hasTiles)
      }
    return [
      Page.section("Results", [Page.paragraph(note, quiet: true)] + pictures),
      Page.section("The worst samples", worstTable), Page.section(title, data.tables),
    ]
  }

  private var weights: String {
    "\(isAveraged ? "the average of the weights in the checkpoint" : "the checkpoint") of step \(Format.count(step))"
  }

  private var note: String {
    let among =
      samples < available
      ? ", evenly apart among the \(Format.count(available)) that there are: lockstep evaluate --report takes all" : ""
    let curves =
      lacksCurves ? " Curves are left out: more than \(Format.count(1 << 26)) scores would have to be kept." : ""
    return "By \(weights), of \(Format.count(samples)) \(Format.plural(samples, "sample"))\(among).\(curves)"
  }

  // MARK: The worst

  private var worstTable: [HTML] {
    guard !worst.isEmpty else { return [Page.paragraph("There are none.", quiet: true)] }
    let isNumber = if case .targets = outcome { true } else { false }
    func words(_ text: String) -> String {
      Self.short(isNumber ? text.split(separator: ", ").map { Format.minus(String($0)) }.joined(separator: ", ") : text)
    }
    let (hasRow, hasName) = (worst.contains { $0.row != nil }, worst.contains { $0.name != nil })
    let shown = worst.contains { !$0.cells.isEmpty } ? columns.prefix(Self.mostCells) : []
    let rows = worst.map { sample in
      [Format.count(sample.number)] + (hasRow ? [sample.row.map { Format.count($0) } ?? ""] : [])
        + [Format.significant(sample.loss), words(sample.truth), words(sample.predicted)]
        + (hasName ? [Self.short(sample.name ?? "")] : []) + sample.cells.prefix(shown.count).map(Self.cell)
    }
    let header =
      ["sample"] + (hasRow ? ["row"] : []) + ["loss", "true", "predicted"] + (hasName ? ["file"] : [])
      + shown.map { Self.short($0) }
    let numbers = [
      "Samples and rows are counted from 0; the row is that of the file, without its header.",
      shown.count < columns.count && !shown.isEmpty ? "The first \(shown.count) of \(columns.count) columns." : "",
    ].filter { $0 != "" }
    let loss =
      switch outcome {
      case .classes: "The loss is −ln p of the sample's class."
      case .labels: "The loss is the mean over the labels of −ln p of what is true."
      case .targets: "The loss is the mean of the squared errors, in the unit that the network learns."
      }
    return [
      Page.paragraph("\(loss) \(hasRow ? numbers.joined(separator: " ") : "Samples are counted from 0.")", quiet: true),
      Page.table(header, rows.map { $0.map { .text($0) } }, right: Self.numbers(rows)),
    ]
  }

  /// A cell as the file has it, but that a fraction of many digits is shown with five.
  static func cell(_ text: String) -> String {
    guard text.utf8.count > 9, text.contains("."), let number = Double(text), number.isFinite else {
      return short(text)
    }
    return Scale.plain(number, digits: 5)
  }

  /// The columns that hold numbers alone.
  private static func numbers(_ rows: [[String]]) -> Set<Int> {
    func isNumber(_ text: String) -> Bool {
      Double(text.replacing("−", with: "-").replacing(" ", with: "")) != nil
    }
    let columns = rows.first?.indices ?? 0..<0
    return Set(columns.filter { column in rows.allSatisfy { $0[column] == "" || isNumber($0[column]) } })
  }

  private static let mostCells = 30

  /// A cell of a file may hold anything.
  static func short(_ text: String) -> String { Format.shortened(Display.plain(text), 32) }
}

extension DataSummary {
  /// Rows of a table that stand open.
  private static let mostOpen = 20

  /// A table of numbers and one of categories.
  fileprivate var tables: [HTML] {
    var (numbers, categories): ([[HTML]], [[HTML]]) = ([], [])
    for column in columns {
      let name = HTML.text(ModelResults.short(column.name))
      switch column.content {
      case .numbers(let mean, let deviation, let least, let largest):
        numbers.append([name] + [mean, deviation, least, largest].map { .text(Format.significant($0)) })
      case .categories(let names, let counts, let others):
        let found = zip(names, counts).map { "\(ModelResults.short($0)) \(Format.count($1))" }.prefix(20)
        let rest = names.count > found.count ? ["… (\(names.count) in all)"] : []
        let none = others > 0 ? ["none of them \(Format.count(others))"] : []
        categories.append([name, .text((found + rest + none).joined(separator: ", "))])
      }
    }
    let more =
      columns.count < available
      ? [Page.paragraph("The first \(columns.count) of \(Format.count(available)) columns.", quiet: true)] : []
    let rest = numbers.count - Self.mostOpen
    let folds = rest > 4 ? [(rows: Self.mostOpen..<numbers.count, words: "\(rest) more columns")] : []
    return
      (numbers.isEmpty
      ? []
      : [Page.table(["column", "mean", "deviation", "least", "largest"], numbers, right: [1, 2, 3, 4], folds: folds)])
      + (categories.isEmpty ? [] : [Page.table(["column", "samples of each category"], categories, wrapped: [1])])
      + more
  }
}
