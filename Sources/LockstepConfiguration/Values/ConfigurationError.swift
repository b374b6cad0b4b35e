/// Where a value of a configuration was written: a place in a file, or an override on the command line.
public struct ConfigurationLocation: Sendable, Equatable, CustomStringConvertible {
  /// The file as the user named it, or the words of the command line such as `--set seed=2`.
  public var source: String
  /// From 1; nil for an override and for a file that could not be read.
  public var line: Int?
  /// From 1, in Unicode scalars.
  public var column: Int?

  public init(source: String, line: Int? = nil, column: Int? = nil) {
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
/// quickstart.yaml:14:36: training.shard: found an unknown key, expected one of batch_size, shards, … (did you mean
/// shards?)
/// ```
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public var location: ConfigurationLocation
  /// Where it stands in the configuration: keys and list indices joined by dots, as `--set` takes them. Empty for
  /// the whole.
  public var path: String
  public var found: String
  public var expected: String
  /// What to do, where that is known.
  public var hint: String?

  public init(at location: ConfigurationLocation, path: String, found: String, expected: String, hint: String? = nil) {
    self.location = location
    self.path = path
    self.found = found
    self.expected = expected
    self.hint = hint
  }

  public var file: String { location.source }
  public var line: Int? { location.line }
  public var column: Int? { location.column }

  public var description: String {
    let place = path.isEmpty ? "\(location)" : "\(location): \(path)"
    return "\(place): found \(found), expected \(expected)" + (hint.map { " (\($0))" } ?? "")
  }
}

/// Everything that is wrong with a configuration, in the order of the file, never empty.
public struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
  public var errors: [ConfigurationError]

  public init(_ errors: [ConfigurationError]) {
    self.errors = errors
  }

  package init(_ error: ConfigurationError) {
    self.init([error])
  }

  /// How many are spelled out; who has more wrong reads on after mending these.
  public static let shown = 10

  public var description: String {
    var lines = errors.prefix(Self.shown).map(\.description)
    if errors.count > Self.shown { lines.append("… and \(errors.count - Self.shown) more") }
    return lines.joined(separator: "\n")
  }
}
