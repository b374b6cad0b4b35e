import LockstepFormats

/// What each column of a table is for.
package struct CSVLayout {
  enum Role: Equatable {
    case ignored
    /// A feature, with its place among the features. A number or a category, as its first cell that is not missing will
    /// show.
    case undecided(Int)
    case number(Int)
    case category(Int)
    /// A target, with its place among the targets.
    case target(Int)
    /// What a sample counts.
    case weight
    /// Which samples belong together.
    case group
  }

  /// Of every column of the file.
  var roles: [Role]
  /// Of the features, where there is a header.
  let names: [String]?
  /// Of the targets, likewise.
  let targetNames: [String]
  var features: Int { roles.count { $0.feature != nil } }
  var targets: Int { roles.count { if case .target = $0 { true } else { false } } }
  var isWeighted: Bool { roles.contains(.weight) }
  var isGrouped: Bool { roles.contains(.group) }

  /// The layout of a file that a model will be trained on.
  init(training source: CSVSource, columns: Columns, _ rules: SampleRules) throws(DataFileError) {
    let targets = try columns.indices(source.targets, key: "target")
    guard !targets.isEmpty else {
      throw DataFileError(source.path, found: "no target", expected: "the column to be learned, target: NAME")
    }
    let ignored = try columns.indices(source.ignored, key: "ignore")
    let categorical = try columns.indices(source.categorical, key: "categorical")
    let weight = try columns.weight(source, besideTargets: targets)
    let group = try columns.group(rules.group, besideTargets: targets, weight: weight)
    var (roles, features) = ([Role](), 0)
    for column in 0..<columns.count {
      if let place = targets.firstIndex(of: column) {
        roles.append(.target(place))
      } else if column == weight {
        roles.append(.weight)
      } else if column == group {
        roles.append(.group)
      } else if ignored.contains(column) {
        roles.append(.ignored)
      } else {
        roles.append(categorical.contains(column) ? .category(features) : .undecided(features))
        features += 1
      }
    }
    guard features > 0 else {
      throw DataFileError(
        source.path, found: "no column but the targets", expected: "at least one column of features",
        hint: columns.delimiterHint)
    }
    if let image = rules.image {
      guard image.count == features else {
        throw rules.isNoImage(source.path, "\(features) \(Format.plural(features, "column")) of features")
      }
      roles = roles.map { $0.moved(image) }
    }
    self.roles = roles
    names = columns.names.map { names in
      var own = [String](repeating: "", count: features)
      for (column, role) in roles.enumerated() { if let slot = role.feature { own[slot] = names[column] } }
      return own
    }
    targetNames = columns.names.map { names in targets.map { names[$0] } } ?? []
  }

  /// The layout of a file for a model that has been trained: columns by their names, where both have them, else by
  /// their places. What is not needed is not looked at.
  init(
    known: Preprocessing, source: CSVSource, columns: Columns, _ rules: SampleRules
  ) throws(DataFileError) {
    let needsTargets = rules.kind != nil
    var places: [Int]
    if let names = columns.names, known.columns.allSatisfy({ $0.name != nil }) {
      var found: [Int] = []
      for column in known.columns {
        guard let name = column.name else { continue }
        found.append(try columns.index(of: name, among: names, key: nil))
      }
      places = found
    } else {
      let inFile = try columns.placesOfFeatures(known, source, besideTargets: needsTargets, group: rules.group)
      places = inFile
      if let image = known.image {
        for (place, column) in inFile.enumerated() { places[image.input(ofNumber: place)] = column }
      }
    }
    var targets: [Int] = []
    if needsTargets {
      targets = try columns.indices(Self.targets(known, source, columns), key: "target")
      guard targets.count == known.task.targetColumns else {
        throw DataFileError(
          source.path, found: "\(targets.count) targets", expected: "\(known.task.targetColumns), as in training",
          hint: "say which by csv: {path: …, target: NAME}")
      }
    }
    if let column = targets.first(where: places.contains) {
      throw DataFileError(
        source.path, place: "target",
        found:
          "column \(columns.names.map { Display.quoted($0[column]) } ?? "\(column)"), which is a feature of the model",
        expected: "a column of its own")
    }
    var roles = [Role](repeating: .ignored, count: columns.count)
    for (slot, column) in places.enumerated() {
      roles[column] = known.columns[slot].isCategory ? .category(slot) : .number(slot)
    }
    for (place, column) in targets.enumerated() { roles[column] = .target(place) }
    let weight = rules.isWeighted ? try columns.weight(source, besideTargets: targets) : nil
    if let weight { roles[weight] = .weight }
    if let group = try columns.group(rules.group, besideTargets: targets, weight: weight) { roles[group] = .group }
    self.roles = roles
    names = nil
    targetNames = known.targetNames
  }

  /// The target of a file for a trained model: as it is named for the file, or as it was called in training, because
  /// its place may be another.
  private static func targets(_ known: Preprocessing, _ source: CSVSource, _ columns: Columns) -> [ColumnReference] {
    guard columns.names != nil, !known.targetNames.isEmpty else { return source.targets }
    let isNamed = source.targets.contains { if case .name = $0 { true } else { false } }
    return isNamed || !known.targetNames.allSatisfy({ columns.place(of: $0) != nil }) && !source.targets.isEmpty
      ? source.targets : known.targetNames.map { .name($0) }
  }
}

