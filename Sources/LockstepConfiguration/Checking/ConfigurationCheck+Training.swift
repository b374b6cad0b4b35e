import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

extension ConfigurationCheck {
  /// Checks that a batch, and the last one of an epoch, has enough rows for its shards.
  func checkBatches() {
    let training = configuration.training
    let samples = configuration.data.samples
    let (batch, shards) = (training.batchSize, training.shards)
    if training.dropLast && batch > samples {
      report(
        "training.batch_size",
        found: "batches of \(batch) rows from \(samples) samples with drop_last, which leaves none",
        expected: "at most \(samples) rows", hint: "or drop_last: false")
      return
    }
    // A data set smaller than the batch is one batch.
    let rows = min(batch, samples)
    let ofFull = batch > samples ? "\(samples) samples, all in one batch," : "\(batch) rows a batch"
    let path = locations.written(["training.shards", "training.batch_size"])
    if rows < shards {
      report(
        path, found: "\(ofFull) for \(shards) shards", expected: "at least one row a shard",
        hint: "set training.shards to at most \(rows)")
      return
    }
    checkBatchStatistics(rows, ofFull, path)
    guard configuration.model.measuresRowsAlone(.shard) else { return }
    if Shard.fewestRows(of: shards, batch: rows) < 2 {
      report(
        path, found: "\(ofFull) for \(shards) shards, of which some get a single row",
        expected: "at least 2 rows a shard, since batch_norm takes the variance of each shard",
        hint: rows < 2
          ? nil : "set training.shards to at most \(rows / 2), or batch_norm: {statistics: batch}")
      return
    }
    let last = samples % batch
    if last > 0 && !training.dropLast && batch < samples && Shard.fewestRows(of: shards, batch: last) < 2 {
      let fewer = last >= 2 ? ", or training.shards to at most \(last / 2)" : ""
      report(
        path,
        found:
          "\(last) \(last == 1 ? "row" : "rows") for \(shards) \(shards == 1 ? "shard" : "shards") in the last batch of an epoch (\(samples) samples, \(batch) a batch)",
        expected: "at least 2 rows a shard, since batch_norm takes the variance of each shard",
        hint: "set training.drop_last to true\(fewer)")
    }
  }

  /// Checks that what is varied are images, and large enough.
  func checkAugmentation() {
    guard let problem = configuration.training.augmentation?.problem(on: configuration.data.shape) else { return }
    report(problem.path.reduce("training.augment") { Path.child($1, of: $0) }, problem)
  }

  /// Statistics over the batch need two rows of it, in the one that ends an epoch too.
  private func checkBatchStatistics(_ rows: Int, _ ofFull: String, _ path: String) {
    guard configuration.model.measuresRowsAlone(.batch) else { return }
    let expected = "at least 2 rows a batch, since batch_norm takes the variance of each batch"
    let (batch, samples) = (configuration.training.batchSize, configuration.data.samples)
    if rows < 2 {
      report(path, found: ofFull, expected: expected)
    } else if samples % batch == 1, !configuration.training.dropLast {
      report(
        path, found: "1 row in the last batch of an epoch (\(samples) samples, \(batch) a batch)", expected: expected,
        hint: "set training.drop_last to true, or training.batch_size to another")
    }
  }

  /// Parts are made of shards, and each has to be all that BatchNorm's statistics are taken over.
  func checkAccumulation() {
    let (parts, shards) = (configuration.training.accumulate, configuration.training.shards)
    if parts > shards {
      report(
        "training.accumulate", found: "\(parts) parts of a batch of \(shards) shards",
        expected: "at most \(shards), a shard a part", hint: "or more training.shards")
    }
    if parts > 1, configuration.layers.contains(where: \.hasBatchStatistics) {
      report(
        "training.accumulate", found: "\(parts) parts beside batch_norm: {statistics: batch}",
        expected: "1, since those statistics need the whole batch in memory at once",
        hint: "or batch_norm: {statistics: shard}")
    }
  }

  /// Whether every count of steps and samples of the run fits 64 bits with room to spare.
  func checkLength() {
    guard let total = configuration.checkedTotalSteps else {
      report("training.epochs", found: "an endless number of steps", expected: "a run of at most 2⁵³ steps")
      return
    }
    if total > (1 << 53) || total.multipliedReportingOverflow(by: configuration.training.batchSize).overflow {
      report(
        lengthPath, found: "\(total) steps of \(configuration.training.batchSize) rows",
        expected: "fewer than 2⁶³ rows in all, and at most 2⁵³ steps")
    }
  }

