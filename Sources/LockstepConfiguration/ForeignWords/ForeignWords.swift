import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel

/// What Lockstep has for the words of Keras, PyTorch, Lightning, scikit-learn, XGBoost and LightGBM.
///
/// Where a word is unknown, the nearest spelling of a known one helps who has slipped on the keyboard; who has learnt
/// another tool's words is told Lockstep's. The words stand in `ForeignWords+…`: keys, names, and the values of
/// enumerations.
package enum ForeignWords {
  /// A setting to write in a word's place, which the tests apply to a configuration.
  package struct Setting: Sendable {
    package let path: String
    package let value: String

    init(_ path: String, _ value: String) { (self.path, self.value) = (path, value) }

    /// As it is written in a file, in braces: `training: {gradient_clip: {global_norm: 1}}`.
    var yaml: String {
      path.split(separator: ".").reversed().reduce(value) { inner, key in
        inner == value ? "\(key): \(inner)" : "\(key): {\(inner)}"
      }
    }

    /// As it is written on the command line.
    var option: String { Shell.command(["--set", "\(path)=\(value)"]) }
  }

  /// A key of other tools.
  package struct Key: Sendable {
    package let words: [String]
    /// What Lockstep calls it: the first of these that the mapping at hand takes is meant.
    package let names: [String]
    /// What differs, where it is not quite the same.
    package let aside: String?
    /// Mappings that it is about, by their last key; nil for any.
    package let sections: [String]?
    /// What there is to say where none of `names` fits.
    package let note: String?
    package let setting: Setting?

    init(
      _ words: String, _ names: [String] = [], aside: String? = nil, in sections: [String]? = nil,
      note: String? = nil, write setting: Setting? = nil
    ) {
      (self.words, self.names, self.aside) = (words.split(separator: " ").map(String.init), names, aside)
      (self.sections, self.note, self.setting) = (sections, note, setting)
    }
  }

  /// A name of other tools: of a layer, a loss, an optimizer, …
  package struct Name: Sendable {
    package let words: [String]
    /// Lockstep's name; nil where it has no such thing.
    package let name: String?
    /// Parameters that belong to it.
    package let value: String?
    package let note: String?

    init(_ words: String, _ name: String? = nil, _ value: String? = nil, note: String? = nil) {
      (self.words, self.name) = (words.split(separator: " ").map(String.init), name)
      (self.value, self.note) = (value, note)
    }
  }

  /// Letters and digits alone: `batchSize`, `batch-size` and `Batch_Size` are one word to a person.
  static func normalized(_ word: String) -> String {
    guard word.utf8.count <= 64 else { return word }
    return word.lowercased().filter { !"_-: ".contains($0) }
  }
}

extension ForeignWords {
  /// What to say of a key that the mapping at `path` does not know.
  ///
  /// - Parameter known: the keys that it takes.
  /// - Returns: the known key that is meant, if one is, and the hint; nil where no other tool is known to have the
  ///   word.
  static func advice(
    forKey entry: ConfigurationNode.Entry, in path: String, taking known: [String]
  ) -> (name: String?, text: String)? {
    let word = normalized(entry.key)
    // With equal letters it is Lockstep's own word, written another way.
    if known.contains(where: { normalized($0) == word }) { return nil }
    let section = Path.lastKey(of: path)
    if let text = layerInside(entry, section) { return (nil, text) }
    if let (_, list, index) = entry.key.wholeMatch(of: /(\w+)\[(\d+)\]/)?.output, known.contains(String(list)) {
      return (nil, "write \(Path.child("\(list).\(index)", of: path))")
    }
    let meanings = keys[word] ?? []
    for meaning in meanings {
      if let name = meaning.names.first(where: known.contains) {
        return (name, rename(entry, name, meaning, in: path))
      }
    }
    let here = meanings.first { $0.sections?.contains(section) == true } ?? meanings.first { $0.sections == nil }
    guard let here, here.note != nil || here.setting != nil else { return nil }
    let setting = here.setting.map { entry.keyLocation.line == nil ? $0.option : $0.yaml }
    return (nil, [here.note, setting.map { "write \($0)" }].compactMap(\.self).joined(separator: "; "))
  }

  /// What to write where a mapping is wanted at `path` and something else stands.
  static func hint(forValueAt path: String) -> String? {
    let setting = allKeys.lazy.compactMap(\.setting).first { $0.path == path && $0.value.hasPrefix("{") }
    return setting.map { "write \(Path.lastKey(of: path)): \($0.value)" }
  }

