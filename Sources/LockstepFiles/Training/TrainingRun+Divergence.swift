import LockstepTraining

/// What becomes of a run whose numbers are not finite, as `training.on_divergence` says. Nothing of it follows from
/// timing: a run that is killed in its midst comes to the same bits.
extension TrainingRun {
  /// Does what the configuration says about a step that has failed, and that was not applied.
  ///
  /// - Returns: true where the step was passed over and counts as done, false where the run was taken back.
  /// - Throws: `failed` where the run ends, `input` where its data cannot be read.
  func passOver(_ error: TrainingError, _ observe: (RunEvent) -> Void) throws(RunError) -> Bool {
    guard error.isDivergence else {
      if case .data = error { throw .input("\(error)") }
      throw .failed("\(error)")
    }
    switch configuration.training.onDivergence {
    case .stop: throw report("\(error)", observe)
    case .restore:
      try goBack(from: trainer.state.step, because: "\(error)", observe)
      return false
    case .skip(let limit):
      guard divergences.skippedInARow < limit else {
        throw report("\(error) \(limit) steps before it, one after the other, were passed over.", observe)
      }
      trainer.skip()
      divergences.skipped += 1
      divergences.skippedInARow += 1
      try write("skipped", at: trainer.state.step, ["message": .string("\(error)")])
      observe(.skipped(step: trainer.state.step, reason: "\(error)"))
      return true
    }
  }

  /// Takes the run back to the newest checkpoint that was due at `step` or before, with smaller learning rates; to the
  /// one before it where it was taken back there the last time, because its weights may be beyond help. That is saved
  /// before anything else, in the place of the checkpoint; then the later ones are removed, so that they are never gone
  /// on from.
  ///
  /// Whatever of this is done when the process is killed, the run comes here again: the same steps diverge again, and
  /// what is read of the checkpoint is the same.
  ///
  /// - Throws: `failed` under another policy, where it was taken back too often, or where the checkpoint is not there.
  func goBack(from step: Int, because reason: String, _ observe: (RunEvent) -> Void) throws(RunError) {
    guard case .restore(let factor, let tries) = configuration.training.onDivergence else { throw .failed(reason) }
    guard divergences.restores < tries else {
      throw report("\(reason) The run was taken back \(tries) times before.", observe)
    }
    awaitSave(observe)
    pace.pause()
    var target = newestDueStep(upTo: step)
    if divergences.returnedTo == target { target = newestDueStep(upTo: max(0, target - 1)) }
    let (diverged, rates) = (trainer.state.step, trainer.state.learningRateFactor * factor)
    var state = try state(at: target, because: reason, observe)
    state.trainer.learningRateFactor = rates
    (state.divergences.restores, state.divergences.returnedTo) = (divergences.restores + 1, target)
    take(state)
    try asFailure { () throws(FileError) in try log?.goBack(to: state) }
    try write(
      Divergences.restoredEvent, at: target,
      [
        "restores": .integer(divergences.restores), "diverged_after": .integer(diverged),
        "learning_rate_factor": .number(rates), "message": .string(reason),
      ])
    try saveAgain(observe)
    try asFailure { () throws(FileError) in try store.removeLater(than: target) }
    observe(.restored(step: target, learningRateFactor: rates, reason: reason))
  }

  /// Says in the log that the numbers have diverged, and which checkpoint is still good.
  private func report(_ message: String, _ observe: (RunEvent) -> Void) -> RunError {
    awaitSave(observe)
    let step = trainer.state.step + 1
    try? log?.append(event: "diverged", step: step, ["message": .string(message)])
    try? log?.synchronize()
    let advice = configuration.targetAdvice.first.map { " And \($0.warning)." } ?? ""
    return .failed("\(message)\(lastGoodCheckpoint(before: step))\(advice)")
  }

  /// Reads the checkpoint of `step` into the trainer's tensors.
  private func state(
    at step: Int, because reason: String, _ observe: (RunEvent) -> Void
  ) throws(RunError) -> RunState {
    let path = store.path(step: step)
    do throws(CheckpointError) {
      let checkpoint = try CheckpointFile.read(
        path, expecting: tensors.map { ($0.name, $0.shape) }, checkingFinite: true)
      guard let state = checkpoint.metadata[RunState.key].flatMap(RunState.init), state.trainer.step == step else {
        throw .damaged(path: path, problem: "it does not say where its run stands")
      }
      try checkpoint.copy(into: tensors)
      return state
    } catch {
      throw report("\(reason) The run cannot be taken back to the checkpoint of step \(step): \(error)", observe)
    }
  }

  private func take(_ state: RunState) {
    trainer.resume(from: state.trainer)
    (window, lastEvaluation, lastLoss) = (state.window, state.evaluation, state.lastLoss)
    isEvaluationPending = state.isEvaluationPending
    (divergences, best, bestsToReturnTo) = (state.divergences, state.best, state.bestsToReturnTo)
    earlyStopping = state.earlyStopping
  }

  /// Replaces the checkpoint to which the run was taken back, and waits for it.
  private func saveAgain(_ observe: (RunEvent) -> Void) throws(RunError) {
    do throws(Snapshot.NotFinite) { try beginSave(observe) } catch {
      throw .failed("\(store.path(step: trainer.state.step)): tensor \(error.tensor) is not finite")
    }
    guard let outcome = writer.wait() else { return }
    do throws(CheckpointError) { try accept(outcome, observe) } catch { throw RunError(failed: error) }
  }
}
