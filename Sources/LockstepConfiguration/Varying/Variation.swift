import LockstepFormats
import LockstepModel
import LockstepTraining

/// A key that a comparison varies, and its values: `activation=relu,elu`, `optimizer.adam.learning_rate=0.1,0.01`.
public struct Variation: Sendable, Equatable {
  /// `activation`, `initializer` or `batch_norm`, which change all layers of their kind; or a key of the configuration,
  /// as in `ConfigurationOverride.path`.
  public var key: String
  /// The keys that change all layers of their kind.
  package static let layerKeys = ["activation", "initializer", "batch_norm"]
  /// YAML, such as `relu` or `{leaky_relu: {negative_slope: 0.2}}`, in the order in which they are compared.
  public var values: [String]

  /// Nothing is checked before a comparison is planned with it.
  public init(key: String, values: [String]) {
    self.key = key
    self.values = values
  }

  /// What errors call a value.
  func label(_ value: String) -> String { "--vary \(key)=\(value)" }
}

extension OpenedConfiguration {
  /// This configuration with `overrides`, which speak of its text; files of its data that are open stay so.
  package func overriding(_ overrides: [ConfigurationOverride]) throws(ConfigurationErrors) -> OpenedConfiguration {
    try OpenedConfiguration(
      bytes: Array(configuration.resolvedYAML.utf8), file: configuration.name, overrides: overrides,
      files: .open(files))
  }

  /// The configuration with one value for each of `variations`.
  ///
  /// An activation brings the initializer that fits it (Glorot, He or LeCun), unless initializers are varied too, if
  /// only by one value.
  ///
  /// - Throws: `ConfigurationErrors` where a value is none, or the result cannot work.
  package func varied(
    _ choices: [(variation: Variation, value: String)]
  ) throws(ConfigurationErrors) -> OpenedConfiguration {
    let layerKeys = Variation.layerKeys
    for (variation, _) in choices {
      guard !layerKeys.contains(variation.key), let near = NearestName.of(variation.key, among: layerKeys) else {
        continue
      }
      throw ConfigurationErrors(
        ConfigurationError(
          at: ConfigurationLocation(source: "--vary \(Display.plain(variation.key))"), path: "",
          found: "an unknown key",
          expected: "\(layerKeys.joined(separator: ", ")), or a key of the configuration such as training.shards",
          hint: "did you mean \(near)?"))
    }
    var varied = try overriding(
      choices.filter { !layerKeys.contains($0.variation.key) }.map {
        ConfigurationOverride(path: $0.variation.key, value: $0.value, label: $0.variation.label($0.value))
      })
    // The order matters: a BatchNorm goes between a dense layer and its activation, and an activation brings its
    // initializer.
    let fixesInitializer = choices.contains { $0.variation.key == "initializer" }
    for key in ["batch_norm", "activation", "initializer"] {
      guard let (variation, value) = choices.first(where: { $0.variation.key == key }) else { continue }
      varied.configuration.layers = try varied.configuration.layers.varied(
        key, value, label: variation.label(value), fixesInitializer: fixesInitializer)
    }
    return try varied.configuration.opened(reusing: varied.files)
  }
}

extension [Layer] {
  fileprivate func varied(
    _ key: String, _ value: String, label: String, fixesInitializer: Bool
  ) throws(ConfigurationErrors) -> [Layer] {
    switch key {
    case "activation":
      let activation = try Self.read(value, label: label, { $0.declared(Activation.self) })
      let replaced = replacing(activation: activation)
      return fixesInitializer ? replaced : replaced.pairingInitializers()
    case "initializer":
      let initializer = try Self.read(value, label: label, { $0.declared(Initializer.self) })
      return mapWeighted { $0.initializer = initializer }
    default:
      if value == "none" { return removingBatchNorm() }
      guard let statistics = BatchNorm.Statistics(rawValue: value) else {
        let words = ["none"] + BatchNorm.Statistics.allCases.map(\.rawValue)
        throw ConfigurationErrors(
          ConfigurationError(
            at: ConfigurationLocation(source: Display.singleLine(label)), path: "", found: Display.plain(value),
            expected: "one of \(words.joined(separator: ", "))", hint: ForeignWords.hint(forWord: value, among: words)))
      }
      return setting(statistics)
    }
  }

  private static func read<Value>(
    _ value: String, label: String, _ decode: (Field) -> Value?
  ) throws(ConfigurationErrors) -> Value {
    let location = ConfigurationLocation(source: Display.singleLine(label))
    let diagnostics = Diagnostics()
    let text = try ConfigurationText([UInt8](value.utf8), file: location.source)
    var parser = ConfigurationParser(file: location.source, diagnostics: diagnostics, overrideLocation: location)
    let found = parser.parse(text).flatMap { decode(Field(node: $0, path: "", diagnostics: diagnostics)) }
    try diagnostics.throwIfAny()
    guard let found else {
      throw ConfigurationErrors(
        ConfigurationError(at: location, path: "", found: Display.plain(value), expected: "a value"))
    }
    return found
  }
}
