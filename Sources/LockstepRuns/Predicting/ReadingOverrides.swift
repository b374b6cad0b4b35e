import LockstepConfiguration
import LockstepData
import LockstepFormats

/// What becomes of gaps in another file, where that is to be other than the run had it.
///
/// ```swift
/// let model = try TrainedModel(checkpoint: path, reading: ReadingOverrides(unknown: .ignore, missing: .mean))
/// ```
public struct ReadingOverrides: Sendable, Equatable {
  /// As a configuration says them.
  public typealias Unknown = RunConfiguration.DataSources.Unknown
  public typealias Missing = RunConfiguration.DataSources.Missing

  /// nil for what the run had.
  public var unknown: Unknown?
  public var missing: Missing?

  /// As the run had it, unless said otherwise.
  public init(unknown: Unknown? = nil, missing: Missing? = nil) { (self.unknown, self.missing) = (unknown, missing) }
}

extension Preprocessing {
  /// This preprocessing with `overrides` in the place of what the run had.
  ///
  /// - Parameter checkpoint: where it is from, for messages.
  /// - Throws: `RunError.input` where gaps are to be filled with means that nobody has taken.
  func reading(_ overrides: ReadingOverrides, _ checkpoint: String) throws(RunError) -> Preprocessing {
    var changed = self
    if let unknown = overrides.unknown { changed.ignoresUnknown = unknown == .ignore }
    guard let missing = overrides.missing else { return changed }
    changed.fillsMissing = missing == .mean
    if missing == .mean, !hasMeans, let column = columns.firstIndex(where: { !$0.isCategory }) {
      let others = columns.count { !$0.isCategory } - 1
      let which = columns[column].name.map { "column \(Display.quoted($0))" } ?? "column \(column)"
      throw .input(
        "\(checkpoint): --missing mean: found no mean of \(which)"
          + (others > 0 ? " and \(others) other \(Format.plural(others, "column"))" : "")
          + ", expected means of the training samples: train again with missing: mean, or fill the gaps in the file")
    }
    return changed
  }
}
