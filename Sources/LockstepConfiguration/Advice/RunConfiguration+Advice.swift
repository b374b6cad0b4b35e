import LockstepFormats
import LockstepModel
import LockstepTraining

extension RunConfiguration {
  /// What could be better about the configuration, without training: initializers that do not fit their activations,
  /// layers that lack what they rely on. A run works all the same.
  public func advice() -> [Advice] { advice(at: nil) }

  /// As `advice()`, with the places in the file that this configuration was read from.
  ///
  /// - Parameters:
  ///   - file: the path that it was read from. Where it cannot be read any more, advice comes without places.
  ///   - overrides: those with which it was read.
  public func advice(file: String, overrides: [ConfigurationOverride] = []) -> [Advice] {
    advice(at: try? ConfigurationLocations(file: file, overrides: overrides))
  }

  private func advice(at locations: ConfigurationLocations?) -> [Advice] {
    let layers = WrittenLayer.all(of: self, locations)
    let found =
      targetAdvice + initializerAdvice(layers) + seluAdvice(layers) + batchNormAdvice(layers) + preluAdvice(layers)
      + imageAdvice(layers)
    return Advice.once(found, locations)
  }
}

extension Diagnosis {
  /// What could be better about the configuration that was diagnosed: first how weights start, the cause of much else;
  /// then what the figures show; then what else `RunConfiguration.advice()` finds.
  ///
  /// - Parameters:
  ///   - configuration: the one that was diagnosed.
  ///   - file: the path that it was read from, for the places of advice; nil for advice without places.
  ///   - overrides: those with which it was read.
  public func advice(
    for configuration: RunConfiguration, file: String? = nil, overrides: [ConfigurationOverride] = []
  ) -> [Advice] {
    let locations = file.flatMap { try? ConfigurationLocations(file: $0, overrides: overrides) }
    let measured = measuredAdvice(configuration, WrittenLayer.all(of: configuration, locations))
    let written = file.map { configuration.advice(file: $0, overrides: overrides) } ?? configuration.advice()
    let (causes, others) = (written.filter(\.concernsStart), written.filter { !$0.concernsStart })
    return causes + Advice.once(measured, locations) + others
  }
}

extension Advice {
  /// Whether it is about how the weights start.
  fileprivate var concernsStart: Bool { id == "initializer" || id == "symmetry" }

  /// Advice about a line once, with the line's place.
  fileprivate static func once(_ advice: [Advice], _ locations: ConfigurationLocations?) -> [Advice] {
    var seen = Set<[String]>()
    return advice.filter { seen.insert([$0.id, $0.key]).inserted }.map { one in
      var one = one
      one.location = locations?.location(of: one.key)
      return one
    }
  }
}

extension ConfigurationLocations {
  /// Reads once more where everything stands in a file.
  fileprivate init(file: String, overrides: [ConfigurationOverride]) throws {
    let descriptor = try FileDescriptor.reading(file)
    var bytes = [UInt8](repeating: 0, count: ConfigurationText.maximumBytes + 1)
    bytes.removeLast(bytes.count - (try descriptor.read(into: &bytes)))
    let diagnostics = Diagnostics()
    var parser = ConfigurationParser(file: file, diagnostics: diagnostics)
    guard var tree = parser.parse(try ConfigurationText(bytes, file: file)) else {
      self.init(source: file)
      return
    }
    tree.apply(overrides, diagnostics: diagnostics)
    self.init(tree)
  }
}
