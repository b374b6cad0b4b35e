import LockstepFormats

/// A value that takes the place of the file's, as the command's `--set training.batch_size=256` gives it.
public struct ConfigurationOverride: Sendable, Equatable {
  /// Keys and list indices joined by dots: `model.layers.0.dense.units`.
  public var path: String
  /// Any YAML; `null` removes the key, so that its default holds.
  public var value: String
  /// What errors call it: the words that the user typed.
  public var label: String

  /// Nothing is checked before a configuration is read with it.
  ///
  /// - Parameter label: what errors call it; nil for `--set path=value`.
  public init(path: String, value: String, label: String? = nil) {
    self.path = path
    self.value = value
    self.label = label ?? "--set \(path)=\(value)"
  }

  /// Reads `path=value`.
  ///
  /// - Throws: `ConfigurationErrors` where there is no `=`, or nothing before it.
  public init(_ argument: String) throws(ConfigurationErrors) {
    guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else {
      throw ConfigurationErrors(
        ConfigurationError(
          at: ConfigurationLocation(source: "--set \(Display.plain(argument))"), path: "", found: "no key and value",
          expected: "key=value, such as training.batch_size=256"))
    }
    self.init(path: String(argument[..<sign]), value: String(argument[argument.index(after: sign)...]))
  }

  var location: ConfigurationLocation { ConfigurationLocation(source: Display.singleLine(label)) }
}

extension ConfigurationNode {
  /// Puts the overrides into the tree, in their order. A key that does not exist is added and found unknown when
  /// the tree is decoded; what cannot be added is reported here.
  mutating func apply(_ overrides: [ConfigurationOverride], diagnostics: Diagnostics) {
    for override in overrides {
      guard let value = override.parsedValue(diagnostics) else { continue }
      let keys = override.path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      // The depth of a file is bounded by its text, that of a path here.
      guard keys.count <= 64, !keys.contains("") else {
        diagnostics.report(
          at: override.location, path: "", found: "the key \(Display.plain(override.path))",
          expected: "keys joined by single dots, such as training.batch_size")
        continue
      }
      set(keys[...], to: value, at: "", for: override, diagnostics)
    }
  }

  private mutating func set(
    _ keys: ArraySlice<String>, to value: ConfigurationNode, at path: String, for override: ConfigurationOverride,
    _ diagnostics: Diagnostics
  ) {
    guard let key = keys.first else {
      self = value
      return
    }
    let keyPath = Path.child(key, of: path)
    switch content {
    case .list(var items):
      // A list alone is the layers of a residual: `residual: […]` is `residual: {layers: […]}`.
      if key == "layers", Path.lastKey(of: path) == "residual" {
        return set(keys.dropFirst(), to: value, at: keyPath, for: override, diagnostics)
      }
      guard let index = Int(key), items.indices.contains(index) else {
        diagnostics.report(
          at: override.location, path: keyPath, found: "the index \(Display.plain(key))",
          expected: items.isEmpty ? "nothing, the list is empty" : "an index from 0 to \(items.count - 1)")
        return
      }
      items[index].set(keys.dropFirst(), to: value, at: keyPath, for: override, diagnostics)
      content = .list(items)
    case .mapping(let entries):
      let changed = Self.set(keys, in: entries, to: value, at: path, for: override, diagnostics)
      // Something else was chosen: that choice came from the command line.
      if Exclusive.isChoice(path), changed.map(\.key) != entries.map(\.key) { location = override.location }
      content = .mapping(changed)
    case .scalar(let name, _) where name == key || Exclusive.isChoice(path):
      // A name alone stands for its defaults: `optimizer: adam` is `optimizer: {adam: {}}`.
      if name != key { location = override.location }
      content = .mapping(Self.set(keys, in: [], to: value, at: path, for: override, diagnostics))
    case .nothing, .refused:
      location = override.location
      content = .mapping(Self.set(keys, in: [], to: value, at: path, for: override, diagnostics))
    case .scalar:
      // A parameter alone is one among others: `dense: 32` is `dense: {units: 32}`.
      if let main = MainParameter.of(Path.lastKey(of: path)) {
        let entries = expanded(as: main)
        content = .mapping(Self.set(keys, in: entries, to: value, at: path, for: override, diagnostics))
        return
      }
      diagnostics.report(
        at: override.location, path: keyPath, found: "a key below the value \(summary)",
        expected: "no key below \(path)")
    }
  }

  private static func set(
    _ keys: ArraySlice<String>, in entries: [Entry], to value: ConfigurationNode, at path: String,
    for override: ConfigurationOverride, _ diagnostics: Diagnostics
  ) -> [Entry] {
    guard let key = keys.first else { return entries }
    let rest = keys.dropFirst()
    if rest.isEmpty, case .nothing = value.content { return entries.filter { $0.key != key } }
    // The command line wins: training.steps takes the place of the file's training.epochs.
    var entries = entries.filter { $0.key == key || $0.value.isOverride || !Exclusive.are(key, $0.key, at: path) }
    let keyPath = Path.child(key, of: path)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].value.set(rest, to: value, at: keyPath, for: override, diagnostics)
      entries[index].keyLocation = override.location
      if rest.isEmpty { entries[index].value.isOverride = true }
    } else {
      var added = ConfigurationNode(.nothing, at: override.location, isOverride: true)
      added.set(rest, to: value, at: keyPath, for: override, diagnostics)
      entries.append(Entry(key: key, keyLocation: override.location, value: added))
    }
    return entries
  }
}

extension ConfigurationOverride {
  fileprivate func parsedValue(_ diagnostics: Diagnostics) -> ConfigurationNode? {
    do throws(ConfigurationErrors) {
      let text = try ConfigurationText(Array(value.utf8), file: location.source)
      var parser = ConfigurationParser(file: location.source, diagnostics: diagnostics, overrideLocation: location)
      let count = diagnostics.errors.count
      if let node = parser.parse(text) { return node }
      if diagnostics.errors.count == count {
        diagnostics.report(at: location, path: path, found: "nothing after =", expected: "a value")
      }
    } catch {
      for var error in error.errors {
        error.location = location
        diagnostics.report(error)
      }
    }
    return nil
  }
}

/// Keys of one mapping of which only one may stand.
private enum Exclusive {
  /// Mappings with a single key, the name of what was chosen.
  private static let choices: Set<String> = [
    "optimizer", "schedule", "loss", "initializer", "bias_initializer", "gradient_clip", "every", "digest_every",
    "layers_every", "histograms_every", "keep_every", "warmup", "period",
  ]

  static func isChoice(_ path: String) -> Bool {
    let key = Path.lastKey(of: path)
    // An element of a list is a layer: `model.layers.3`.
    return choices.contains(key) || Int(key) != nil
  }

  static func are(_ key: String, _ other: String, at path: String) -> Bool {
    if isChoice(path) { return true }
    let pair: Set = [key, other]
    return path == "training" && pair == ["steps", "epochs"] || pair == ["warmup", "warmup_steps"]
  }
}
