/// Collects what is wrong with a configuration, so that one reading names it all.
package final class Diagnostics {
  private(set) var errors: [ConfigurationError] = []

  /// Most errors that are kept, so that a file of garbage does not fill the memory with messages.
  private static let limit = 100

  var isEmpty: Bool { errors.isEmpty }

  /// Whether no further error will be kept.
  var isFull: Bool { errors.count >= Self.limit }

  /// How much has been reported.
  var mark: Int { errors.count }

  /// Forgets what was reported since `mark`, for what is read again.
  func rewind(to mark: Int) { errors.removeLast(max(0, errors.count - mark)) }

  /// Forgets what was reported of the value at `path` and of all in it.
  func remove(under path: String) { errors.removeAll { $0.path == path || $0.path.hasPrefix("\(path).") } }

  func report(_ error: ConfigurationError) {
    if !isFull { errors.append(error) }
  }

  func report(
    at location: ConfigurationLocation, path: String, found: String, expected: String, hint: String? = nil
  ) {
    report(ConfigurationError(at: location, path: path, found: found, expected: expected, hint: hint))
  }

  /// Throws what was reported, in the order of the file, overrides last.
  func throwIfAny() throws(ConfigurationErrors) {
    if errors.isEmpty { return }
    let sorted = errors.enumerated().sorted { one, other in
      let (a, b) = (one.element.location, other.element.location)
      // Without a line: an override, which comes after everything in the file.
      let (lineA, lineB) = (a.line ?? .max, b.line ?? .max)
      if lineA != lineB { return lineA < lineB }
      let (columnA, columnB) = (a.column ?? .max, b.column ?? .max)
      return columnA != columnB ? columnA < columnB : one.offset < other.offset
    }
    throw ConfigurationErrors(sorted.map(\.element))
  }
}