  /// Checks that no part of the schedule lies beyond the end of the run.
  func checkSchedule() {
    guard let total = configuration.checkedTotalSteps else { return }
    let steps = "\(total) steps"
    let schedule = configuration.schedule
    let (warmup, path) = (configuration.steps(in: schedule.warmup), "schedule.\(schedule.declared.name)")
    func reportEnd(_ paths: String..., found: String) {
      report(
        locations.written(paths.map { "\(path).\($0)" }), found: "\(found) in a run of \(steps)",
        expected: "fewer than \(total)", hint: "the run's length is \(lengthPath)")
    }
    if warmup >= total { return reportEnd("warmup", "warmup_steps", found: "\(warmup) steps of warm-up") }
    /// The step of the run at which an interval of the schedule ends.
    func step(_ interval: Interval) -> Int { warmup + min(configuration.steps(in: interval), .max - warmup) }
    switch schedule.shape {
    case .step(let every, _) where step(every) >= total:
      reportEnd("every", found: "a first change at step \(step(every))")
    case .cosineRestarts(let period, _, _, _) where step(period) >= total:
      reportEnd("period", found: "a first restart at step \(step(period))")
    case .piecewise(let boundaries, _):
      for (i, boundary) in boundaries.enumerated() {
        if step(boundary) >= total {
          reportEnd("boundaries.\(i)", found: "a boundary at step \(step(boundary))")
        } else if i > 0, step(boundary) <= step(boundaries[i - 1]) {
          report(
            "\(path).boundaries.\(i)", found: "step \(step(boundary)) after step \(step(boundaries[i - 1]))",
            expected: "boundaries that grow")
        }
      }
    case .constant, .cosine, .cosineRestarts, .step, .exponential, .polynomial, .oneCycle, .reduceOnPlateau: break
    }
  }

  func checkEvaluation() {
    let hasValidation = configuration.data.hasValidation
    if configuration.evaluation != nil && !hasValidation {
      report(
        "evaluation", found: "no data.validation", expected: "data to evaluate on",
        hint: "add data.validation, or leave evaluation out")
    }
    if let best = configuration.checkpoint.keepBest {
      if !hasValidation {
        report(
          "checkpoint.keep_best", found: "no data.validation",
          expected: "validation data, whose \(best.metric.rawValue) it watches", hint: "add data.validation")
      }
      checkMetric(best.metric, path: "checkpoint.keep_best.metric")
    }
    checkEarlyStopping()
    guard case .reduceOnPlateau(let plateau) = configuration.schedule.shape else { return }
    if !hasValidation {
      report(
        "schedule", found: "reduce_on_plateau without data.validation",
        expected: "validation data, whose \(plateau.metric.rawValue) it watches",
        hint: "add data.validation")
      return
    }
    checkMetric(plateau.metric, path: "schedule.reduce_on_plateau.metric")
  }

  private func checkEarlyStopping() {
    guard let rule = configuration.training.earlyStopping else { return }
    let path = "training.early_stopping"
    guard configuration.data.hasValidation, let evaluation = configuration.evaluation else {
      report(
        path, found: "no data.validation", expected: "validation data, whose \(rule.metric.rawValue) it watches",
        hint: "add data.validation")
      return
    }
    checkMetric(rule.metric, path: "\(path).metric")
    guard let total = configuration.checkedTotalSteps else { return }
    let first = configuration.steps(in: evaluation.every)
    if first > total {
      report(
        path, found: "a first evaluation at step \(first) in a run of \(total) steps",
        expected: "evaluations while the run goes on", hint: "set evaluation.every to fewer steps")
    }
  }

  private func checkMetric(_ metric: Metric, path: String) {
    let metrics = configuration.evaluatedMetrics
    if metrics.contains(metric) { return }
    report(
      path, found: "the metric \(metric.rawValue)",
      expected: "one of \(metrics.map(\.rawValue).joined(separator: ", ")), the metrics of \(configuration.loss.name)")
  }

  /// Checks that the checkpoints that shall stay are saved at all.
  func checkCheckpoints() {
    let checkpoint = configuration.checkpoint
    guard checkpoint.every.interval != nil else { return checkSavingByTheClock() }
    guard let keepEvery = checkpoint.keepEvery else { return }
    let (kept, every) = (configuration.steps(in: keepEvery), configuration.checkpointSteps)
    if kept % every != 0 {
      report(
        "checkpoint.keep_every", found: "every \(kept) steps, while a checkpoint is saved every \(every)",
        expected: "a multiple of checkpoint.every")
    }
  }

  /// By the clock other steps are saved each time, so nothing that is part of a run may follow from it.
  private func checkSavingByTheClock() {
    let (unit, count) = configuration.checkpoint.every.written
    let found = "{\(unit): \(count)}"
    if configuration.training.onDivergence.isRestore {
      report(
        "checkpoint.every", found: "\(found) beside training.on_divergence: restore",
        expected:
          "steps or epochs, since a run that diverges goes back to a checkpoint that was due, on any machine to the same",
        hint: "write checkpoint: {every: {epochs: 1}}, or training: {on_divergence: skip}")
    }
    if configuration.checkpoint.keepEvery != nil {
      report(
        "checkpoint.keep_every", found: "multiples of steps, while checkpoints are saved every \(found)",
        expected: "checkpoint.every in steps or epochs", hint: "write checkpoint: {every: {epochs: 1}}")
    }
  }

  private var lengthPath: String {
    switch configuration.training.length {
    case .steps: "training.steps"
    case .epochs: "training.epochs"
    }
  }
}
