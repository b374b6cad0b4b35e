import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepTraining

// Data in files.

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  /// - Parameter isRecorded: whether it is the configuration that a checkpoint has recorded.
  static func sources(_ field: Field, folder: String, isRecorded: Bool) -> RunConfiguration.DataSources? {
    let sources = field.mapping { fields -> RunConfiguration.DataSources? in
      let isWhole = fields.has("source")
      let whole = fields.optional("source", "samples of which a part is held back to validate, by split or folds")
        .flatMap { source($0, split: "train", folder: folder) }
      let train = fields.required(
        "train", "the samples that are trained on", unless: "source", isWhole,
        expected: "a data source, such as {synthetic: {…}}")
      let sides = train.flatMap { source($0, split: "train", folder: folder) }
      let validation = fields.optional("validation", "the samples that are evaluated, beside train")
      let other = validation.flatMap { source($0, split: Defaults.validationSplit, folder: folder) }
      // Earlier versions, which did not write a rule, knew none but chance.
      let split = split(&fields, isWhole: isWhole, default: isRecorded ? .random : Defaults.splitRule)
      let standardize = fields.optional(
        "standardize", "whether numbers of files have mean 0 and deviation 1 over the training part",
        default: .flag(Defaults.standardize))
      let scaling = standardize.flatMap(standardization) ?? (Defaults.standardize, Defaults.standardizeTargets)
      let missing = fields.optional(
        "missing", "what becomes of empty cells: an error, or they take the mean of their column",
        default: .text(Defaults.missing.rawValue))
      let unknown = fields.optional(
        "unknown", "what becomes of a category that training has not seen: an error, or it is none of the known",
        default: .text(Defaults.unknown.rawValue))
      let missingTarget = fields.optional(
        "missing_target", "what becomes of samples without a target: an error, or they are left out",
        default: .text(Defaults.missingTarget.rawValue))
      let image = fields.optional("image", "what image a sample is, where the axes of an array do not say it")
      let layout = image.flatMap(self.image)
      let rules = (missing?.word() ?? Defaults.missing, unknown?.word() ?? Defaults.unknown)
      let targetRule = missingTarget?.word() ?? Defaults.missingTarget
      for field in [train, validation].compactMap({ $0 }) where isWhole {
        field.report(RunConfiguration.DataSources.besideSource)
      }
      guard let first = whole ?? sides else { return nil }
      let option = [standardize, missing, unknown, missingTarget, image].compactMap { $0 }.first
      checkKinds(first, other, isWhole: isWhole, field, option, validation)
      return RunConfiguration.DataSources(
        train: first, validation: other, split: split, standardize: scaling.features,
        standardizeTargets: scaling.targets, missing: rules.0, unknown: rules.1, missingTarget: targetRule,
        image: layout)
    }
    return sources ?? nil
  }

  /// Reports keys that are for files alone beside synthetic data, and sources that are not both files or both
  /// synthetic.
  private static func checkKinds(
    _ train: DataSource, _ validation: DataSource?, isWhole: Bool, _ field: Field, _ option: Field?, _ second: Field?
  ) {
    let isFile = train.file != nil
    if !isFile, isWhole { field.report(train.besideSplit) }
    if !isFile, let option {
      option.report(
        found: "it beside \(train.kind) data", expected: "it beside files",
        hint: train.kind == "synthetic" ? "synthetic: {…} has a key of its own" : nil)
    }
    if let second, let problem = validation?.problem(beside: train) { second.report(problem) }
  }

  static func fileKinds(folder: String) -> [NamedReader<DataSource>] {
    [
      NamedReader("csv", "a table of text, packed or not") {
        $0.mapping { csv(&$0, folder) }?.map { .file(.csv($0)) } ?? nil
      },
      NamedReader("npy", "arrays of NumPy, a file each") { field in
        field.mapping { fields -> DataSource in
          .file(
            .npy(
              features: path("features", "the file of the features, a row a sample", &fields, folder),
              targets: optionalPath("targets", "the file of the targets", &fields, folder),
              weights: optionalPath("weights", "the file that says how much each sample counts", &fields, folder)))
        }
      },
      NamedReader("npz", "arrays of NumPy in one file") { field in
        field.mapping { fields -> DataSource in
          let (path, names) = arrays(&fields, folder)
          return .file(.npz(path: path, features: names.features, targets: names.targets, weights: names.weights))
        }
      },
      NamedReader("idx", "images and labels as MNIST's, packed or not") { field in
        field.mapping { fields -> DataSource in
          .file(
            .idx(
              images: path("images", "the file of the images", &fields, folder),
              labels: optionalPath("labels", "the file of the labels", &fields, folder)))
        }
      },
      NamedReader("cifar", "pictures of CIFAR-10 or CIFAR-100, binary version") { field in
        field.mapping { fields -> DataSource in
          let files = fields.required("files", "the files, which are one", expected: "a list of files")
          return .file(
            .cifar(
              files: files.flatMap { paths($0, folder) } ?? [],
              labels: fields.word("labels", "which labels of CIFAR-100 are learned", default: Defaults.cifarLabels)))
        }
      },
      NamedReader("pictures", "a folder of PNG and JPEG pictures, a subfolder a class") {
        $0.mapping { pictures(&$0, folder) }.map { .file(.pictures($0)) }
      },
      NamedReader("safetensors", "tensors in one file") { field in
        field.mapping { fields -> DataSource in
          let (path, names) = arrays(&fields, folder)
          return .file(
            .safetensors(path: path, features: names.features, targets: names.targets, weights: names.weights))
        }
      },
    ]
  }

  /// A file of arrays, and what those of the samples are called.
  private static func arrays(_ fields: inout Fields, _ folder: String) -> (
    path: String, names: (features: String, targets: String, weights: String?)
  ) {
    let path = path("path", "the file", &fields, folder)
    let features = name("features", "x", "the array of the features, a row a sample", &fields)
    let targets = name("targets", "y", "the array of the targets", &fields)
    let weights = fields.optional("weights", "the array that says how much each sample counts").flatMap(name)
    return (path, (features, targets, weights))
  }

  private static func image(_ field: Field) -> ImageLayout? {
    field.mapping { fields -> ImageLayout? in
      let sizes = ImageLayout.sizes.map { fields.required($0) }
      let order = fields.word("order", "where files have its channels", default: Defaults.imageOrder)
      guard let height = sizes[0], let width = sizes[1], let channels = sizes[2] else { return nil }
      return ImageLayout(height: height, width: width, channels: channels, order: order)
    } ?? nil
  }

  /// `true` or `false` for features alone, or a mapping that says it for features and targets.
  private static func standardization(_ field: Field) -> (features: Bool, targets: Bool)? {
    field.either(field.isScalar) {
      $0.flag().map { ($0, Defaults.standardizeTargets) }
    } or: {
      $0.mapping("true, false or a mapping") { fields in
        (
          fields.flag("features", "of features", default: Defaults.standardize),
          fields.flag("targets", "of the targets of a regression", default: Defaults.standardizeTargets)
        )
      }
    }
  }

  static func path(_ key: String, _ sentence: String, _ fields: inout Fields, _ folder: String) -> String {
    fields.required(key, sentence, expected: "the path of a file").flatMap { path($0, folder) } ?? ""
  }

  private static func optionalPath(_ key: String, _ sentence: String, _ fields: inout Fields, _ folder: String)
    -> String?
  {
    fields.optional(key, sentence).flatMap { path($0, folder) }
  }

  private static func paths(_ field: Field, _ folder: String) -> [String]? {
    guard let items = field.list("a list of files", atLeast: 1) else { return nil }
    if items.isEmpty { field.report(found: noFiles.found, expected: noFiles.expected) }
    return items.compactMap { path($0, folder) }
  }

  static let noFiles = SettingProblem(found: "an empty list", expected: "at least one file")

  /// An absolute path. What the command line gives is relative to the current folder.
  private static func path(_ field: Field, _ folder: String) -> String? {
    field.scalar("the path of a file", bytes: 1...4096).map {
      Folder.absolute($0, in: field.node.isOverride ? "." : folder)
    }
  }

  private static func name(_ key: String, _ default: String, _ sentence: String, _ fields: inout Fields) -> String {
    fields.optional(key, sentence, default: .text(`default`)).flatMap(name) ?? `default`
  }

  private static func name(_ field: Field) -> String? { field.scalar("the name of an array") }
}
