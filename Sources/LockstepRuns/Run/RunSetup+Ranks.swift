import LockstepConfiguration
import LockstepData
import LockstepTraining

// A run of several ranks: rank 0 leads it, and has all files; the others follow.
extension RunSetup {
  /// Does what rank 0 decides, to the end of the run.
  ///
  /// - Parameter stop: what asks this rank to stop is told to all.
  /// - Returns: the status with which the process shall end.
  /// - Throws: `RunError` where the run cannot begin.
  package func follow(_ stop: StopRequest) throws(RunError) -> Int32 {
    let trainer = try trainer()
    trainer.notice = { Int(stop.signal ?? 0) }
    return trainer.follow(validation: validation)
  }

  /// Waits until all ranks have come as far, on the same run.
  func agree() throws(RunError) {
    try cluster?.meet(
      on: configuration.bits.map { (name: $0.key, value: $0.value) } + [
        ("training data", train.fingerprint), ("validation data", validation?.fingerprint ?? "none"),
      ])
  }
}

extension Cluster {
  /// Waits until every rank is ready, with the same program too; see `agree`.
  package func meet(on facts: [(name: String, value: String)], isOfRuns: Bool = false) throws(RunError) {
    let program = [
      (name: "version of Lockstep", value: LockstepVersion.current),
      ("arithmetic", ArithmeticFingerprint.current.digest),
    ]
    do throws(Refusal) { try agree(on: program + facts, isOfRuns: isOfRuns) } catch {
      throw error.status == 2 ? .input(error.message) : .failed(error.message)
    }
  }
}
