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
  /// With each of the cures, the best first, those that diverged last; its `difference` is from `without`.
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
    var cells = [(choices: [choice(nil)], configuration: setup.opened)]
    for cure in cures { cells.append(([choice(cure)], try cure.opened(beside: setup))) }
    let plan = try Comparison.Plan(setup.configuration.name, cells, over: .seeds(seeds))
    var with = try plan.run(observe: observe).cells
    let without = with.remove(at: with.firstIndex { $0.choices == [choice(nil)] } ?? 0)
    for index in with.indices { with[index].difference = with[index].difference(from: without, overlap: 0) }
    return CureProof(metric: plan.metric, seeds: seeds, without: without, with: with)
  }

  /// What the comparison calls a cure; nil for none.
  private static func choice(_ cure: Cure?) -> Comparison.Choice {
    Comparison.Choice(key: "cure", value: cure?.kind.rawValue ?? "none")
  }

  /// Which of `cures` each of `with` is of.
  func ordered(_ cures: [DiagnosedCure]) -> [DiagnosedCure] {
    with.compactMap { cell in cures.first { cell.choices == [Self.choice($0.cure)] } }
  }
}
