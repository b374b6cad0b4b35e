import LockstepFormats
import LockstepKernels
import LockstepModel

/// What was found in the files of a configuration and how it was taken, in words.
public struct DataSummary: Sendable, Equatable {
  /// One or two lines: rows, numbers, categories, inputs, target; and what was left out.
  public let lines: [String]
  /// The same under titles, for a table.
  package let parts: [Part]
  /// What may not be as it was meant, such as a class without a sample to train on; nine at most.
  public let warnings: [String]
  /// Mean and deviation of every target over the training samples; empty where targets are no numbers.
  package let targets: [Preprocessing.Scale]

  /// What is said of one side of the data.
  package struct Part: Sendable, Equatable {
    package var title: String
    package var text: String
  }

  init(
    _ table: SampleTable, _ preprocessing: Preprocessing, _ fit: Preprocessing.Fit, _ parts: [SplitPart],
    validation: SampleTable?
  ) {
    let held = validation?.count ?? parts.count { $0 == .validation }
    let count =
      validation != nil
      ? "\(Self.rows(table.count)) to train and \(Format.count(held)) to validate"
      : Self.rows(table.count) + (parts.isEmpty ? "" : ", \(Format.count(held)) of them to validate")
    let (inputs, target) = (Self.columns(preprocessing), Self.target(preprocessing))
    let leftOut = Self.leftOut(table, preprocessing, parts, validation)
    lines = ["\(count): \(inputs); \(target.title)\(target.text)"] + leftOut
    self.parts =
      [
        Part(title: "samples", text: count), Part(title: "inputs", text: inputs),
        Part(title: target.title, text: Self.trimmed(target.text)),
      ] + leftOut.map { Part(title: "left out", text: $0) }
    var warnings = table.findings.warnings + fit.warnings
    if case .classes(let names) = preprocessing.targets, !parts.isEmpty, let classes = table.classNumbers(preprocessing)
    {
      warnings += Self.oneSided(classes, parts, .train, "training", names)
      warnings += Self.oneSided(classes, parts, .validation, "validation", names)
    }
    let more = warnings.count - Self.most
    self.warnings =
      more > 0
      ? warnings.prefix(Self.most) + ["and \(more) more \(Format.plural(more, "warning")) of this kind"] : warnings
    targets = table.findings.targets.isEmpty ? fit.targets : table.findings.targets
  }

  /// More warnings than this are not read.
  private static let most = 8

  private static func rows(_ count: Int) -> String { "\(Format.count(count)) \(Format.plural(count, "row"))" }

  private static func columns(_ preprocessing: Preprocessing) -> String {
    let inputs = "\(Format.count(preprocessing.features)) \(Format.plural(preprocessing.features, "input")) in all"
    if preprocessing.image != nil {
      return
        "\(preprocessing.shape.phrase)\(preprocessing.isStandardized ? " (standardised by channel)" : ""), \(inputs)"
    }
    let numbers = preprocessing.columns.count { !$0.isCategory }
    let categories = preprocessing.columns.enumerated().filter(\.element.isCategory)
    var parts: [String] = []
    if numbers > 0 {
      parts.append(
        "\(Format.count(numbers)) \(Format.plural(numbers, "number"))\(preprocessing.isStandardized ? " (standardised)" : "")"
      )
    }
    if !categories.isEmpty {
      let shown = categories.prefix(6).map { index, column in
        "\(column.name.map { Display.plain($0) } ?? "column \(index)") \(Format.count(column.width))"
      }
      let more = categories.count > 6 ? ", …" : ""
      parts.append(
        "\(Format.count(categories.count)) \(categories.count == 1 ? "column" : "columns") of categories (\(shown.joined(separator: ", "))\(more))"
      )
    }
    return "\(parts.joined(separator: " and ")), \(inputs)"
  }

  /// What is learned, after `target` or `targets`.
  private static func target(_ preprocessing: Preprocessing) -> (title: String, text: String) {
    let names = preprocessing.targetNames.map { Display.quoted($0) }
    let title = names.isEmpty ? "" : " \(names.prefix(6).joined(separator: ", "))\(names.count > 6 ? ", …" : "")"
    switch preprocessing.targets {
    case .classes(let classes): return ("target", "\(title): \(classes.count) classes, \(Preprocessing.list(classes))")
    case .labels(let count): return ("targets", "\(title): \(count) labels of 0 or 1")
    case .numbers(let count):
      let what = count == 1 ? "\(title): a number" : "\(title): \(count) numbers"
      let scales = ", standardised; the loss is that of standardised targets, metrics are in their units"
      return (count == 1 ? "target" : "targets", what + (preprocessing.targetScales.isEmpty ? "" : scales))
    }
  }

  /// Without what joins it to the word before.
  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " || $0 == ":" })
  }

  private static func leftOut(
    _ table: SampleTable, _ preprocessing: Preprocessing, _ split: [SplitPart], _ validation: SampleTable?
  ) -> [String] {
    var parts: [String] = []
    let ignored = table.findings.ignored
    if !ignored.isEmpty {
      parts.append("not looked at: \(ignored.prefix(12).joined(separator: ", "))\(ignored.count > 12 ? ", …" : "")")
    }
    let dropped = table.dropped + (validation?.dropped ?? 0)
    if dropped > 0 { parts.append("\(rows(dropped)) left out, without a target") }
    let unknown = validation?.findings.unknown ?? unknownCategories(table, preprocessing, split)
    if unknown.rows > 0 {
      parts.append(
        "\(rows(unknown.rows)) to validate \(unknown.rows == 1 ? "has" : "have") a category that training has not, taken for none (\(unknown.example ?? ""))"
      )
    }
    return parts.isEmpty ? [] : ["\(parts.joined(separator: "; "))"]
  }

  /// Samples that are held back with a category that the others do not have.
  private static func unknownCategories(
    _ table: SampleTable, _ preprocessing: Preprocessing, _ parts: [SplitPart]
  ) -> UnknownCategories {
    var unknown = UnknownCategories()
    guard preprocessing.ignoresUnknown, !parts.isEmpty else { return unknown }
    let isKnown: [[Bool]] = zip(table.columns, preprocessing.columns).map { column, known in
      guard let names = known.categories else { return [] }
      let labels = Labels(named: names)
      return (column.categories ?? []).map { labels.place(of: $0.name) != nil }
    }
    guard isKnown.contains(where: { $0.contains(false) }) else { return unknown }
    for index in 0..<table.count where parts[index] == .validation {
      table.features.forEach(row: table.row(index)) { column, value in
        guard !isKnown[column].isEmpty, value.isFinite, !isKnown[column][Int(value)] else { return }
        unknown.add(row: index, table.title(column), table.columns[column].categories?[Int(value)].name ?? "")
      }
    }
    return unknown
  }

  /// Classes of which one part of a split has no sample.
  private static func oneSided(
    _ classes: [Int32], _ parts: [SplitPart], _ part: SplitPart, _ word: String, _ names: [String]
  ) -> [String] {
    var counts = [Int](repeating: 0, count: names.count)
    for (index, number) in classes.enumerated() where parts[index] == part && number >= 0 { counts[Int(number)] += 1 }
    let lacking = names.indices.filter { counts[$0] == 0 }
    if lacking.isEmpty { return [] }
    let what = lacking.count == 1 ? "class" : "classes"
    return [
      "the \(word) part has no sample of \(lacking.count) \(what), \(Preprocessing.list(lacking.map { names[$0] })): too rare for this split"
    ]
  }
}
