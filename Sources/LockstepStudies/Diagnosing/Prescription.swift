import LockstepConfiguration
import LockstepRuns
import LockstepTraining

/// What to change about a network that was diagnosed.
public struct Prescription: Sendable, Equatable {
  /// What is said of single lines of the configuration.
  public var advice: [Advice]
  /// What mends the network as a whole, the best first.
  public var cures: [DiagnosedCure]
  /// Steps that each of them was trained, as the network was without.
  public var steps = 0
  /// Mean training loss over the last quarter of these steps without a cure; nil where they diverge.
  public var loss: Double?
  /// What training to the end without and with each of them comes to, in their order; nil where that was not asked for.
  public var proof: CureProof?

  /// Advice, and cures that were tried elsewhere.
  public init(advice: [Advice], cures: [DiagnosedCure] = []) { (self.advice, self.cures) = (advice, cures) }

  /// The first cure that leaves nothing wrong, or, where they were proven, that has helped.
  public var best: Cure? {
    cures.indices.first { cure in proof.map { $0.helps(cure) } ?? cures[cure].isHealthy }.map { cures[$0].cure }
  }
}

extension Diagnosis {
  /// What to change about the network that was diagnosed; every cure has been tried.
  ///
  /// - Parameters:
  ///   - configuration: the one that was diagnosed.
  ///   - seeds: with how many cures are proven, by training the run to its end without and with each; nil proves none.
  /// - Throws: `RunError` where the configuration cannot work, or there is nothing to prove cures on.
  public func prescription(
    for configuration: RunConfiguration, provingWith seeds: Int? = nil
  ) throws(RunError) -> Prescription {
    try Prescription(
      for: self, of: RunSetup(configuration), steps: stages.last?.step ?? 0, advice: advice(for: configuration),
      provingWith: seeds)
  }
}

extension Prescription {
  /// - Parameters:
  ///   - setup: what was diagnosed.
  ///   - steps: how many steps it was trained.
  ///   - seeds: with how many cures are proven; nil proves none.
  ///   - observe: is called with what is done next.
  package init(
    for diagnosis: Diagnosis, of setup: RunSetup, steps: Int, advice: [Advice], provingWith seeds: Int? = nil,
    observe: (String) -> Void = { _ in }
  ) throws(RunError) {
    self = try diagnosis.cures(of: setup, steps: steps, advice: advice) { cure in
      observe(cure.map { "trying \($0.kind.rawValue)" } ?? "training without a cure")
    }
    guard let seeds, !cures.isEmpty else { return }
    let found = try CureProof.train(setup, with: cures.map(\.cure), seeds: seeds) { done, all, what in
      observe("training \(done + 1) of \(all): \(what)")
    }
    // What was trained longest says most.
    (cures, proof) = (found.ordered(cures), found)
  }
}
