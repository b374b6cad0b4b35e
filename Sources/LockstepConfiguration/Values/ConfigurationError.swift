/// Where a value of a configuration was written: a place in a file, or an override on the command line.
public struct ConfigurationLocation: Sendable, Equatable, CustomStringConvertible {
  /// The file as the user named it, or the words of the command line such as `--set seed=2`.
  public var source: String
  /// Line of the file, from 1; nil for an override, for a file that could not be read, and for a configuration made in
  /// code.
  public var line: Int?
  /// Unicode scalar of the line, from 1; nil where `line` is.
  public var column: Int?

  package init(source: String, line: Int? = nil, column: Int? = nil) {
    self.source = source
    self.line = line
    self.column = column
  }

  public var description: String {
    guard let line, let column else { return source }
    return "\(source):\(line):\(column)"
  }
}

/// One thing that is wrong with a configuration, in the words of a compiler:
///
/// ```
/// quickstart.yaml:14:36: training.shard: found an unknown key, expected one of shards, … (did you mean shards?)
/// ```
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where the value is written.
  public var location: ConfigurationLocation
  /// The key: keys and list indices joined by dots, as in `ConfigurationOverride.path`. Empty for the whole.
  public var path: String
  /// What was found there, in words.
  public var found: String
  /// What could stand there, in words.
  public var expected: String
  /// What to do; nil where that is not known.
  public var hint: String?

  package init(at location: ConfigurationLocation, path: String, found: String, expected: String, hint: String? = nil) {
    self.location = location
    self.path = path
    self.found = found
    self.expected = expected
    self.hint = hint
  }

  package var file: String { location.source }
  package var line: Int? { location.line }
  package var column: Int? { location.column }

  public var description: String {
    let place = path.isEmpty ? "\(location)" : "\(location): \(path)"
    return "\(place): found \(found), expected \(expected)" + (hint.map { " (\($0))" } ?? "")
  }
}

/// Everything that is wrong with a configuration. Its description has a line for each of the first ten errors.
public struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
  /// At least one error, in the order of the file, those of overrides last.
  public var errors: [ConfigurationError]

  package init(_ errors: [ConfigurationError]) {
    self.errors = errors
  }

  package init(_ error: ConfigurationError) {
    self.init([error])
  }

  /// Most errors that are spelled out.
  package static let shown = 10

  public var description: String {
    var lines = errors.prefix(Self.shown).map(\.description)
    if errors.count > Self.shown { lines.append("… and \(errors.count - Self.shown) more") }
    return lines.joined(separator: "\n")
  }
}
