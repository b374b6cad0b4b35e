import LockstepFormats
import LockstepTraining

/// What a run does when its numbers are not finite, as `training.on_divergence` says. Nothing of it depends on timing:
/// a run that is killed meanwhile comes to the same bits.
extension TrainingRun {
  /// Does what the configuration says about a step that has failed, and that was not applied.
  ///
  /// - Returns: true where the step was skipped and counts as done, false where the run was taken back.
  /// - Throws: `failed` where the run ends, `input` where its data cannot be read.
  func skip(_ error: TrainingError, _ observe: (RunEvent) -> Void) throws(RunError) -> Bool {
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
      guard state.divergences.skippedInARow < limit else {
        throw report("\(error) \(limit) steps before it, one after the other, were passed over.", observe)
      }
      trainer.skip()
      state.divergences.skipped += 1
      state.divergences.skippedInARow += 1
      try write("skipped", at: trainer.state.step, ["message": .string("\(error)")])
      observe(.skipped(step: trainer.state.step, reason: "\(error)"))
      return true
    }
  }

  /// Takes the run back to a checkpoint, with smaller learning rates.
  ///
  /// Which one: the newest that was due at `step` or before. Where the run was taken back to that the last time, its
  /// weights may be beyond help, and it is the one before. Where that was not kept, since the run was under another
  /// policy then, it is the beginning of the run: its initial weights, which are made anew, or the checkpoint that it
  /// was forked from, which stays.
  ///
  /// In which order: first the state with the smaller rates replaces the checkpoint, then later checkpoints are
  /// removed, so that nothing goes on from them. A process that is killed in between comes here again: the same steps
  /// diverge, and the checkpoint that is read holds the same.
  ///
  /// - Throws: `failed` under another policy, where it was taken back too often, or where the checkpoint is not there.
  func goBack(from step: Int, because reason: String, _ observe: (RunEvent) -> Void) throws(RunError) {
    guard case .restore(let factor, let tries) = configuration.training.onDivergence else {
      hasDiverged = true
      throw .failed(reason)
    }
    guard state.divergences.restores < tries else {
      throw report("\(reason) The run was taken back \(tries) times before.", observe)
    }
    awaitSave(observe)
    pace.pause()
    var target = max(firstStep, newestDueStep(upTo: step))
    if state.divergences.returnedTo == target { target = max(firstStep, newestDueStep(upTo: max(0, target - 1))) }
    if target < state.restoresFrom { target = try newestKeptStep(upTo: target) }
    let (diverged, rates) = (trainer.state.step, trainer.state.learningRateFactor * factor)
    var earlier = try state(at: target, because: reason, observe)
    earlier.trainer.learningRateFactor = rates
    (earlier.divergences.restores, earlier.divergences.returnedTo) = (state.divergences.restores + 1, target)
    take(earlier)
    try asFailure { () throws(FileError) in try log?.goBack(to: earlier) }
    try write(
      Divergences.restoredEvent, at: target,
      [
        "restores": .integer(state.divergences.restores), "diverged_after": .integer(diverged),
        "learning_rate_factor": .number(rates), "message": .string(reason),
      ])
    try saveAgain(observe)
    try asFailure { () throws(FileError) in try store.removeLater(than: target) }
    observe(.restored(step: target, learningRateFactor: rates, reason: reason))
  }

  /// Says in the log that the numbers have diverged, and which checkpoint is still good.
  private func report(_ message: String, _ observe: (RunEvent) -> Void) -> RunError {
    awaitSave(observe)
    hasDiverged = true
    let step = trainer.state.step + 1
    try? log?.append(event: RunRecord.divergedEvent, step: step, ["message": .string(message)])
    try? log?.synchronize()
    let advice = configuration.targetAdvice.first.map { " And \($0.warning)." } ?? ""
    return .failed("\(message)\(lastGoodCheckpoint(before: step))\(advice)")
  }

  /// Reads the checkpoint of `step` into the trainer's tensors.
  private func state(
    at step: Int, because reason: String, _ observe: (RunEvent) -> Void
  ) throws(RunError) -> RunState {
    let path = store.path(step: step)
    if step == 0, state.restoresFrom > 0, try !keptSteps().contains(0) { return try beginning() }
    do throws(CheckpointError) {
      let checkpoint = try CheckpointFile.read(
        path, expecting: tensors.map(\.info), checkingFinite: true)
      guard let state = RunState(metadata: checkpoint.metadata), state.trainer.step == step else {
        throw .damaged(path: path, problem: "it does not say where its run stands")
      }
      try checkpoint.copy(into: tensors)
      trainer.publish()
      return state
    } catch {
      throw report("\(reason) The run cannot be taken back to the checkpoint of step \(step): \(error)", observe)
    }
  }

  private func keptSteps() throws(RunError) -> [Int] {
    try asFailure { () throws(FileError) in try store.list() }.map(\.step)
  }

  /// The last step, `step` or before, whose checkpoint was due and stands in the folder; the beginning where there is
  /// none.
  ///
  /// Those from before this policy count as long as retention keeps them: only the newest few, so that a checkpoint
  /// that a kill has saved from deletion makes no difference.
  private func newestKeptStep(upTo step: Int) throws(RunError) -> Int {
    let every = configuration.checkpointSteps
    let oldest = newestDueStep(upTo: state.restoresFrom) - (configuration.checkpoint.keep - 1) * every
    return try keptSteps().last { $0 <= step && $0 >= oldest && isDue(configuration.checkpoint.every.interval, at: $0) }
      ?? firstStep
  }

  /// Brings the trainer to where the run began.
  private func beginning() throws(RunError) -> RunState {
    trainer.restart()
    guard try setup.initialize(trainer) == constants[Key.initialWeights] else {
      throw .failed(
        "\(configuration.weights?.path ?? "model.weights"): the file is not the one any more that the run began from, so it cannot be taken back to its beginning"
      )
    }
    return RunState()
  }

  private func take(_ earlier: RunState) {
    let restoresFrom = state.restoresFrom
    trainer.resume(from: earlier.trainer)
    state = earlier
    // All that comes after it is saved under this policy.
    state.restoresFrom = min(restoresFrom, earlier.trainer.step)
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
