import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

/// Where samples come from.
public enum DataSource: Sendable, Equatable {
  /// Made from their index, so that their number costs no memory.
  case synthetic(SyntheticSpecification)
  /// Read from files.
  case file(FileSource)

  /// The key that configurations use.
  var kind: String {
    switch self {
    case .synthetic: "synthetic"
    case .file(let source): source.kind
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
    /// What is trained on; where `split` is given, all of it but what that holds back.
    public var train: DataSource { didSet { contents = nil } }
    /// What is evaluated on; nil for nothing, or for what `split` holds back.
    public var validation: DataSource? { didSet { contents = nil } }
    /// Takes validation samples from the files of `train`.
    public var split: DataSplit? { didSet { contents = nil } }
    /// Whether the numbers of files are brought to mean 0 and standard deviation 1 over the training samples.
    public var standardize: Bool { didSet { contents = nil } }
    /// Whether the targets of a regression are, too. What a person sees is in the units of the files all the same.
    public var standardizeTargets: Bool { didSet { contents = nil } }
    /// What becomes of empty cells, and of NaN.
    public var missing: Missing { didSet { contents = nil } }
    /// What becomes of categories that no training sample has.
    public var unknown: Unknown { didSet { contents = nil } }
    /// What becomes of samples without a target.
    public var missingTarget: MissingTarget { didSet { contents = nil } }
    /// What the files of `train` and `validation` were found to hold when they were opened; nil before, and of synthetic
    /// data.
    public package(set) var contents: DataContents?

    /// What becomes of empty cells.
    public enum Missing: String, Sendable, CaseIterable {
      /// They are errors.
      case error
      /// A number takes the column's mean over the training samples, a category is none of the known.
      case mean
    }

    /// What becomes of categories that training has not seen.
    public enum Unknown: String, Sendable, CaseIterable {
      /// They are errors.
      case error
      /// They are none of the known: 0 at every input of the column.
      case ignore
    }

    /// What becomes of samples without a target.
    public enum MissingTarget: String, Sendable, CaseIterable {
      /// They are errors.
      case error
      /// They are left out.
      case drop
    }

    /// Data that has not been opened yet.
    public init(
      train: DataSource, validation: DataSource? = nil, split: DataSplit? = nil,
      standardize: Bool = Defaults.standardize, standardizeTargets: Bool = Defaults.standardizeTargets,
      missing: Missing = Defaults.missing, unknown: Unknown = Defaults.unknown,
      missingTarget: MissingTarget = Defaults.missingTarget
    ) {
      (self.train, self.validation, self.split) = (train, validation, split)
      (self.standardize, self.standardizeTargets) = (standardize, standardizeTargets)
      (self.missing, self.unknown, self.missingTarget) = (missing, unknown, missingTarget)
    }

    /// Whether there are samples to evaluate on.
    public var hasValidation: Bool { validation != nil || split != nil }

    /// How files were read; nil for synthetic data, and where they have not been opened.
    public var summary: DataSummary? { contents?.summary }

    /// How inputs are made of what files hold; nil for synthetic data.
    public var preprocessing: Preprocessing? { contents?.preprocessing }

    /// Number of training samples. Of files it is known once they are opened, as they are when a configuration is read;
    /// 1 before.
    public var samples: Int {
      switch train {
      case .synthetic(let specification): specification.samples
      case .file: contents?.preprocessing.samples ?? 1
      }
    }

    /// Samples of the validation data; 0 without.
    package var validationSamples: Int {
      if case .synthetic(let specification)? = validation { return specification.samples }
      return contents?.validationSamples ?? 0
    }

    /// Inputs of the network.
    public var features: Int {
      switch train {
      case .synthetic(let specification): specification.features
      case .file: contents?.preprocessing.features ?? 1
      }
    }

    /// What is to be learned.
    public var task: LearningTask {
      switch train {
      case .synthetic(let specification): specification.task
      case .file: contents?.preprocessing.task ?? .regression(targets: 1)
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
        dropsMissingTargets: missingTarget == .drop, kind: loss.targetKind)
    }
  }
}

extension Loss {
  /// What it learns: an integer or a word under a cross entropy is a class, several targets of binary cross entropy are
  /// labels, and under any other loss targets are numbers.
  var targetKind: TargetKind {
    switch self {
    case .softmaxCrossEntropy: .classes
    case .binaryCrossEntropy: .binary
    case .meanSquaredError, .meanAbsoluteError, .huber: .numbers
    }
  }
}
