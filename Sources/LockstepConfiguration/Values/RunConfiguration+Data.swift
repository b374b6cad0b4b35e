import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

/// Where samples come from.
public enum DataSource: Sendable, Equatable {
  /// Each is made from its index when it is needed, so that their number costs no memory.
  case synthetic(SyntheticSpecification)
  /// Read from files.
  case file(FileSource)
  /// Given by a program, which alone can give them again.
  case given(GivenData)

  /// The key that configurations use.
  var kind: String {
    switch self {
    case .synthetic: "synthetic"
    case .file(let source): source.kind
    case .given: "given"
    }
  }

  /// The files that it is read from.
  package var file: FileSource? {
    if case .file(let source) = self { source } else { nil }
  }
}

extension RunConfiguration {
  /// What is trained and evaluated on, and how it is read.
  public struct DataSources: Sendable, Equatable {
    /// The samples that are trained on; where `split` is given, all but those that it holds back.
    public var train: DataSource { didSet { contents = nil } }
    /// The samples that are evaluated; nil for none, or for those that `split` holds back.
    public var validation: DataSource? { didSet { contents = nil } }
    /// Holds back samples of `train`, which must be files, for validation; nil for none.
    public var split: DataSplit? { didSet { contents = nil } }
    /// Whether features of files that are numbers are brought to mean 0 and standard deviation 1 over the training
    /// samples.
    public var standardize: Bool { didSet { contents = nil } }
    /// Whether targets of a regression are standardised in that way too. Predictions and metrics other than the loss
    /// stay in the units of the files.
    public var standardizeTargets: Bool { didSet { contents = nil } }
    /// What becomes of missing cells, and of NaN in arrays.
    public var missing: Missing { didSet { contents = nil } }
    /// What becomes of categories that no training sample has.
    public var unknown: Unknown { didSet { contents = nil } }
    /// What becomes of samples without a target.
    public var missingTarget: MissingTarget { didSet { contents = nil } }
    /// What image a sample is, where that cannot be told by the axes of an array: a row of numbers, or one with its
    /// channels first; nil for what the axes say.
    public var image: ImageLayout? { didSet { contents = nil } }
    /// What the files of `train` and `validation` held when they were opened; nil before that, for synthetic data, and
    /// after any of the settings above has been changed.
    public package(set) var contents: DataContents?

    /// What becomes of missing cells.
    public enum Missing: String, Sendable, CaseIterable {
      /// Reading throws.
      case error
      /// A missing number is read as the column's mean over the training samples, a missing category as none of those
      /// known.
      case mean
    }

    /// What becomes of categories that training has not seen.
    public enum Unknown: String, Sendable, CaseIterable {
      /// Reading throws.
      case error
      /// They are read as none of those known: 0 at every input of the column.
      case ignore
    }

    /// What becomes of samples without a target.
    public enum MissingTarget: String, Sendable, CaseIterable {
      /// Reading throws.
      case error
      /// The samples are left out.
      case drop
    }

    /// Nothing is opened or checked here; see `RunConfiguration.check`.
    public init(
      train: DataSource, validation: DataSource? = nil, split: DataSplit? = nil,
      standardize: Bool = Defaults.standardize, standardizeTargets: Bool = Defaults.standardizeTargets,
      missing: Missing = Defaults.missing, unknown: Unknown = Defaults.unknown,
      missingTarget: MissingTarget = Defaults.missingTarget, image: ImageLayout? = nil
    ) {
      (self.train, self.validation, self.split) = (train, validation, split)
      (self.standardize, self.standardizeTargets) = (standardize, standardizeTargets)
      (self.missing, self.unknown, self.missingTarget) = (missing, unknown, missingTarget)
      self.image = image
    }

    /// Whether there are samples to evaluate on.
    public var hasValidation: Bool { validation != nil || split != nil }

    /// How the files were read, for a person; nil for synthetic data, and where files have not been opened.
    public var summary: DataSummary? { contents?.summary }

    /// How inputs are made of what the files hold; nil for synthetic data, and where files have not been opened.
    public var preprocessing: Preprocessing? { contents?.preprocessing }

    /// Number of training samples. Reading a configuration opens its files; until they are opened, this is 1.
    public var samples: Int {
      switch train {
      case .synthetic(let specification): specification.samples
      case .file: contents?.preprocessing.samples ?? 1
      case .given(let data): data.samples
      }
    }

    /// Samples of the validation data; 0 without.
    package var validationSamples: Int {
      switch validation {
      case .synthetic(let specification)?: specification.samples
      case .given(let data)?: data.samples
      case .file?, nil: contents?.validationSamples ?? 0
      }
    }

    /// Number of inputs of the network; 1 until files are opened.
    public var features: Int {
      switch train {
      case .synthetic(let specification): specification.features
      case .file: contents?.preprocessing.features ?? 1
      case .given(let data): data.shape.count
      }
    }

    /// What they are: a row of features, or an image; features until files are opened.
    public var shape: Shape {
      switch train {
      case .synthetic(let specification): specification.shape
      case .file: contents?.preprocessing.shape ?? .features(1)
      case .given(let data): data.shape
      }
    }

    /// What is learned: classes, labels or numbers, and how many; a regression of one target until files are opened.
    public var task: LearningTask {
      switch train {
      case .synthetic(let specification): specification.task
      case .file: contents?.preprocessing.task ?? .regression(targets: 1)
      case .given(let data): data.task
      }
    }

    /// Names of the classes in order; none for numbers.
    package var classNames: [String] {
      if case .classes(let names)? = preprocessing?.targets { return names }
      guard case .classification(let classes) = task else { return [] }
      return (0..<classes).map(String.init)
    }

    /// The path of the training data in a configuration.
    var trainPath: String { split != nil ? "data.source" : "data.train" }

    /// The files that are to be opened; nil for synthetic data.
    package func fileDescription(_ loss: Loss) -> FileData.Description? {
      guard let file = train.file else { return nil }
      return FileData.Description(
        train: file, validation: validation?.file, split: split, isStandardized: standardize,
        standardizesTargets: standardizeTargets, fillsMissing: missing == .mean, ignoresUnknown: unknown == .ignore,
        dropsMissingTargets: missingTarget == .drop, image: image, kind: loss.targetKind)
    }
  }
}

extension Loss {
  /// How targets are read for it: as classes for a cross entropy, but several targets of binary cross entropy as
  /// labels; as numbers for any other loss.
  var targetKind: TargetKind {
    switch targets {
    case .classes: .classes
    case .labels: .binary
    case .numbers: .numbers
    }
  }
}

extension RunConfiguration.DataSources {
  static let besideSource = SettingProblem(
    found: "it beside data.source", expected: "either source, or train and validation")
}

extension DataSource {
  /// What is wrong with it as the validation data of `train`: both are files, both are synthetic, or both are given.
  func problem(beside train: DataSource) -> SettingProblem? {
    family == train.family ? nil : SettingProblem(found: "\(kind) data", expected: "\(train.family), as data.train")
  }

  /// What is wrong with it under `data.source`, where there is no file to hold samples back from.
  var besideSplit: SettingProblem {
    SettingProblem(
      found: "\(kind) data under data.source", expected: "a file",
      hint: "\(kind) data has data.train and data.validation")
  }

  private var family: String { file == nil ? "\(kind) data" : "files" }
}
