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
