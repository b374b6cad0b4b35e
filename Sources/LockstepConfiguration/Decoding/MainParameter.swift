/// The parameter that a value alone stands for: `dropout: 0.5` is `dropout: {rate: 0.5}`.
enum MainParameter {
  static let weightAverage = "decay"
  static let keepBest = "metric"

  /// That of what is called `name`, where it has one. A name means one thing wherever it stands.
  static func of(_ name: String) -> String? { all[name] }

  private static let all: [String: String] = Dictionary(
    named(Decode.layerKinds) + named(Decode.lossKinds) + named(Decode.initializerKinds) + named(Decode.optimizerKinds)
      + named(Decode.scheduleKinds) + named(Decode.policyKinds) + [
        ("weight_average", weightAverage), ("keep_best", keepBest),
      ], uniquingKeysWith: { first, _ in first })

  private static func named<Value>(_ kinds: [Kind<Value>]) -> [(String, String)] {
    kinds.compactMap { kind in kind.main.map { (kind.name, $0) } }
  }
}
