import LockstepFormats

/// One thing to change about a configuration, and why.
public struct Advice: Sendable, Equatable {
  /// Which rule it follows from, in one word: `initializer`, `selu_dropout`.
  public var id: String
  /// Path of the layer in the network, such as `repeat0.0.dense0`, its first repetition; empty for the run as a whole.
  public var layer: String
  /// What is so, and why that is not good.
  public var rule: String
  /// Who has found it: author, year, link.
  public var source: String
  /// The key to change, as `--set` takes it.
  public var key: String
  /// The value that it should have, as YAML.
  public var value: String
  /// Where the key, or what encloses it, is written; nil where nobody has said.
  public var location: ConfigurationLocation?

  public init(
    id: String, layer: String, rule: String, source: String, key: String, value: String,
    location: ConfigurationLocation? = nil
  ) {
    (self.id, self.layer, self.rule, self.source) = (id, layer, rule, source)
    (self.key, self.value, self.location) = (key, value, location)
  }

  /// The line to change: `config.yaml:14: model.layers.0.dense.initializer: he_normal`.
  public var change: String {
    let place = location.map { location in
      location.line.map { "\(location.source):\($0): " } ?? "\(location.source): "
    }
    return "\(place ?? "")\(key): \(value)"
  }

  /// In one line, for a person who is about to train.
  public var warning: String {
    let author = source.firstRange(of: ", http").map { String(source[..<$0.lowerBound]) } ?? source
    let setting = "\(key)=\(value)"
    // A shell takes blanks and braces apart.
    let word = setting.contains { " {}[]".contains($0) } ? "'\(setting)'" : setting
    return "\(layer.isEmpty ? "" : "\(layer): ")\(rule) (\(author)); try --set \(word)"
  }

  /// A member of `advice` in `lockstep diagnose --json`.
  package var json: JSONObject {
    [
      "layer": .string(layer), "rule": .string(rule), "source": .string(source), "change": .string(change),
      "id": .string(id), "key": .string(key), "value": .string(value),
      "line": location?.line.map { .integer($0) } ?? .null,
    ]
  }
}
