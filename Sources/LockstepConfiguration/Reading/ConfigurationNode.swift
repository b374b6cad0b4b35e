import LockstepFormats

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
