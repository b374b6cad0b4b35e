import LockstepConfiguration
import LockstepData
import LockstepFormats

extension TableSurvey {
  var proposedColumns: [ProposedColumn] {
    columns.enumerated().map { ProposedColumn($1, number: $0, rows: rows) }
  }

  func proposal(target: String?, task: Proposal.Task?, in folder: String) throws(DataFileError) -> Proposal {
    guard let target else {
      throw DataFileError(
        source.path, found: "no column that could be a target", expected: "the column to be learned, --target NAME")
    }
    let place = try self.place(of: target)
    let column = columns[place]
    guard column.values.count > 1 || column.hasMore else {
      throw DataFileError(
        source.path, place: "target", found: "\(Display.quoted(target)), which holds one value alone",
        expected: "a column with something to learn")
    }
    var notes: [String] = []
    let isClass = try self.isClass(column, target, task, &notes)
    var proposed = proposedColumns
    proposed[place].use = .target
    for copy in try copies(of: place, isClass: isClass) where proposed[copy].use == .feature {
      proposed[copy].use = .ignored("it says what the target says")
    }
    guard proposed.contains(where: { $0.use == .feature }) else {
      throw DataFileError(
        source.path, found: "no column to learn from",
        expected: "at least one of numbers or categories beside the target",
        hint: "lockstep init says why columns are left out; a configuration of your own can name them")
    }
    if proposed.contains(where: { $0.use == .ignored("dates") }) {
      notes.append("rows with dates may be a series: split: {validation: 0.2, order: last} validates on the last ones")
    }
    let shape = DataShape(
      samples: rows - column.missing,
      inputs: .features(inputs(proposed)), answer: isClass ? .classes(column.values.count) : .numbers(1))
    let parts = YAMLParts(
      source: sourceYAML(proposed, target: place, folder), options: options(proposed, target: place),
      summary:
        "\(Format.count(rows)) rows, \(Format.count(proposed.count { $0.use == .feature })) of \(Format.count(columns.count)) columns to learn \(Display.plain(name(place))) from",
      file: Folder.lastName(of: source.path))
    return Proposal(
      columns: proposed, notes: notes, yaml: try Recipe(shape).yaml(parts),
      name: RunConfiguration.name(ofFile: source.path))
  }

  private func name(_ place: Int) -> String { columns[place].name ?? "column \(place)" }

  private func place(of target: String) throws(DataFileError) -> Int {
    let names = source.hasHeader ? columns.map { $0.name ?? "" } : nil
    let table = CSVLayout.Columns(path: source.path, count: columns.count, names: names)
    let isName = table.place(of: target) != nil
    let reference = isName ? ColumnReference.name(target) : Int(target).map { .index($0) } ?? .name(target)
    return try table.indices([reference], key: "target")[0]
  }

  /// Whether a target is a class: words are, and whole numbers of which there are a few different.
  private func isClass(
    _ column: Column, _ target: String, _ task: Proposal.Task?, _ notes: inout [String]
  ) throws(DataFileError) -> Bool {
    let different = column.values.count
    let isCountable = !column.hasMore && different <= Self.mostClasses
    if task == .regression {
      guard column.isNumber else {
        throw DataFileError(
          source.path, place: "target", found: "words in the column \(Display.quoted(target))",
          expected: "numbers, for a regression")
      }
      return false
    }
    if task == .classification || !column.isNumber {
      guard !column.hasMore, different == 2 || different * 2 <= column.cells else {
        throw DataFileError(
          source.path, place: "target",
          found: "\(column.hasMore ? "over " : "")\(different) different values in \(column.cells) rows",
          expected: "classes, each with several rows", hint: column.isNumber ? "--task regression" : nil)
      }
      return true
    }
    let values = column.values.compactMap { Double($0.text) }
    let least = values.min() ?? 0
    let isNumbered =
      column.isWhole && (least == 0 || least == 1 || least == -1) && Double(different) >= (values.max() ?? 0) - least
    let isFew = different == 2 || isNumbered && isCountable && different * 10 <= column.cells
    notes.append(
      isFew
        ? "\(target) is taken for \(different) classes; --task regression takes it for a number"
        : "\(target) is taken for a number"
          + (isCountable && column.isWhole ? "; --task classification takes its \(different) values for classes" : ""))
    return isFew
  }

  private static let mostClasses = 100

  /// How many numbers a network sees of a row.
  private func inputs(_ proposed: [ProposedColumn]) -> Int {
    zip(columns, proposed).reduce(0) { sum, pair in
      pair.1.use != .feature ? sum : sum + (pair.1.isCategory ? pair.0.values.count : 1)
    }
  }

  private func reference(_ place: Int) -> ResolvedValue {
    columns[place].name.map { .text($0) } ?? .integer(place)
  }

  private func sourceYAML(_ proposed: [ProposedColumn], target: Int, _ folder: String) -> String {
    var keys: [(key: String, value: ResolvedValue)] = [
      ("path", .text(Folder.relative(source.path, to: folder))), ("target", reference(target)),
    ]
    if !source.hasHeader { keys.append(("header", .flag(false))) }
    let dialect = source.dialect
    let standard = CSVDialect()
    if dialect.delimiter != standard.delimiter {
      keys.append(("delimiter", .text(dialect.delimiter == "\t" ? "tab" : "\(dialect.delimiter)")))
    }
    if dialect.decimal != standard.decimal { keys.append(("decimal", .text("\(dialect.decimal)"))) }
    if let thousands = dialect.thousands { keys.append(("thousands", .text("\(thousands)"))) }
    func list(_ key: String, _ holds: (ProposedColumn) -> Bool) {
      let places = proposed.indices.filter { holds(proposed[$0]) }
      if !places.isEmpty { keys.append((key, .list(places.map { reference($0) }))) }
    }
    list("categorical") { $0.use == .feature && $0.isNamedCategory }
    list("ignore") { if case .ignored = $0.use { true } else { false } }
    let words = proposed.filter { $0.use == .feature }.flatMap(\.missingWords)
    if !words.isEmpty {
      var all = CSVDialect.usualMissing
      for word in words where !all.contains(word) { all.append(word) }
      keys.append(("missing_values", .list(all.map { .text($0) })))
    }
    return ResolvedValue.mapping([("csv", .mapping(keys))]).flow
  }

  private func options(_ proposed: [ProposedColumn], target: Int) -> [(key: String, value: String, comment: String)] {
    var options: [(key: String, value: String, comment: String)] = []
    let features = proposed.filter { $0.use == .feature }
    if features.contains(where: { $0.missing > 0 || !$0.missingWords.isEmpty }) {
      options.append(("missing", "mean", "an empty cell takes the mean of its column, or is none of its categories"))
    }
    if features.contains(where: \.isCategory) {
      options.append(("unknown", "ignore", "a category that training has not seen is none of those that it has"))
    }
    if columns[target].missing > 0 {
      options.append(("missing_target", "drop", "rows without a target are left out"))
    }
    return options
  }
}
