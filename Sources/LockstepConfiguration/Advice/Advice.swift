import LockstepFormats

/// Something to change about a configuration, and why.
public struct Advice: Sendable, Equatable {
  /// The name of the rule that it follows from, such as `initializer` or `selu_dropout`.
  public var id: String
  /// Path of the layer in the network, such as `repeat0.0.dense0`; of a repeated layer that of its first repetition.
  /// Empty where the advice is about the run as a whole.
  public var layer: String
  /// What the configuration says or does, and why that is not good.
  public var rule: String
  /// Who found the rule: author, year, link.
  public var source: String
  /// The key to change: keys and list indices joined by dots.
  public var key: String
  /// The value that the key should have, as YAML.
  public var value: String
  /// Where the key, or what encloses it, is written; nil unless advice was asked for with the configuration's file.
  public var location: ConfigurationLocation?

  package init(
    id: String, layer: String, rule: String, source: String, key: String, value: String,
    location: ConfigurationLocation? = nil
  ) {
    (self.id, self.layer, self.rule, self.source) = (id, layer, rule, source)
    (self.key, self.value, self.location) = (key, value, location)
  }

  /// The change with its place: `config.yaml:14: model.layers.0.dense.initializer: he_normal`.
  public var change: String {
    let place = location.map { location in
      location.line.map { "\(location.source):\($0): " } ?? "\(location.source): "
    }
    return "\(place ?? "")\(key): \(value)"
  }

  /// The advice as one line: layer, rule, author, and the option `--set` that follows it.
  public var warning: String {
    let author = source.firstRange(of: ", http").map { String(source[..<$0.lowerBound]) } ?? source
    let option = Shell.command(["--set", "\(key)=\(value)"])
    return "\(layer.isEmpty ? "" : "\(layer): ")\(rule) (\(author)); try \(option)"
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
