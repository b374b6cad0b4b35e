/// A configuration as written: scalars, lists and mappings, each with the place it came from. Reading a file,
/// overriding a value, decoding and writing all meet in this tree, so that the same checks hold whatever way a
/// value came in.
struct ConfigurationNode: Sendable, Equatable {
  indirect enum Content: Sendable, Equatable {
    /// Nothing after the colon, `null` or `~`.
    case nothing
    /// Something that has been reported already.
    case refused
    /// `quoted` tells text from what may be a number or a flag.
    case scalar(String, quoted: Bool)
    case list([ConfigurationNode])
    case mapping([Entry])
  }

  struct Entry: Sendable, Equatable {
    var key: String
    var keyLocation: ConfigurationLocation
    var value: ConfigurationNode
  }

  var content: Content
  var location: ConfigurationLocation
  /// Whether it came from the command line, which wins over the file.
  var isOverride = false

  init(_ content: Content, at location: ConfigurationLocation, isOverride: Bool = false) {
    self.content = content
    self.location = location
    self.isOverride = isOverride
  }

  /// The mapping that a scalar stands for which gives one key alone: `dropout: 0.5` is `dropout: {rate: 0.5}`.
  func expanded(as key: String) -> [Entry] { [Entry(key: key, keyLocation: location, value: self)] }

  /// What was found, in a few words for an error.
  var summary: String {
    switch content {
    case .nothing, .refused: "nothing"
    case .scalar(let text, let quoted): quoted ? "the text \(Display.quoted(text))" : Display.plain(text)
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Text from a file as it may be shown on a terminal: short, and without control characters.
package enum Display {
  static func plain(_ text: String) -> String { shortened(text) }

  /// The words of the command line, however long.
  static func singleLine(_ text: String) -> String { escaped(text.unicodeScalars.prefix(200)) }

  /// All of `text`, its line ends too.
  package static func whole(_ text: String) -> String {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(escaped).joined(separator: "\n")
  }

  static func quoted(_ text: String) -> String { "\"\(shortened(text))\"" }

  private static func shortened(_ text: String) -> String {
    let shown = escaped(text.unicodeScalars.prefix(40))
    return text.unicodeScalars.count > 40 ? shown + "…" : shown
  }

  private static func escaped(_ scalars: Substring.UnicodeScalarView) -> String {
    var shown = ""
    for scalar in scalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        shown += scalar.escaped(asASCII: true)
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
