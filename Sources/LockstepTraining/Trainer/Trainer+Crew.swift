import LockstepKernels
import LockstepModel

// Who makes a step.
extension Trainer {
  /// One step of whoever's turn it is, its time taken. Whoever looks at layers or gradients looks at all workers'.
  func takeStep(_ job: StepJob) -> StepOutcome {
    if ranks != nil { coordinator.notices[0] = Notice(value: notice()) }
    guard crew != nil, job.observer == nil, job.gradient == nil else { return coordinator.step(job) }
    guard let maker = crew?.isAlone == true ? madeAlone() : coordinator else {
      crew = nil
      return coordinator.step(job)
    }
    let begin = MonotonicClock.seconds()
    let outcome = maker.step(job)
    crew?.note(seconds: MonotonicClock.seconds() - begin, samples: job.batch.rows)
    if maker !== coordinator { stepsAlone += 1 }
    return outcome
  }

  /// The one thread alone, with memory of its own for a batch; nil where there is none.
  private func madeAlone() -> Coordinator? {
    if let alone { return alone }
    let plan = TeamPlan(workers: 1, shards: options.shards, teams: 1)
    let size = WorkspaceSize(options, plan, for: network, targetColumns: loss.targetColumns(outputs: network.outputs))
    let beside = MemoryEstimate(
      training: network, WorkspaceSize(options, self.plan, for: network, targetColumns: size.targetColumns),
      slots: optimizer.slots.count, isAveraged: options.weightAverage != nil)
    do throws(TrainingError) {
      try beside.adding(
        "steps of one thread", bytes: MemoryEstimate(training: network, size, slots: 0).total
      ).check()
      alone = Coordinator(
        networks: [network], size: size, threads: try WorkerThreads(workers: 1), loss: loss, optimizer: optimizer,
        options: options, trained: coordinator.trained)
    } catch {}
    return alone
  }
}
