import LockstepData

/// What is written of a model's predictions.
public struct PredictionOptions: Sendable, Equatable {
  /// The columns of what is predicted.
  public enum Columns: Sendable, Equatable {
    /// The class, the labels or the numbers.
    case prediction
    /// A column a class, or a label.
    case probabilities
    /// The class, then a column a class; or each label with its probability behind it.
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

  public var columns: Columns
  /// Columns of the input, a table of text, that stand before the predictions: their names, or their numbers from 0
  /// where there is no header.
  public var kept: [String]

  /// The predictions alone, unless said otherwise.
  public init(_ columns: Columns = .prediction, keeping kept: [String] = []) {
    (self.columns, self.kept) = (columns, kept)
  }

  /// The names in `id,"b, too"`, as --keep has them: names with commas or blanks around them stand in quotes.
  package static func names(in text: String) throws(RunError) -> [String] { try KeptColumns.names(in: text) }
}

/// What came of predicting a file.
public struct PredictionReceipt: Sendable, Equatable {
  public let samples: Int
  public let gaps: ReadingGaps
  /// Whether who read standard output went away before all was written.
  public let isCutShort: Bool
}
