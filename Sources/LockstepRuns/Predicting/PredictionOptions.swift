import LockstepData

/// Which columns `TrainedModel.predict` writes.
public struct PredictionOptions: Sendable, Equatable {
  /// The columns of predictions.
  public enum Columns: Sendable, Equatable {
    /// The likeliest class; or a column for each label, 0 or 1; or a column for each number.
    case prediction
    /// The probability of each class, or of each label.
    case probabilities
    /// The likeliest class, then the probability of each; or each label, followed by its probability.
    case both

    /// What it is called on the command line.
    var option: String {
      switch self {
      case .prediction: ""
      case .probabilities: "--probabilities"
      case .both: "--both"
      }
    }
  }

  /// What is written of the predictions.
  public var columns: Columns
  /// Columns of the input, a table of text, that are copied before the predictions: their names, or their numbers from
  /// 0 where there is no header.
  public var kept: [String]

  /// By default the predictions alone.
  public init(_ columns: Columns = .prediction, keeping kept: [String] = []) {
    (self.columns, self.kept) = (columns, kept)
  }

  /// The names in `id,"b, too"`, as --keep has them: names with commas or blanks around them stand in quotes.
  package static func names(in text: String) throws(RunError) -> [String] { try KeptColumns.names(in: text) }
}

/// What `TrainedModel.predict` has done with a file.
public struct PredictionReceipt: Sendable, Equatable {
  /// Number of samples predicted.
  public let samples: Int
  /// Missing cells and unknown categories of the file.
  public let gaps: ReadingGaps
  /// Whether the reader of standard output went away before everything was written.
  public let isCutShort: Bool
}
