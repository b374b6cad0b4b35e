import LockstepConfiguration
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What cures come to: the configuration without and with each of them, trained to its end with the same seeds, so that
/// seeds alone make their differences uncertain.
public struct CureProof: Sendable, Equatable {
  /// What is compared: a metric of the evaluation at the end of training.
  public var metric: Metric
  /// With how many seeds each was trained: the configuration's and those after it.
  public var seeds: Int
  /// Without a cure.
  public var without: Comparison.Cell
  /// With each of the cures, in their order; its `difference` is from `without`.
  public var with: [Comparison.Cell]

  /// Whether a cure makes the metric better, and how sure that is: by all of the 95 % confidence interval. A network
  /// that diverges is worse than any that does not.
  public func helps(_ cure: Int) -> Bool {
    guard with[cure].diverged == nil else { return false }
    guard without.diverged == nil else { return true }
    guard let difference = with[cure].difference else { return false }
    let worst = difference.interval.map { metric.mode.isBetter(1, than: 0) ? $0.lowerBound : $0.upperBound }
    return metric.mode.isBetter(worst ?? difference.mean, than: 0)
  }
}

extension CureProof {
  /// The cures from the best metric to the worst, those that diverge last.
  var order: [Int] {
    with.indices.sorted { a, b in
      switch (with[a].mean, with[b].mean) {
      case (let x?, let y?) where x != y: metric.mode.isBetter(x, than: y)
      case (.some, nil): true
      case (nil, .some): false
      default: a < b
      }
    }
  }

  func inOrder(_ order: [Int]) -> CureProof {
    var ordered = self
    ordered.with = order.map { with[$0] }
    return ordered
  }

  /// Throws where there is nothing to evaluate on.
  package static func check(_ configuration: RunConfiguration) throws(RunError) {
    if configuration.data.hasValidation { return }
    throw .input(
      "\(configuration.name): found no data.validation and no data.split, expected one of them to prove cures by")
  }

  /// Trains the configuration without and with each of `cures`.
  ///
  /// - Parameters:
  ///   - seeds: how many.
  ///   - observe: is called before each training with the number of those done, of all, and the title of the next.
  /// - Throws: `RunError` where one cannot be trained, or there is nothing to evaluate on.
  package static func train(
    _ setup: RunSetup, with cures: [Cure], seeds: Int,
    observe: (_ done: Int, _ all: Int, _ what: String) -> Void = { _, _, _ in }
  ) throws(RunError) -> CureProof {
    try check(setup.configuration)
    var cells = [(choices: [Comparison.Choice(key: "cure", value: "none")], configuration: setup.opened)]
    for cure in cures {
      let opened = try asInput { () throws(ConfigurationErrors) in
        try cure.configuration.opened(reusing: setup.opened.files)
      }
      cells.append(([Comparison.Choice(key: "cure", value: cure.kind.rawValue)], opened))
    }
    let plan = try Comparison.Plan(setup.configuration.name, cells, over: .seeds(seeds))
    let trained = try plan.run(observe: observe)
    let inOrder = cells.compactMap { cell in trained.cells.first { $0.choices == cell.choices } }
    let with = inOrder.dropFirst().map { cell in
      var cell = cell
      cell.difference = cell.difference(from: inOrder[0], overlap: 0)
      return cell
    }
    return CureProof(metric: plan.metric, seeds: seeds, without: inOrder[0], with: with)
  }
}
