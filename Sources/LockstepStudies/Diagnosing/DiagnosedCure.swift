import LockstepConfiguration
import LockstepExamination
import LockstepRuns
import LockstepTraining

/// A cure that has been tried: the network with it was diagnosed, trained some steps, and diagnosed again.
public struct DiagnosedCure: Sendable, Equatable {
  /// What was tried.
  public var cure: Cure
  /// At the start, and after the steps of the trial.
  public var diagnosis: Diagnosis
  /// Mean training loss over the last quarter of these steps; nil where they diverge.
  public var loss: Double?

  /// Whether nothing is wrong any more, at the start or after the steps.
  public var isHealthy: Bool { diagnosis.stages.allSatisfy { $0.verdicts == [.healthy] && $0.stopped == nil } }

  /// What tells samples apart behind the last activation at the start: the spread of its units over the RMS of its
  /// values; in [0, 1], 0 where all samples look alike. A signal that keeps its size may lose this all the same —
  /// Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli 2016, https://arxiv.org/abs/1606.05340.
  public var apart: Double {
    guard let stage = diagnosis.stages.first, let point = stage.points.last, let rms = stage.layers[point.layer].rms,
      rms > 0
    else { return 0 }
    return (stage.layers[point.layer].stddev ?? 0) / rms
  }
}

extension Diagnosis {
  /// A cure is trained so many steps, or as many as the network was that was diagnosed: enough to see whether the loss
  /// falls, and steps that are too large for what is healthy at the start. One that takes long has fewer.
  private static let trial = 100
  /// Losses that differ by less than this share do not tell cures apart.
  private static let alike = 0.05

  /// Tries cures of what is wrong with the network that was diagnosed, the best first: those that leave nothing wrong;
  /// of these, those whose loss falls furthest; of those that are alike in that, the smallest change. None where
  /// nothing is wrong.
  ///
  /// - Parameters:
  ///   - setup: what was diagnosed.
  ///   - steps: how many steps it was trained.
  ///   - advice: what is advised for it.
  ///   - observe: is called before each cure is tried; with nil before what is without.
  package func cures(
    of setup: RunSetup, steps: Int, advice: [Advice], observe: (Cure?) -> Void = { _ in }
  ) throws(RunError) -> Prescription {
    var prescription = Prescription(advice: advice)
    let cures = verdicts == [.healthy] ? [] : setup.opened.cures(advice)
    if cures.isEmpty { return prescription }
    let start = try setup.fresh()
    let affordable = max(FirstSteps.fewest, 5 * FirstSteps.rows(of: start) / start.options.batch)
    let steps = min(max(steps, min(Self.trial, affordable)), setup.steps)
    observe(nil)
    (prescription.steps, prescription.loss) = (steps, try Self.tried(setup, steps: steps).loss)
    var tried: [DiagnosedCure] = []
    for cure in cures {
      observe(cure)
      let (diagnosis, loss) = try Self.tried(RunSetup(cure.opened(beside: setup)), steps: steps)
      tried.append(DiagnosedCure(cure: cure, diagnosis: diagnosis, loss: loss))
    }
    prescription.cures = Self.ordered(tried)
    return prescription
  }

  private static func tried(_ setup: RunSetup, steps: Int) throws(RunError) -> (diagnosis: Diagnosis, loss: Double?) {
    var losses: [Double] = []
    let diagnosis = try measure(setup, steps: steps) { losses.append($0.loss) }
    let last = losses.suffix(max(1, losses.count / 4))
    let mean = last.reduce(0, +) / Double(last.count)
    return (diagnosis, diagnosis.stages.last?.stopped == nil && mean.isFinite ? mean : nil)
  }

  private static func ordered(_ tried: [DiagnosedCure]) -> [DiagnosedCure] {
    let least = tried.filter(\.isHealthy).compactMap(\.loss).min() ?? 0
    func key(_ index: Int) -> (Int, Double, Int) {
      guard let loss = tried[index].loss else { return (3, 0, index) }
      if !tried[index].isHealthy { return (2, loss, index) }
      return loss <= least + alike * abs(least) ? (0, 0, index) : (1, loss, index)
    }
    return tried.indices.sorted { key($0) < key($1) }.map { tried[$0] }
  }
}
