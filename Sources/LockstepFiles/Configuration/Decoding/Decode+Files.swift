import LockstepTraining

// Data in files.

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  /// - Parameter isRecorded: whether it is the configuration that a checkpoint has recorded.
  static func sources(_ field: Field, folder: String, isRecorded: Bool) -> RunConfiguration.DataSources? {
    let sources = field.mapping { fields -> RunConfiguration.DataSources? in
      let isWhole = fields.has("source")
      let whole = fields.optional("source").flatMap { source($0, split: "train", folder: folder) }
      let train =
        isWhole ? fields.optional("train") : fields.required("train", "a data source, such as {synthetic: {…}}")
      let sides = train.flatMap { source($0, split: "train", folder: folder) }
      let validation = fields.optional("validation")
      let other = validation.flatMap { source($0, split: Defaults.validationSplit, folder: folder) }
      // Earlier versions, which did not write a rule, knew none but chance.
      let split = split(&fields, isWhole: isWhole, default: isRecorded ? .random : Defaults.splitRule)
      let standardize = fields.optional("standardize")
      let scaling = standardize.flatMap(standardization) ?? (Defaults.standardize, Defaults.standardizeTargets)
      let missing = fields.optional("missing")
      let unknown = fields.optional("unknown")
      let missingTarget = fields.optional("missing_target")
      for field in [train, validation].compactMap({ $0 }) where isWhole {
        field.report(found: "it beside data.source", expected: "either source, or train and validation")
      }
      guard let first = whole ?? sides else { return nil }
      let option = [standardize, missing, unknown, missingTarget].compactMap { $0 }.first
      checkKinds(first, other, isWhole: isWhole, field, option, validation)
      return RunConfiguration.DataSources(
        train: first, validation: other, split: split, standardize: scaling.features,
        standardizeTargets: scaling.targets, missing: missing?.word() ?? Defaults.missing,
        unknown: unknown?.word() ?? Defaults.unknown, missingTarget: missingTarget?.word() ?? Defaults.missingTarget)
    }
    return sources ?? nil
  }

  /// What is for files alone, and that both sides are of a kind.
  private static func checkKinds(
    _ train: DataSource, _ validation: DataSource?, isWhole: Bool, _ field: Field, _ option: Field?, _ second: Field?
  ) {
    let isFile = train.file != nil
    if !isFile, isWhole {
      field.report(
        found: "synthetic data under data.source", expected: "a file",
        hint: "synthetic data has data.train and data.validation")
    }
    if !isFile, let option {
      option.report(
        found: "it beside synthetic data", expected: "it beside files", hint: "synthetic: {…} has a key of its own")
    }
    if let validation, let second, (validation.file != nil) != isFile {
      second.report(
        found: "\(validation.kind) data", expected: isFile ? "files, as data.train" : "synthetic data, as data.train")
    }
  }

  /// - Parameter unsaid: the rule where none is given.
  private static func split(_ fields: inout Fields, isWhole: Bool, default unsaid: DataSplit.Rule) -> DataSplit? {
    let (share, folds) = (fields.optional("split"), fields.optional("folds"))
    guard let given = share ?? folds else { return nil }
    if !isWhole || share != nil && folds != nil {
      (folds ?? given).report(
        found: share != nil && folds != nil ? "both split and folds" : "it without data.source",
        expected: "split or folds beside source")
    }
    let split = given.mapping("a mapping") { fields -> DataSplit? in
      let seed = fields.optional("seed")?.unsignedInteger() ?? Defaults.splitSeed
      let rule = rule(&fields, default: unsaid)
      guard share == nil else {
        return fields.required("validation", NumberRule.inside.text)?.number(.inside, as: Double.self).map {
          .share($0, seed: seed, by: rule)
        }
      }
      let count = fields.requiredInteger("count", IntegerRule(2...1 << 24))
      let index = fields.requiredInteger("index", IntegerRule(0...max(0, count - 1)))
      return .fold(index, of: count, seed: seed, by: rule)
    }
    return split ?? nil
  }

  /// By which rule samples are chosen: one of `stratify`, `group` and `order`.
  ///
  /// - Parameter unsaid: where none is given.
  private static func rule(_ fields: inout Fields, default unsaid: DataSplit.Rule) -> DataSplit.Rule {
    let (stratify, group, order) = (fields.optional("stratify"), fields.optional("group"), fields.optional("order"))
    if let order {
      guard case .scalar("last", _) = order.node.content else {
        order.report(expected: "last, which lets the last samples validate", hint: "leave it out for a random order")
        return .last
      }
    }
    let isStratified = stratify.flatMap(stratification)
    let given = [(isStratified == .stratified ? stratify : nil, "stratify"), (group, "group"), (order, "order")].filter
    { $0.0 != nil }
    if given.count > 1, let field = given[1].0 {
      field.report(found: "both \(given[0].1) and \(given[1].1)", expected: "one rule by which samples are chosen")
    }
    if let column = group.flatMap(column) { return .grouped(column) }
    return order != nil ? .last : isStratified ?? unsaid
  }

  private static func stratification(_ field: Field) -> DataSplit.Rule? {
    if case .scalar("auto", _) = field.node.content { return .automatic }
    guard case .scalar(let text, false) = field.node.content, ["true", "false"].contains(text.lowercased()) else {
      field.report(expected: "true, false or auto")
      return nil
    }
    return field.flag() == true ? .stratified : .random
  }

  static func fileKinds(folder: String) -> [Kind<DataSource>] {
    [
      Kind("csv") { $0.mapping { csv(&$0, folder) }?.map { .file(.csv($0)) } ?? nil },
      Kind("npy") { field in
        field.mapping { fields -> DataSource in
          .file(
            .npy(
              features: path("features", &fields, folder), targets: optionalPath("targets", &fields, folder),
              weights: optionalPath("weights", &fields, folder)))
        }
      },
      Kind("npz") { field in
        field.mapping { fields -> DataSource in
          .file(
            .npz(
              path: path("path", &fields, folder), features: name("features", "x", &fields),
              targets: name("targets", "y", &fields), weights: fields.optional("weights").flatMap(name)))
        }
      },
      Kind("idx") { field in
        field.mapping { fields -> DataSource in
          .file(.idx(images: path("images", &fields, folder), labels: optionalPath("labels", &fields, folder)))
        }
      },
      Kind("safetensors") { field in
        field.mapping { fields -> DataSource in
          .file(
            .safetensors(
              path: path("path", &fields, folder), features: name("features", "x", &fields),
              targets: name("targets", "y", &fields), weights: fields.optional("weights").flatMap(name)))
        }
      },
    ]
  }

  /// `true` or `false` for features alone, or which of both.
  private static func standardization(_ field: Field) -> (features: Bool, targets: Bool)? {
    if case .scalar = field.node.content {
      return field.flag().map { ($0, Defaults.standardizeTargets) }
    }
    return field.mapping("true, false or a mapping") { fields in
      (
        fields.flag("features", default: Defaults.standardize),
        fields.flag("targets", default: Defaults.standardizeTargets)
      )
    }
  }

  private static func csv(_ fields: inout Fields, _ folder: String) -> CSVSource? {
    var source = CSVSource(path: path("path", &fields, folder), targets: [])
    source.targets = fields.optional("target").flatMap(columns) ?? []
    source.hasHeader = fields.flag("header", default: source.hasHeader)
    source.dialect = dialect(&fields)
    source.categorical = fields.optional("categorical").flatMap(columns) ?? []
    source.ignored = fields.optional("ignore").flatMap(columns) ?? []
    source.weight = fields.optional("weight").flatMap(column)
    return source
  }

  /// A column by its name or number, or a list of them.
  private static func columns(_ field: Field) -> [ColumnReference]? {
    if case .list = field.node.content {
      return field.list("a list of columns")?.compactMap(column)
    }
    return column(field).map { [$0] }
  }

  private static func column(_ field: Field) -> ColumnReference? {
    let rule = IntegerRule(-(1 << 24)...1 << 24)
    guard case .scalar(let text, let quoted) = field.node.content else {
      field.report(expected: "the name of a column, or its number from 0")
      return nil
    }
    if !quoted, Numbers.isNumber(text) { return field.integer(rule).map { .index($0) } }
    return .name(text)
  }

  private static func dialect(_ fields: inout Fields) -> CSVDialect {
    var dialect = CSVDialect()
    let delimiter = fields.optional("delimiter")
    dialect.delimiter = delimiter.flatMap(self.delimiter) ?? dialect.delimiter
    let quote = fields.optional("quote")
    dialect.quote = quote.flatMap { character($0, "one character of ASCII, such as \"'\"") } ?? dialect.quote
    let decimal = fields.optional("decimal")
    dialect.decimal =
      decimal.flatMap { character($0, "one character of ASCII, such as \",\"", isNumeric: true) } ?? dialect.decimal
    let thousands = fields.optional("thousands")
    dialect.thousands = thousands.flatMap(self.thousands)
    dialect.missingWords = fields.optional("missing_values").flatMap(words)
    let comment = fields.optional("comment")
    dialect.comment = comment.flatMap { character($0, "one character of ASCII, such as \"#\"") }
    dialect.skippedLines = fields.integer("skip_rows", IntegerRule(0...1 << 24), default: dialect.skippedLines)
    // What would be read as something else.
    func differ(_ field: Field?, _ a: Character?, _ b: Character?, _ other: String) {
      guard let field, a != nil, a == b else { return }
      field.report(expected: "another character than \(other)")
    }
    differ(quote ?? delimiter, dialect.quote, dialect.delimiter, "the delimiter's and the quote's")
    differ(comment, dialect.comment, dialect.delimiter, "the delimiter")
    differ(comment, dialect.comment, dialect.quote, "the quote")
    differ(thousands ?? decimal, dialect.thousands, dialect.decimal, "the decimal and thousands'")
    return dialect
  }

  /// Words that stand for nothing; numbers among them as they are written.
  private static func words(_ field: Field) -> [String]? {
    let expected = "a list of words, such as [\"-\", unknown, -999]"
    return field.list(expected)?.compactMap { field in
      guard case .scalar(let text, _) = field.node.content, text.utf8.count <= 1000 else {
        field.report(expected: "a word of at most 1000 bytes")
        return nil
      }
      return text
    }
  }

  private static func delimiter(_ field: Field) -> Character? {
    let words: [String: Character] = ["tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "]
    if case .scalar(let text, _) = field.node.content, let named = words[text] { return named }
    return character(field, "one character of ASCII, such as \",\" or \";\", or tab", allowsTab: true, forbids: "\"")
  }

  private static func thousands(_ field: Field) -> Character? {
    guard case .scalar(let text, _) = field.node.content, text.count == 1, let character = text.first,
      !character.isLetter, !character.isNumber, !"+-\n\r\"".contains(character)
    else {
      field.report(expected: "one character, such as \".\" or a blank, and no letter or digit")
      return nil
    }
    return character
  }

  /// One character of ASCII that is no letter, digit or line end.
  ///
  /// - Parameter isNumeric: whether it stands in numbers, where a sign means something.
  private static func character(
    _ field: Field, _ expected: String, isNumeric: Bool = false, allowsTab: Bool = false, forbids: String = ""
  ) -> Character? {
    let expected = "\(expected), and no letter, digit\(isNumeric ? ", sign" : "") or line end"
    guard case .scalar(let text, _) = field.node.content, text.utf8.count == 1, let byte = text.utf8.first,
      byte == 0x09 && allowsTab || byte > 0x1F && byte < 0x7F
    else {
      field.report(expected: expected)
      return nil
    }
    let character = Character(Unicode.Scalar(byte))
    guard !character.isLetter, !character.isNumber, !forbids.contains(character),
      !isNumeric || !"+- \"".contains(character)
    else {
      field.report(expected: expected)
      return nil
    }
    return character
  }

  private static func path(_ key: String, _ fields: inout Fields, _ folder: String) -> String {
    fields.required(key, "the path of a file").flatMap { path($0, folder) } ?? ""
  }

  private static func optionalPath(_ key: String, _ fields: inout Fields, _ folder: String) -> String? {
    fields.optional(key).flatMap { path($0, folder) }
  }

  /// An absolute path. What the command line gives is relative to the current folder.
  private static func path(_ field: Field, _ folder: String) -> String? {
    guard case .scalar(let path, _) = field.node.content, !path.isEmpty, path.utf8.count <= 4096 else {
      field.report(expected: "the path of a file")
      return nil
    }
    return Folder.absolute(path, in: field.node.isOverride ? "." : folder)
  }

  private static func name(_ key: String, _ default: String, _ fields: inout Fields) -> String {
    fields.optional(key).flatMap(name) ?? `default`
  }

  private static func name(_ field: Field) -> String? {
    guard case .scalar(let name, _) = field.node.content else {
      field.report(expected: "the name of an array")
      return nil
    }
    return name
  }
}
