import LockstepFormats

/// What a target is: it follows from the loss, never from how the target is written.
package enum TargetKind: Sendable, Equatable {
  /// A class, whose name is the text of the cell or the whole number: for softmax cross entropy.
  case classes
  /// A class of two where there is one target, else a label each: for binary cross entropy.
  case binary
  /// Labels of 0 or 1, several a sample, independent of each other.
  case labels
  /// Numbers: for the losses of regression.
  case numbers

  /// What it is for `columns` targets a sample.
  func resolved(columns: Int, _ file: String) throws(DataFileError) -> TargetKind {
    switch self {
    case .binary: return columns == 1 ? .classes : .labels
    case .classes where columns > 1:
      throw DataFileError(
        file, place: "target", found: "\(columns) targets", expected: "one, the class",
        hint: "several labels of 0 or 1 are learned by binary_cross_entropy")
    case .classes, .labels, .numbers: return self
    }
  }
}

/// How samples are to be read.
package struct SampleRules: Sendable {
  /// Of the targets; nil where they do not count.
  var kind: TargetKind?
  /// What a model was trained with, to which the samples must fit; nil to find it out.
  var known: Preprocessing?
  /// What image a sample is to be: as a configuration says, or as in training. nil where nothing is said, and its axes
  /// say it; of a model that was trained with features, which it then is.
  var image: ImageLayout?
  /// Whether cells may be empty, and numbers NaN.
  var fillsMissing = false
  /// Whether a category that is not known is none of the known.
  var ignoresUnknown = false
  /// Whether a sample without a target is left out.
  var dropsMissingTargets = false
  /// Whether the weights that the source speaks of are read.
  var isWeighted = false
  /// Whether numbers are kept as precise as the file has them, because more is computed with them before they become
  /// float32.
  var isPrecise = false
  /// Whether the command line says what becomes of gaps, over what the model was trained with; else a configuration
  /// does.
  var obeysOptions = false
  /// The column that says which samples belong together.
  var group: ColumnReference?

  /// What to do about a cell that is missing.
  func missingHint(_ effect: String) -> String {
    "\(obeysOptions ? "--missing mean" : "missing: mean") \(effect)"
  }

  /// What to do about a category that is not known.
  var unknownHint: String { "\(obeysOptions ? "--unknown ignore" : "unknown: ignore") lets it be none of them" }

  static let targetHint = "missing_target: drop leaves such samples out"
}
