import LockstepData
import LockstepKernels
import LockstepTraining

/// Gathers what is true and what is predicted of the targets of a regression, of samples that lie evenly apart.
struct NumberGatherer {
  /// Pairs of the histograms of all targets together, and of a picture with a point a sample, at most.
  static let (mostResiduals, mostPairs) = (100_000, 500)

  private let scales: [Preprocessing.Scale]
  /// Sample by sample, target by target.
  private var truths: [Double] = []
  private var predictions: [Double] = []
  private let kept: EvenChoice

  init(_ scales: [Preprocessing.Scale], targets: Int, _ chosen: EvenChoice) {
    self.scales = scales
    kept = EvenChoice(max(Self.mostPairs, Self.mostResiduals / max(1, targets)), of: chosen.count)
  }

  /// What the network learns as number `target`, in the target's unit.
  func value(_ value: Float, _ target: Int) -> Double {
    scales.isEmpty ? Double(value) : Double(value) * scales[target].deviation + scales[target].mean
  }

  mutating func add(_ place: Int, _ outputs: Vector, _ targets: Vector) {
    let next = truths.count / outputs.count
    guard next < kept.count, kept[next] == place else { return }
    for target in 0..<outputs.count {
      truths.append(value(targets[target], target))
      predictions.append(value(outputs[target], target))
    }
  }

  func targets(_ names: [String], _ figures: [RegressionFigures]) -> [ModelResults.Target] {
    let (count, shown) = (figures.count, EvenChoice(Self.mostPairs, of: kept.count))
    return figures.enumerated().map { target, figures in
      let residuals = (0..<kept.count).map { predictions[$0 * count + target] - truths[$0 * count + target] }
      let pairs = (0..<shown.count).map { place in
        let at = shown[place] * count + target
        return ModelResults.Target.Pair(truth: truths[at], predicted: predictions[at])
      }
      return ModelResults.Target(
        name: names[target], figures: figures, pairs: pairs, residuals: Histogram(residuals))
    }
  }
}
