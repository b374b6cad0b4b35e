import LockstepTraining

// Data in files.

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  static func sources(_ field: Field, folder: String) -> RunConfiguration.DataSources? {
    let sources = field.mapping { fields -> RunConfiguration.DataSources? in
      let isWhole = fields.has("source")
      let whole = fields.optional("source").flatMap { source($0, split: "train", folder: folder) }
      let train =
        isWhole ? fields.optional("train") : fields.required("train", "a data source, such as {synthetic: {…}}")
      let sides = train.flatMap { source($0, split: "train", folder: folder) }
      let validation = fields.optional("validation")
      let other = validation.flatMap { source($0, split: Defaults.validationSplit, folder: folder) }
      let split = split(&fields, isWhole: isWhole)
      let standardize = fields.optional("standardize")
      let missing = fields.optional("missing")
      for field in [train, validation].compactMap({ $0 }) where isWhole {
        field.report(found: "it beside data.source", expected: "either source, or train and validation")
      }
      guard let first = whole ?? sides else { return nil }
      checkKinds(first, other, isWhole: isWhole, field, standardize ?? missing, validation)
      return RunConfiguration.DataSources(
        train: first, validation: other, split: split, standardize: standardize?.flag() ?? Defaults.standardize,
        missing: missing?.word() ?? Defaults.missing)
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

  private static func split(_ fields: inout Fields, isWhole: Bool) -> DataSplit? {
    let (share, folds) = (fields.optional("split"), fields.optional("folds"))
    guard let given = share ?? folds else { return nil }
    if !isWhole || share != nil && folds != nil {
      (folds ?? given).report(
        found: share != nil && folds != nil ? "both split and folds" : "it without data.source",
        expected: "split or folds beside source")
    }
    let split = given.mapping("a mapping") { fields -> DataSplit? in
      let seed = fields.optional("seed")?.unsignedInteger() ?? Defaults.splitSeed
      guard share == nil else {
        return fields.required("validation", NumberRule.inside.text)?.number(.inside, as: Double.self).map {
          .share($0, seed: seed)
        }
      }
      let count = fields.requiredInteger("count", IntegerRule(2...1 << 24))
      let index = fields.requiredInteger("index", IntegerRule(0...max(0, count - 1)))
      return .fold(index, of: count, seed: seed)
    }
    return split ?? nil
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

  private static func csv(_ fields: inout Fields, _ folder: String) -> CSVSource? {
    var source = CSVSource(path: path("path", &fields, folder), targets: [])
    source.targets = fields.optional("target").flatMap(columns) ?? []
    source.hasHeader = fields.flag("header", default: source.hasHeader)
    source.delimiter = fields.optional("delimiter").flatMap(delimiter) ?? source.delimiter
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

  private static func delimiter(_ field: Field) -> Character? {
    let expected = "one character of ASCII, such as \",\", \";\" or \"\\t\", and no quote or line end"
    guard case .scalar(let text, _) = field.node.content, text.utf8.count == 1, let byte = text.utf8.first,
      byte == 0x09 || byte > 0x1F && byte < 0x7F && byte != 0x22
    else {
      field.report(expected: expected)
      return nil
    }
    return Character(Unicode.Scalar(byte))
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
