import LockstepDeclarations
import LockstepFormats
import LockstepKernels

/// The files of a configuration, opened: what they hold, what is to be done with it, and the data sets that come of it.
///
/// Opening reads a table of text into memory and maps everything else; statistics are taken over the training samples.
package final class FileData: Sendable {
  /// What was asked for; opened files are used again for the same.
  package struct Description: Sendable, Equatable {
    var train: FileSource
    var validation: FileSource?
    package var split: DataSplit?
    var isStandardized = false
    var standardizesTargets = false
    var fillsMissing = false
    var ignoresUnknown = false
    var dropsMissingTargets = false
    /// What image a sample is; nil for what the axes of an array say.
    var image: ImageLayout?
    var kind: TargetKind

    package init(
      train: FileSource, validation: FileSource? = nil, split: DataSplit? = nil, isStandardized: Bool = false,
      standardizesTargets: Bool = false, fillsMissing: Bool = false, ignoresUnknown: Bool = false,
      dropsMissingTargets: Bool = false, image: ImageLayout? = nil, kind: TargetKind
    ) {
      self.train = train
      self.validation = validation
      self.split = split
      self.isStandardized = isStandardized
      self.standardizesTargets = standardizesTargets
      self.fillsMissing = fillsMissing
      self.ignoresUnknown = ignoresUnknown
      self.dropsMissingTargets = dropsMissingTargets
      self.image = image
      self.kind = kind
    }

    /// Whether its files are prepared by the settings of `other`, wherever they stand and whatever the split.
    package func isPrepared(as other: Description) -> Bool {
      train.isRead(as: other.train) && kind == other.kind && isStandardized == other.isStandardized
        && standardizesTargets == other.standardizesTargets && fillsMissing == other.fillsMissing
        && ignoresUnknown == other.ignoresUnknown && image == other.image
    }

    /// How its files are read.
    ///
    /// - Parameter known: what was found out when a model was trained on them; nil to find it out.
    func rules(known: Preprocessing?, forTraining: Bool) -> SampleRules {
      SampleRules(
        kind: known?.kind ?? kind, known: known, image: known == nil ? image : known?.image,
        fillsMissing: known?.fillsMissing ?? fillsMissing,
        ignoresUnknown: known?.ignoresUnknown ?? ignoresUnknown, dropsMissingTargets: dropsMissingTargets,
        isWeighted: forTraining, isPrecise: known?.isPrecise ?? (isStandardized || standardizesTargets),
        group: forTraining ? split?.group : nil)
    }
  }

  package let description: Description
  /// What they were found to hold.
  package let contents: DataContents
  package let sets: (train: any Dataset, validation: (any Dataset)?)
  /// Bytes of memory that tables take.
  package let memoryBytes: Int

  /// Opens the files.
  ///
  /// - Parameter recorded: what was found out when a model was trained on them; nil to find it out.
  package init(opening description: Description, recorded: Preprocessing? = nil) throws(DataFileError) {
    let table = try SampleTable.read(description.train, description.rules(known: recorded, forTraining: true))
    // Drawn before there is anything to train on, since that follows from the training part.
    let sides = try description.split?.sides(of: SampleNumbers(count: table.count), table, known: recorded)
    let parts = sides.map { Self.parts($0, of: table.count) } ?? []
    let fit: Preprocessing.Fit
    if var recorded {
      // Files that a fork takes in their place may hold more.
      recorded.samples = sides?.train.count ?? table.count
      fit = Preprocessing.Fit(preprocessing: recorded)
    } else {
      fit = try withFloatingPointEnvironment { () throws(DataFileError) in
        try Preprocessing.Fit(table, description, parts)
      }
    }
    let preprocessing = fit.preprocessing
    let all = FileDataset(table, preprocessing)
    self.description = description
    var other: SampleTable?
    if let source = description.validation {
      let table = try SampleTable.read(source, description.rules(known: preprocessing, forTraining: false))
      other = table
      sets = (all, FileDataset(table, preprocessing))
    } else {
      sets = (sides?.train.over(all) ?? all, sides?.validation.over(all))
    }
    memoryBytes = table.memoryBytes + (other?.memoryBytes ?? 0)
    contents = DataContents(
      preprocessing: preprocessing, validationSamples: sets.validation?.count ?? 0,
      summary: DataSummary(table, preprocessing, fit, parts, validation: other))
  }

  /// How inputs are made of what they hold.
  package var preprocessing: Preprocessing { contents.preprocessing }

  /// The samples of `source` as a model sees them that was trained with `preprocessing`.
  package static func samples(
    of source: FileSource, _ preprocessing: Preprocessing, withTargets: Bool, dropsMissingTargets: Bool = false
  ) throws(DataFileError) -> FileDataset {
    var rules = preprocessing.rules(withTargets: withTargets)
    rules.dropsMissingTargets = dropsMissingTargets
    return FileDataset(try SampleTable.read(source, rules), preprocessing)
  }

  /// The part that each of `count` samples is in.
  private static func parts(_ sides: (train: DatasetView, validation: DatasetView), of count: Int) -> [SplitPart] {
    // Seldom are there samples in neither: in the folds of a series, those behind.
    let isWhole = sides.train.count + sides.validation.count == count
    var parts = [SplitPart](repeating: isWhole ? .train : .neither, count: count)
    if !isWhole { for index in 0..<sides.train.count { parts[sides.train.sample(index)] = .train } }
    for index in 0..<sides.validation.count { parts[sides.validation.sample(index)] = .validation }
    return parts
  }
}

/// Where a split has put a sample.
enum SplitPart: UInt8 {
  case train, validation, neither
}

/// Samples that are only counted: a split depends on nothing else but their classes or groups.
private struct SampleNumbers: Dataset {
  let count: Int
  var features: Int { 0 }
  var task: LearningTask { .regression(targets: 0) }
  var fingerprint: String { "" }

  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    throw DatasetError("samples that are only counted have no features")
  }
}

/// What the files of a configuration were found to hold: all that the network, the loss and the length of a run follow
/// from. A checkpoint records it, so that its model needs the files no more.
public struct DataContents: Sendable, Equatable {
  /// Columns, targets, number of samples, and how inputs are made of them.
  public let preprocessing: Preprocessing
  /// Samples that validate; 0 where the files have not been opened.
  public let validationSamples: Int
  /// How they were read, for a person; nil where the files have not been opened.
  public let summary: DataSummary?

  package init(preprocessing: Preprocessing, validationSamples: Int = 0, summary: DataSummary? = nil) {
    (self.preprocessing, self.validationSamples, self.summary) = (preprocessing, validationSamples, summary)
  }
}
