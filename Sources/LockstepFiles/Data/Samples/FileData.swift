import LockstepKernels
import LockstepTraining

/// What part of the samples is for validation.
public enum DataSplit: Sendable, Equatable {
  /// A random share.
  case share(Double, seed: UInt64)
  /// Fold `index` of `count`, from 0.
  case fold(Int, of: Int, seed: UInt64)
}

/// The files of a configuration, opened: what they hold, what is to be done with it, and the data sets that come of it.
///
/// Opening reads a table of text into memory and maps everything else; statistics are taken over the training samples.
public final class FileData: Sendable {
  /// What was asked for; opened files are used again for the same.
  struct Description: Sendable, Equatable {
    var train: FileSource
    var validation: FileSource?
    var split: DataSplit?
    var isStandardized = false
    var fillsMissing = false
    var kind: TargetKind
  }

  let description: Description
  public let preprocessing: Preprocessing
  /// nil where the files were not opened because a checkpoint says what they held.
  let sets: (train: any Dataset, validation: (any Dataset)?)?
  /// Bytes of memory that tables take.
  let memoryBytes: Int

  /// Opens the files.
  ///
  /// - Parameter recorded: what was found out when a model was trained on them; nil to find it out.
  init(opening description: Description, recorded: Preprocessing? = nil) throws(DataFileError) {
    let table = try SampleTable.read(
      description.train, targets: description.kind, known: recorded, allowsMissing: description.fillsMissing,
      isWeighted: true)
    let held = try Self.held(description, of: table)
    var preprocessing: Preprocessing
    if let recorded {
      preprocessing = recorded
    } else {
      preprocessing = try withFlushToZero { () throws(DataFileError) in
        try Preprocessing(fitting: table, description, held: held)
      }
      try Self.checkLength(preprocessing, table)
    }
    let all = FileDataset(table, preprocessing)
    let sides = try Self.split(all, description, table)
    self.description = description
    self.preprocessing = preprocessing
    if let source = description.validation {
      let other = try SampleTable.read(
        source, targets: description.kind, known: preprocessing, allowsMissing: description.fillsMissing)
      sets = (all, FileDataset(other, preprocessing))
      memoryBytes = table.memoryBytes + other.memoryBytes
    } else {
      sets = (sides?.train ?? all, sides?.validation)
      memoryBytes = table.memoryBytes
    }
  }

  /// What a checkpoint says, without the files.
  init(_ description: Description, recorded: Preprocessing) {
    (self.description, preprocessing, sets, memoryBytes) = (description, recorded, nil, 0)
  }

  /// The samples of `source` as a model sees them that was trained with `preprocessing`.
  static func samples(
    of source: FileSource, _ preprocessing: Preprocessing, withTargets: Bool
  ) throws(DataFileError) -> FileDataset {
    let table = try SampleTable.read(
      source, targets: withTargets ? preprocessing.kind : nil, known: preprocessing,
      allowsMissing: preprocessing.fillsMissing)
    return FileDataset(table, preprocessing)
  }

  private static func split(
    _ all: any Dataset, _ description: Description, _ table: SampleTable
  ) throws(DataFileError) -> (train: DatasetView, validation: DatasetView)? {
    do throws(DatasetError) {
      switch description.split {
      case nil: return nil
      case .share(let share, let seed): return try all.split(validation: share, seed: seed)
      case .fold(let index, let count, let seed): return try all.fold(index, of: count, seed: seed)
      }
    } catch {
      throw DataFileError(
        table.name, found: "\(table.count) samples, \(error)", expected: "a split that leaves some on both sides")
    }
  }

  /// Whether each sample is held back for validation.
  private static func held(_ description: Description, of table: SampleTable) throws(DataFileError) -> [Bool] {
    guard let sides = try split(SampleNumbers(count: table.count), description, table) else { return [] }
    var held = [Bool](repeating: false, count: table.count)
    for index in 0..<sides.validation.count { held[sides.validation.sample(index)] = true }
    return held
  }

  private static func checkLength(_ preprocessing: Preprocessing, _ table: SampleTable) throws(DataFileError) {
    let length = JSONValue.object(preprocessing.json).text.utf8.count
    guard length > Preprocessing.longestText else { return }
    throw DataFileError(
      table.name, found: "\(preprocessing.columns.count) columns, whose statistics and names take \(length >> 20) MiB",
      expected: "at most \(Preprocessing.longestText >> 20) MiB in a checkpoint",
      hint: "standardize: false keeps none of an array")
  }
}

/// Samples that are only counted: a split depends on nothing else.
private struct SampleNumbers: Dataset {
  let count: Int
  var features: Int { 0 }
  var task: Task { .regression(targets: 0) }
  var fingerprint: String { "" }

  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    throw DatasetError("samples that are only counted have no features")
  }
}

extension Preprocessing {
  /// What the training samples of `table` say.
  ///
  /// - Parameter held: whether each sample is held back for validation; empty where none is.
  fileprivate init(
    fitting table: SampleTable, _ description: FileData.Description, held: [Bool]
  ) throws(DataFileError) {
    let needsNumbers = description.isStandardized || description.fillsMissing
    let hasCategories = table.columns.contains { $0.categories != nil }
    var statistics: ColumnStatistics?
    if needsNumbers || hasCategories {
      statistics = try ColumnStatistics(of: table, allowsMissing: description.fillsMissing) {
        held.isEmpty || !held[$0]
      }
    }
    var columns: [Column] = []
    for (index, column) in table.columns.enumerated() {
      columns.append(Column(name: column.name, kind: try Self.kind(column, index, statistics, description, table)))
    }
    let targets: Targets
    switch table.targets {
    case .classes(let names, _):
      guard names.count >= 2 else {
        throw DataFileError(
          table.name, place: "target", found: "one class, \(names.first ?? "")", expected: "at least 2 classes")
      }
      targets = .classes(Self.sorted(names))
    case .numbers(let values): targets = .numbers(values.columns)
    case .none: targets = .numbers(1)
    }
    self.init(
      columns: columns, targets: targets, targetNames: table.targetNames, isStandardized: description.isStandardized,
      fillsMissing: description.fillsMissing, samples: table.count - held.count { $0 })
  }

  private static func kind(
    _ column: SampleTable.Column, _ index: Int, _ statistics: ColumnStatistics?, _ description: FileData.Description,
    _ table: SampleTable
  ) throws(DataFileError) -> Column.Kind {
    let title = column.name.map { "column \(Display.quoted($0))" } ?? "column \(index)"
    guard let categories = column.categories else {
      guard let statistics, description.isStandardized || description.fillsMissing else {
        return .number(mean: 0, deviation: 1)
      }
      guard statistics.counts[index] > 0 else {
        throw DataFileError(
          table.name, place: title, found: "no number in the training samples", expected: "at least one",
          hint: "ignore the column")
      }
      return .number(
        mean: statistics.means[index], deviation: description.isStandardized ? statistics.deviation(index) : 1)
    }
    let seen = statistics?.seen[index] ?? []
    let known = zip(categories, seen).filter(\.1).map(\.0.name)
    guard !known.isEmpty else {
      throw DataFileError(
        table.name, place: title, found: "no category in the training samples", expected: "at least one",
        hint: "ignore the column")
    }
    if let unknown = zip(categories, seen).first(where: { !$0.1 })?.0 {
      throw DataFileError(
        table.name, line: unknown.line, column: unknown.column, place: title,
        found: "the category \(Display.quoted(unknown.name)), which no training sample has",
        expected: "one of \(list(sorted(known)))", hint: "take another split, or ignore the column")
    }
    return .category(sorted(known))
  }
}
