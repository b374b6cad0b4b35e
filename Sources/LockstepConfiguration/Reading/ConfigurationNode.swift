import LockstepFormats

/// A configuration as written: scalars, lists and mappings, each with the place it came from. Reading a file,
/// overriding a value, decoding and writing all meet in this tree, so that the same checks hold whatever way a
/// value came in.
struct ConfigurationNode: Sendable, Equatable {
  indirect enum Content: Sendable, Equatable {
    /// Nothing after the colon, `null` or `~`.
    case nothing
    /// A value that cannot be read and has been reported.
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

/// Keys and list indices joined by dots, `model.layers.0.dense.units`: as errors print them and `--set` takes them.
enum Path {
  static func child(_ key: String, of parent: String) -> String {
    parent.isEmpty ? key : "\(parent).\(key)"
  }

  static func parent(of path: String) -> String? {
    if path.isEmpty { return nil }
    return path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
  }

  static func lastKey(of path: String) -> String {
    path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
