import LockstepConfiguration
import LockstepData
import LockstepFormats

/// How a trained model reads gaps in a file, where that shall differ from how its run read them.
///
/// ```swift
/// let model = try TrainedModel(checkpoint: path, reading: ReadingOverrides(unknown: .ignore, missing: .mean))
/// ```
public struct ReadingOverrides: Sendable, Equatable {
  /// What becomes of categories that training has not seen, as in a configuration.
  public typealias Unknown = RunConfiguration.DataSources.Unknown
  /// What becomes of missing cells, as in a configuration.
  public typealias Missing = RunConfiguration.DataSources.Missing

  /// What becomes of unknown categories; nil for what the run did with them.
  public var unknown: Unknown?
  /// What becomes of missing cells; nil for what the run did with them.
  public var missing: Missing?

  /// By default everything is read as the run read it.
  public init(unknown: Unknown? = nil, missing: Missing? = nil) { (self.unknown, self.missing) = (unknown, missing) }
}

extension Preprocessing {
  /// This preprocessing, changed by `overrides`.
  ///
  /// - Parameter checkpoint: the file that it is from, for messages.
  /// - Throws: `RunError.input` where gaps are to be filled with means that nobody has taken.
  package func reading(_ overrides: ReadingOverrides, _ checkpoint: String) throws(RunError) -> Preprocessing {
    var changed = self
    if let unknown = overrides.unknown { changed.ignoresUnknown = unknown == .ignore }
    guard let missing = overrides.missing else { return changed }
    changed.fillsMissing = missing == .mean
    if missing == .mean, !hasMeans, let column = columns.firstIndex(where: { !$0.isCategory }) {
      let others = columns.count { !$0.isCategory } - 1
      let which = columns[column].name.map { "column \(Display.quoted($0))" } ?? "column \(column)"
      throw .input(
        "\(checkpoint): --missing mean: found no mean of \(image == nil ? which : "any channel")"
          + (others > 0 && image == nil ? " and \(others) other \(Format.plural(others, "column"))" : "")
          + ", expected means of the training samples: train again with missing: mean, or fill the gaps in the file")
    }
    return changed
  }
}