extension CSVLayout.Role {
  /// Its place among the features, where it is one.
  var feature: Int? {
    switch self {
    case .undecided(let slot), .number(let slot), .category(let slot): slot
    case .ignored, .target, .weight, .group: nil
    }
  }

  /// A feature at the place that it has in an image whose numbers stand in the order of the file.
  fileprivate func moved(_ image: ImageLayout) -> CSVLayout.Role {
    switch self {
    case .undecided(let slot): .undecided(image.input(ofNumber: slot))
    case .number(let slot): .number(image.input(ofNumber: slot))
    case .category(let slot): .category(image.input(ofNumber: slot))
    case .ignored, .target, .weight, .group: self
    }
  }
}

extension CSVLayout {
  /// The columns that a file has.
  package struct Columns {
    let path: String
    let count: Int
    /// From the header, if there is one.
    let names: [String]?
    /// By the bytes of their names.
    private let places: [ByteText: Int]
    /// What to do where the first row looks separated by another delimiter.
    let delimiterHint: String?

    package init(path: String, count: Int, names: [String]?, delimiterHint: String? = nil) {
      (self.path, self.count, self.names, self.delimiterHint) = (path, count, names, delimiterHint)
      let pairs = (names ?? []).enumerated().map { (ByteText($1), $0) }
      places = Dictionary(pairs) { first, _ in first }
    }

    package func place(of name: String) -> Int? { places[ByteText(name)] }

    /// The columns with these names or numbers.
    package func indices(_ references: [ColumnReference], key: String) throws(DataFileError) -> [Int] {
      var indices: [Int] = []
      for reference in references {
        let index: Int
        switch reference {
        case .name(let name):
          guard let names else {
            throw DataFileError(
              path, place: key, found: "the name \(reference) for a table without header",
              expected: "a number from 0 to \(count - 1)")
          }
          index = try self.index(of: name, among: names, key: key)
        case .index(let number):
          index = number < 0 ? count + number : number
          guard (0..<count).contains(index) else {
            throw DataFileError(
              path, place: key, found: "column \(number) of \(count)",
              expected: "a number from 0 to \(count - 1), or from -\(count) to -1", hint: delimiterHint)
          }
        }
        guard !indices.contains(index) else {
          throw DataFileError(path, place: key, found: "column \(reference) twice", expected: "every column once")
        }
        indices.append(index)
      }
      return indices
    }

    /// The column of the weights, if there is one.
    func weight(_ source: CSVSource, besideTargets targets: [Int]) throws(DataFileError) -> Int? {
      guard let reference = source.weight else { return nil }
      let weight = try indices([reference], key: "weight")[0]
      guard targets.contains(weight) else { return weight }
      throw DataFileError(
        path, place: "weight", found: "column \(reference), which is a target", expected: "a column of its own")
    }

    /// The column of the groups, if there is one.
    func group(
      _ reference: ColumnReference?, besideTargets targets: [Int], weight: Int?
    ) throws(DataFileError) -> Int? {
      guard let reference else { return nil }
      let group = try indices([reference], key: "group")[0]
      guard targets.contains(group) || group == weight else { return group }
      throw DataFileError(
        path, place: "group", found: "column \(reference), which is \(group == weight ? "the weight" : "a target")",
        expected: "a column of its own")
    }

    func index(of name: String, among names: [String], key: String?) throws(DataFileError) -> Int {
      if let index = place(of: name) { return index }
      throw DataFileError(
        path, line: key == nil ? 1 : nil, place: key ?? "header", found: "no column \(Display.quoted(name))",
        expected: "one of \(Preprocessing.list(names))",
        hint: delimiterHint ?? NearestName.hint(for: name, among: names))
    }

    /// The features of a table without names: all columns but the targets, the weight and those that are ignored, as
    /// far as they are there. Where a column is missing that may be the target or one of the ignored, it is the target.
    ///
    /// - Parameter besideTargets: whether the targets must be there.
    func placesOfFeatures(
      _ known: Preprocessing, _ source: CSVSource, besideTargets: Bool, group: ColumnReference?
    ) throws(DataFileError) -> [Int] {
      let wanted = known.columns.count
      let weight = [source.weight, group].compactMap { $0 }
      let without =
        [source.targets + source.ignored] + (besideTargets ? [source.targets] : [source.ignored, source.targets, []])
      for left in without.map({ $0 + weight }) + without {
        guard let out = try? indices(left, key: "target") else { continue }
        let rest = (0..<count).filter { !out.contains($0) }
        if rest.count == wanted { return rest }
      }
      throw DataFileError(
        path, line: 1, found: "\(count) columns",
        expected:
          "the \(wanted) features that the model was trained with, \(besideTargets ? "and the targets" : "with or without the targets")",
        hint: delimiterHint)
    }
  }
}