  /// A hint that gives the name, and the value where it has another form than the one written.
  private static func rename(_ entry: ConfigurationNode.Entry, _ name: String, _ meaning: Key, in path: String)
    -> String
  {
    if let setting = meaning.setting, setting.path == Path.child(name, of: path), setting.value.hasPrefix("{"),
      case .scalar = entry.value.content
    {
      return "write \(entry.keyLocation.line == nil ? setting.option : "\(name): \(setting.value)")"
    }
    return "did you mean \(name)?\(meaning.aside.map { " \($0)" } ?? "")"
  }

  /// `activation: relu` in a dense layer: layers of their own, written after it.
  private static func layerInside(_ entry: ConfigurationNode.Entry, _ section: String) -> String? {
    guard section == "dense", case .scalar(let value, _) = entry.value.content else { return nil }
    switch normalized(entry.key) {
    case "activation", "activationfunction", "act", "nonlinearity":
      let given = Layer.catalogue.names.first { normalized($0) == normalized(value) }
      if let meaning = names("layer", value), meaning.name == nil { return meaning.note }
      let layer = given ?? names("layer", value)?.name ?? "relu"
      return "an activation is a layer of its own; write - \(layer) on the line after the dense layer"
    case "dropout", "dropoutrate":
      return
        "dropout is a layer of its own; write - dropout: \(Numbers.isNumber(value) ? value : "0.5") on the line after the dense layer"
    default: return nil
    }
  }

  /// What to say of an unknown `what`, such as a layer.
  ///
  /// - Parameters:
  ///   - known: the names that there are.
  ///   - value: what stands after the name.
  static func hint(forName name: String, of what: String, among known: [String], value: ConfigurationNode? = nil)
    -> String?
  {
    if known.contains(where: { normalized($0) == normalized(name) }) { return nil }
    if let meaning = names(what, name) {
      guard let own = meaning.name, known.contains(own) else { return meaning.note }
      let text = meaning.value.map { "write \(own): \($0)" } ?? "did you mean \(own)?"
      return meaning.note.map { "\(text) \($0)" } ?? text
    }
    if let value, let hint = sideBySide([(name, value)], what, known) { return hint }
    // A parameter in the place of a name: `optimizer: {lr: 0.1}`.
    let isParameter =
      what == "optimizer"
      && (keys[normalized(name)]?.contains { $0.names.contains("learning_rate") }
        ?? false || normalized(name) == "learningrate")
    return isParameter ? "parameters belong to an optimizer; write adam: {learning_rate: 0.001}" : nil
  }

  /// What to say of several keys of which none is a name: `{type: adam, lr: 0.1}`.
  static func hint(forSideBySide entries: [ConfigurationNode.Entry], of what: String, among known: [String]) -> String?
  {
    sideBySide(entries.map { ($0.key, $0.value) }, what, known)
  }

  private static func sideBySide(
    _ entries: [(String, ConfigurationNode)], _ what: String, _ known: [String]
  ) -> String? {
    for (key, value) in entries {
      guard ["name", "type", "class", "classname", "kind", "target"].contains(normalized(key)),
        case .scalar(let text, _) = value.content,
        let name = known.first(where: { normalized($0) == normalized(text) }) ?? names(what, text)?.name
      else { continue }
      let others = entries.filter { $0.0 != key }.map { "\(Display.plain($0.0)): …" }
      return "write \(others.isEmpty ? name : "\(name): {\(others.joined(separator: ", "))}")"
    }
    return nil
  }

  /// What to say of a value that is none of the words `known`.
  package static func hint(forWord word: String, among known: [String]) -> String? {
    let meant = known.first { values[$0]?.contains(normalized(word)) == true }
    return meant.map { "did you mean \($0)?" } ?? NearestName.hint(for: word, among: known)
  }

  private static func names(_ what: String, _ name: String) -> Name? {
    let word = normalized(name)
    let lists =
      switch what {
      case "layer": [layers, activations]
      case "activation", "activation of a teacher": [activations]
      case "loss": [losses]
      case "optimizer": [optimizers]
      case "schedule": [schedules]
      case "initializer": [initializers]
      case "policy": [policies]
      default: [[Name]]()
      }
    return lists.joined().first { $0.words.contains { normalized($0) == word } }
  }

  /// Meanings by their normalised words.
  private static let keys: [String: [Key]] = allKeys.reduce(into: [:]) { keys, meaning in
    for word in meaning.words { keys[normalized(word), default: []].append(meaning) }
  }
}
