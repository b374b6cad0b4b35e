import LockstepFormats

/// How many samples of files are for validation, and by which rule they are chosen.
public struct DataSplit: Sendable, Equatable {
  /// How many.
  public enum Part: Sendable, Equatable {
    /// A share of the samples, between 0 and 1.
    case share(Double)
    /// Fold `index` of `count`, from 0.
    case fold(Int, of: Int)
  }

  /// Which ones; `SplitRule` with the classes or groups that the files hold.
  public enum Rule: Sendable, Equatable {
    /// Stratified where there are classes, and each can have a sample in training; else random.
    case automatic
    /// Any sample, at random.
    case random
    /// Every class with its share on both sides.
    case stratified
    /// What has the same name in this column stays together; it is no feature.
    case grouped(ColumnReference)
    /// The last samples, in their order.
    case last
  }

  /// How many samples are for validation.
  public var part: Part
  /// What random choices follow from; folds of one cross-validation have one seed.
  public var seed: UInt64
  /// Which samples are for validation.
  public var rule: Rule

  /// Nothing is checked here; opening the files throws where a side would be empty.
  public init(_ part: Part, seed: UInt64, rule: Rule = .automatic) {
    (self.part, self.seed, self.rule) = (part, seed, rule)
  }

  /// `share` of the samples for validation, the others for training.
  public static func share(_ share: Double, seed: UInt64, by rule: Rule = .automatic) -> DataSplit {
    DataSplit(.share(share), seed: seed, rule: rule)
  }

  /// Fold `index`, from 0, of `count` for validation, the others for training.
  public static func fold(_ index: Int, of count: Int, seed: UInt64, by rule: Rule = .automatic) -> DataSplit {
    DataSplit(.fold(index, of: count), seed: seed, rule: rule)
  }

  /// The column of the groups, where groups decide.
  var group: ColumnReference? {
    if case .grouped(let column) = rule { column } else { nil }
  }

  /// Both sides of `data`.
  ///
  /// - Parameter table: where the samples of `data` stand.
  func sides(
    of data: any Dataset, _ table: SampleTable, known: Preprocessing?
  ) throws(DataFileError) -> (train: DatasetView, validation: DatasetView) {
    let classes = table.classNumbers(known)
    if rule == .stratified, classes == nil {
      throw DataFileError(
        table.name, found: "targets that are no classes", expected: "classes, since split.stratify is true",
        hint: "stratify: false")
    }
    do throws(DatasetError) {
      switch rule {
      case .random: return try sides(of: data, .random)
      case .last: return try sides(of: data, .last)
      case .grouped: return try sides(of: data, .grouped(groups: table.groupNumbers))
      case .stratified: return try sides(of: data, .stratified(classes: classes ?? []))
      case .automatic:
        if let classes, let sides = try? sides(of: data, .stratified(classes: classes)) {
          return sides
        }
        return try sides(of: data, .random)
      }
    } catch {
      throw DataFileError(
        table.name, found: "\(table.count) samples, \(error)", expected: "a split that leaves some on both sides")
    }
  }

  private func sides(
    of data: any Dataset, _ rule: SplitRule
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    switch part {
    case .share(let share): try data.split(validation: share, seed: seed, by: rule)
    case .fold(let index, let count): try data.fold(index, of: count, seed: seed, by: rule)
    }
  }
}

extension SampleTable {
  /// The group of each sample; names that are one label are one group.
  fileprivate var groupNumbers: [Int32] {
    guard let groups else { return [] }
    let labels = Labels(written: groups.names)
    let places = groups.names.map { Int32(labels.place(of: $0) ?? -1) }
    return numbers(groups.codes).map { places[Int($0)] }
  }

  /// The class of each sample; nil where targets are none.
  func classNumbers(_ known: Preprocessing?) -> [Int32]? {
    guard case .classes(let written, let codes) = targets else { return nil }
    var labels = Labels(written: written)
    if case .classes(let names)? = known?.targets { labels = Labels(named: names) }
    let places = written.map { Int32(labels.place(of: $0) ?? -1) }
    // A class that is missing is told of where the sample is asked for.
    return numbers(codes).map { $0 >= 0 ? places[Int($0)] : -1 }
  }

  /// One column of whole numbers, −1 where there is none.
  private func numbers(_ column: NumericArray) -> [Int32] {
    var numbers = [Int32](repeating: -1, count: count)
    for index in 0..<count {
      column.forEach(row: row(index)) { _, value in if value.isFinite { numbers[index] = Int32(value) } }
    }
    return numbers
  }
}
