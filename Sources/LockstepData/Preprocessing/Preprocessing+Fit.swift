import LockstepDeclarations
import LockstepFormats
import LockstepKernels

extension Preprocessing {
  /// What the training samples of a table say, and what a person should know of them.
  struct Fit {
    var preprocessing: Preprocessing
    /// Of the targets, where they are numbers.
    var targets: [Scale] = []
    var warnings: [String] = []

    /// What a checkpoint has recorded.
    init(preprocessing: Preprocessing) { self.preprocessing = preprocessing }

    /// - Parameter parts: where a split has put each sample; empty where all are trained on.
    init(_ table: SampleTable, _ description: FileData.Description, _ parts: [SplitPart]) throws(DataFileError) {
      func isTaken(_ index: Int) -> Bool { parts.isEmpty || parts[index] == .train }
      let needsNumbers = description.isStandardized || description.fillsMissing
      var statistics: TableStatistics?
      if needsNumbers || table.hasAffordableStatistics {
        statistics = try TableStatistics(of: table, allowsMissing: description.fillsMissing, isTaken: isTaken)
      }
      preprocessing = Preprocessing(
        columns: [], image: table.image, targets: .numbers(1), targetNames: table.targetNames,
        isStandardized: description.isStandardized, hasMeans: statistics != nil, fillsMissing: description.fillsMissing,
        ignoresUnknown: description.ignoresUnknown,
        samples: parts.isEmpty ? table.count : parts.count { $0 == .train })
      for (index, column) in table.columns.enumerated() {
        let encoding = try Self.encoding(column, index, statistics, description, table)
        preprocessing.columns.append(Column(name: column.name, encoding: encoding))
        // What is known of a channel its first position says.
        if let image = table.image, index >= image.channels { continue }
        if let statistics, !table.findings.blurred.contains(index), Self.isConstant(encoding, index, statistics) {
          let advice = table.image == nil ? "ignore leaves it out" : "there is nothing to learn from it"
          warnings.append("\(table.title(index)): every training sample has the same value: \(advice)")
        } else if let statistics, !statistics.hasValue(index) {
          warnings.append("\(table.title(index)): no training sample has a value: ignore leaves it out")
        }
      }
      if description.isStandardized, let numbers = statistics?.numbers {
        preprocessing.needsPreciseInputs = table.columns.indices.contains { numbers.blur($0) > 1e-6 }
      }
      try learnTargets(table, description, isTaken)
      guard preprocessing.isTooLong else { return }
      if !needsNumbers {
        // Means that nobody has asked for.
        preprocessing.hasMeans = false
        for index in preprocessing.columns.indices where !preprocessing.columns[index].isCategory {
          preprocessing.columns[index].encoding = .number(mean: 0, deviation: 1)
        }
        if !preprocessing.isTooLong { return }
      }
      throw DataFileError(
        table.name,
        found: "\(table.columns.count) columns, whose statistics and names take more than a checkpoint holds",
        expected: "at most \(Preprocessing.longestText >> 20) MiB", hint: "standardize: false keeps none of an array")
    }

    private mutating func learnTargets(
      _ table: SampleTable, _ description: FileData.Description, _ isTaken: (Int) -> Bool
    ) throws(DataFileError) {
      switch table.targets {
      case .classes(let written, _):
        let names = Labels(written: written).names
        guard names.count >= 2 else {
          throw DataFileError(
            table.name, place: "target", found: "one class, \(names.first ?? "")", expected: "at least 2 classes")
        }
        preprocessing.targets = .classes(names)
      case .labels(let values): preprocessing.targets = .labels(values.columns)
      case .numbers(let values):
        preprocessing.targets = .numbers(values.columns)
        targets = Self.scales(values, of: table, isTaken)
        if description.standardizesTargets { preprocessing.targetScales = targets }
      case .none: break
      }
    }

    /// Mean and deviation of every target over the samples that are taken; what is not finite is an error where it is
    /// asked for.
    private static func scales(_ values: NumericArray, of table: SampleTable, _ isTaken: (Int) -> Bool) -> [Scale] {
      var statistics = ColumnStatistics(columns: values.columns)
      for index in 0..<table.count where isTaken(index) {
        values.forEach(row: table.row(index)) { column, value in
          if value.isFinite { statistics.add(value, column: column) }
        }
      }
      return (0..<values.columns).map { Scale(mean: statistics.mean($0), deviation: statistics.deviation($0)) }
    }

    private static func isConstant(_ encoding: Column.Encoding, _ index: Int, _ statistics: TableStatistics) -> Bool {
      switch encoding {
      case .number: statistics.numbers.isConstant(index)
      case .category(let names): names.count == 1
      }
    }

    private static func encoding(
      _ column: SampleTable.Column, _ index: Int, _ statistics: TableStatistics?, _ description: FileData.Description,
      _ table: SampleTable
    ) throws(DataFileError) -> Column.Encoding {
      guard let categories = column.categories else {
        guard let numbers = statistics?.numbers else { return .number(mean: 0, deviation: 1) }
        // In one fold of several a column may have gaps alone: with nothing to learn of it, it is 0.
        if numbers.count(index) == 0, description.ignoresUnknown { return .number(mean: 0, deviation: 1) }
        guard numbers.count(index) > 0 else {
          throw DataFileError(
            table.name, place: table.title(index), found: "no number in the training samples", expected: "at least one",
            hint: "ignore the column")
        }
        return .number(mean: numbers.mean(index), deviation: description.isStandardized ? numbers.deviation(index) : 1)
      }
      let seen = statistics?.seen[index] ?? []
      let known = Labels(written: zip(categories, seen).filter(\.1).map(\.0.name))
      if known.names.isEmpty, description.ignoresUnknown, !categories.isEmpty {
        return .category(Labels(written: categories.map(\.name)).names)
      }
      guard !known.names.isEmpty else {
        throw DataFileError(
          table.name, place: table.title(index), found: "no category in the training samples", expected: "at least one",
          hint: "ignore the column")
      }
      let unknown = zip(categories, seen).first { !$0.1 && known.place(of: $0.0.name) == nil }?.0
      if let unknown, !description.ignoresUnknown {
        throw DataFileError(
          table.name, line: unknown.line, column: unknown.column, place: table.title(index),
          found: "the category \(Display.quoted(unknown.name)), which no training sample has",
          expected: "one of \(list(known.names))",
          hint: "unknown: ignore lets it be none of them; else take another split, or ignore the column")
      }
      return .category(known.names)
    }
  }

  /// Whether a checkpoint has no room for it.
  fileprivate var isTooLong: Bool { JSONValue.object(json).text.utf8.count > Self.longestText }
}

extension SampleTable {
  /// Whether means of its columns are taken though nobody has asked for them, so that a gap that only another file has
  /// can be filled: one pass over what has been read whole anyway. Pixels have no gaps.
  fileprivate var hasAffordableStatistics: Bool {
    pictures == nil && features.divisor == 1 && features.bytes.count <= FileBytes.wholeDigestLimit
  }

  /// What messages call a column, or the channel of an image that it is part of.
  func title(_ column: Int) -> String {
    if let image { return "channel \(column % image.channels)" }
    return columns[column].name.map { "column \(Display.quoted($0))" } ?? "column \(column)"
  }
}
