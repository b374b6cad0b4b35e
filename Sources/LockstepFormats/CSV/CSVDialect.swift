/// How a table of text is written: what separates its cells, how numbers are written, what stands for a missing value.
public struct CSVDialect: Sendable, Equatable {
  /// What separates the cells of a row: one ASCII character that is no letter, digit or line end.
  public var delimiter: Character
  /// What encloses a cell that holds delimiters or line ends; written twice, it stands for itself.
  public var quote: Character
  /// What separates the whole part of a number from its fraction.
  public var decimal: Character
  /// What separates groups of three digits in a number; nil where nothing does.
  public var thousands: Character?
  /// Words that stand for a missing value; nil for `usualMissing`. An empty cell is always missing.
  public var missingWords: [String]?
  /// Outside quotes it begins a comment, which reaches to the end of the line; nil where there are no comments.
  public var comment: Character?
  /// Number of lines to pass over before the table.
  public var skippedLines: Int

  /// The words that stand for a missing value unless `missingWords` says otherwise; in quotes they are ordinary words.
  public static let usualMissing = ["?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]

  /// By default a table as RFC 4180 has it, with decimal points. Nothing is checked here; `RunConfiguration.check`
  /// throws where a character cannot do what it is meant for.
  public init(
    delimiter: Character = ",", quote: Character = "\"", decimal: Character = ".", thousands: Character? = nil,
    missingWords: [String]? = nil, comment: Character? = nil, skippedLines: Int = 0
  ) {
    (self.delimiter, self.quote, self.decimal, self.thousands) = (delimiter, quote, decimal, thousands)
    (self.missingWords, self.comment, self.skippedLines) = (missingWords, comment, skippedLines)
  }
}
