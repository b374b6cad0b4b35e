import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

/// The parameter that a value alone stands for: `dropout: 0.5` is `dropout: {rate: 0.5}`.
enum MainParameter {
  static let keepBest = "metric"

  /// That of what is called `name`, where it has one. A name means one thing wherever it stands.
  static func of(_ name: String) -> String? { all[name] }

  private static let catalogues = [
    Layer.catalogue, Loss.catalogue, Initializer.catalogue, Optimizer.catalogue, Schedule.catalogue,
    RunConfiguration.DivergencePolicy.catalogue, WeightAverage.catalogue,
  ]

  private static let all: [String: String] = Dictionary(
    catalogues.flatMap(\.descriptions).compactMap { thing in
      thing.short == nil ? thing.main.map { (thing.name, $0) } : nil
    } + [("keep_best", keepBest)], uniquingKeysWith: { first, _ in first })
}
