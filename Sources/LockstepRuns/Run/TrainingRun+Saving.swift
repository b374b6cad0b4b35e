import LockstepFormats
import LockstepKernels
import LockstepTraining

/// Saving stalls training by a copy of the tensors; `CheckpointWriter` does the rest beside it. What came of a save is
/// looked for between steps, and no bit of the run follows from when it is found.
extension TrainingRun {
  var tensors: [Tensor] { trainer.tensors }

  /// Begins to save the present step, which is due. Where it has diverged, the run may be taken back instead.
  func beginDueSave(_ observe: (RunEvent) -> Void) throws(RunError) {
    if let best = state.best, case .restore(_, let tries) = configuration.training.onDivergence,
      isDue(configuration.checkpoint.every.interval, at: trainer.state.step)
    {
      state.bestsToReturnTo = (state.bestsToReturnTo + [best.step]).suffix(tries)
    }
    do throws(Snapshot.NotFinite) { try beginSave(observe) } catch {
      // What was trained since the last one that was due has come to this.
      try goBack(from: max(0, trainer.state.step - 1), because: message(error), observe)
    }
  }

  /// Begins to save the present step. A checkpoint that is still being written comes first.
  func beginSave(_ observe: (RunEvent) -> Void) throws(Snapshot.NotFinite) {
    pace.resume()
    awaitSave(observe)
    lastSaveBegan = MonotonicClock.seconds()
    let step = trainer.state.step
    var metadata = constants
    metadata[Key.samplesSeen] = String(trainer.sampler?.samplesSeen(before: step) ?? 0)
    state.trainer = trainer.state
    // One that is saved again, since the run was taken back to it, keeps the one before it.
    if let lastSaved, lastSaved.step < step {
      state.predecessor = CheckpointLink(step: lastSaved.step, weightsDigest: lastSaved.receipt.weightsDigest)
    }
    state.write(to: &metadata)
    pace.beginSave()
    try writer.begin(
      step: step, metadata: metadata, beside: trainer.rankCount == 1
    ) { [log, store, retention] content throws(CheckpointError) in
      // No line may be missing when the run goes on from this checkpoint.
      do throws(FileError) { try log?.synchronize() } catch { throw .file(error) }
      return try store.save(content, step: step, sparing: retention)
    }
  }

  /// Whether the present step is to be saved: by its number, by the clock, or because it is the best so far.
  var isSaveDue: Bool {
    let (step, every) = (trainer.state.step, configuration.checkpoint.every)
    if isDue(every.interval, at: step) || state.best?.step == step { return true }
    return every.seconds.map { MonotonicClock.seconds() - lastSaveBegan >= $0 } ?? false
  }

  /// The checkpoints that stay beside the newest few.
  private var retention: Retention {
    let checkpoint = configuration.checkpoint
    var retention = Retention(every: checkpoint.keepEvery.map { configuration.steps(in: $0) })
    if let origin { retention.steps.insert(origin.step) }
    if checkpoint.keepBest != nil, let best = state.best { retention.steps.insert(best.step) }
    if case .restore(_, let tries) = configuration.training.onDivergence {
      let (newest, every) = (newestDueStep(upTo: trainer.state.step), configuration.checkpointSteps)
      // That to which it was taken back last is not the next one's.
      let left = min(tries, tries - state.divergences.restores + 1)
      for back in 0..<min(left, newest / every + 1) {
        retention.steps.insert(newest - back * every)
      }
      retention.steps.formUnion(state.bestsToReturnTo)
    }
    return retention
  }

  /// The last step, `step` or before, of which a checkpoint was due; 0 for the beginning.
  func newestDueStep(upTo step: Int) -> Int {
    let every = configuration.checkpointSteps
    return step / every * every
  }

  private func message(_ error: Snapshot.NotFinite) -> String {
    "step \(trainer.state.step): tensor \(error.tensor) holds a number that is not finite, so it is not saved. "
      + "A run with a smaller learning rate or gradient clipping may do better."
  }

  /// Tells what came of the checkpoint in flight if that is known by now; otherwise it costs next to nothing.
  func lookAfterSave(_ observe: (RunEvent) -> Void) {
    if let outcome = writer.finished() { tell(outcome, observe) }
  }

  /// Waits for the checkpoint in flight, if there is one, and tells what came of it.
  func awaitSave(_ observe: (RunEvent) -> Void) {
    if let outcome = writer.wait() { tell(outcome, observe) }
  }

  /// Saves the present step, if that has not been done or begun, and waits until it is on the device.
  func finishSaving(_ observe: (RunEvent) -> Void) throws(RunError) {
    let step = trainer.state.step
    if lastSaved?.step != step && writer.stepInFlight != step {
      try asFailure(trainer.compareRanks)
      do throws(Snapshot.NotFinite) { try beginSave(observe) } catch { throw .failed(message(error)) }
    }
    guard let outcome = writer.wait() else { return }
    do throws(CheckpointError) { try accept(outcome, observe) } catch {
      throw .failed("\(error)\(lastGoodCheckpoint(before: step))")
    }
  }

  /// A checkpoint that could not be written does not stop a run that has more to come.
  private func tell(_ outcome: CheckpointWriter.Outcome, _ observe: (RunEvent) -> Void) {
    do throws(CheckpointError) { try accept(outcome, observe) } catch {
      observe(.warning("the checkpoint of step \(outcome.step) is not saved, the run goes on without it: \(error)"))
    }
  }

  /// Takes note of a checkpoint that is on the device; throws where it is not.
  func accept(
    _ outcome: CheckpointWriter.Outcome, _ observe: (RunEvent) -> Void
  ) throws(CheckpointError) {
    let saved: CheckpointStore.Saved
    do throws(CheckpointError) { saved = try outcome.result.get() } catch {
      // Where the disk is full, this line is not written either; the caller is told all the same.
      try? log?.append(event: "save_failed", step: outcome.step, ["message": .string("\(error)")])
      throw error
    }
    pace.endSave()
    lastSaved = (outcome.step, saved.receipt)
    for error in saved.notDeleted { observe(.warning("an old checkpoint stays: \(error)")) }
    observe(.saved(step: outcome.step, path: saved.receipt.path, bytes: saved.receipt.fileSize))
  }
}
