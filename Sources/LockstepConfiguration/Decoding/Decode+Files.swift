import LockstepFormats
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
        field.report(RunConfiguration.DataSources.besideSource)
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

  /// Reports keys that are for files alone beside synthetic data, and sources that are not both files or both
  /// synthetic.
  private static func checkKinds(
    _ train: DataSource, _ validation: DataSource?, isWhole: Bool, _ field: Field, _ option: Field?, _ second: Field?
  ) {
    let isFile = train.file != nil
    if !isFile, isWhole { field.report(RunConfiguration.DataSources.syntheticSource) }
    if !isFile, let option {
      option.report(
        found: "it beside synthetic data", expected: "it beside files", hint: "synthetic: {…} has a key of its own")
    }
    if let second, let problem = validation?.problem(beside: train) { second.report(problem) }
  }

  static func fileKinds(folder: String) -> [NamedReader<DataSource>] {
    [
      NamedReader("csv") { $0.mapping { csv(&$0, folder) }?.map { .file(.csv($0)) } ?? nil },
      NamedReader("npy") { field in
        field.mapping { fields -> DataSource in
          .file(
            .npy(
              features: path("features", &fields, folder), targets: optionalPath("targets", &fields, folder),
              weights: optionalPath("weights", &fields, folder)))
        }
      },
      NamedReader("npz") { field in
        field.mapping { fields -> DataSource in
          .file(
            .npz(
              path: path("path", &fields, folder), features: name("features", "x", &fields),
              targets: name("targets", "y", &fields), weights: fields.optional("weights").flatMap(name)))
        }
      },
      NamedReader("idx") { field in
        field.mapping { fields -> DataSource in
          .file(.idx(images: path("images", &fields, folder), labels: optionalPath("labels", &fields, folder)))
        }
      },
      NamedReader("safetensors") { field in
        field.mapping { fields -> DataSource in
          .file(
            .safetensors(
              path: path("path", &fields, folder), features: name("features", "x", &fields),
              targets: name("targets", "y", &fields), weights: fields.optional("weights").flatMap(name)))
        }
      },
    ]
  }

  /// `true` or `false` for features alone, or a mapping that says it for features and targets.
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

  static func path(_ key: String, _ fields: inout Fields, _ folder: String) -> String {
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
