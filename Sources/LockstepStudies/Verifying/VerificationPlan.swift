import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns

extension Verification {
  /// What there is to verify of a run: its checkpoints, read to the last byte, its log, and the intervals between the
  /// checkpoints.
  public struct Plan: Sendable {
    /// The folder of the run.
    public let run: String
    /// What is amiss before anything is trained.
    public private(set) var findings: [String]
    /// What a person should know besides.
    public private(set) var notes: [String]
    /// The intervals that can be trained, in the order of their steps.
    public var intervals: [ClosedRange<Int>] { all.map { $0.from...$0.end.step } }

    let all: [RetrainedInterval]
    let record: RunRecord
    /// The files of all checkpoints, and what those that are whole tell, in the order of their steps.
    let files: [String]
    let records: [CheckpointRecord]
    let log: [MetricsLine]
    var last: CheckpointRecord? { records.last }
    let overrides: [ConfigurationOverride]

    /// Reads the folder `run` and verifies its checkpoints. Nothing is trained yet; nothing in the folder is changed.
    ///
    /// - Parameters:
    ///   - from: the checkpoint at which verifying begins, 0 for the initial weights; nil for the beginning.
    ///   - to: the checkpoint at which it ends; nil for the last.
    ///   - overrides: settings that no bit depends on, such as where the data files stand by now.
    /// - Throws: `RunError.input` where the folder is none of a run, a run is going on in it, or it has no such
    ///   checkpoint.
    public init(
      _ run: String, from: Int? = nil, to: Int? = nil, overrides: [ConfigurationOverride] = []
    ) throws(RunError) {
      let record = try RunRecord(run)
      if record.state == .running {
        throw .input("\(run): found a run that is going on, expected one that has ended or was stopped")
      }
      let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(run) }
      let entries = try asInput { () throws(FileError) in
        try CheckpointStore(folder: folder.checkpointsFolder, keep: 1).list()
      }
      if entries.isEmpty {
        throw .input("\(run): found no checkpoint, expected at least one in \(folder.checkpointsFolder)")
      }
      var findings: [String] = []
      var records: [CheckpointRecord] = []
      for entry in entries {
        do throws(RunError) {
          let record = try CheckpointRecord(verifying: entry.path)
          if record.step == entry.step {
            records.append(record)
          } else {
            findings.append("\(entry.path): found the checkpoint of step \(record.step), expected that of its name")
          }
        } catch {
          findings.append("\(error)")
        }
      }
      self.run = run
      self.overrides = overrides
      self.record = record
      files = entries.map(\.path)
      self.records = records
      log = try asInput { () throws(FileError) in try MetricsLog.lines(folder.metricsFile) }
      let chain = CheckpointChain(records)
      self.findings = findings + Self.findings(record, folder, records) + chain.findings
      notes = Self.notes(records, hasLog: !log.isEmpty) + chain.notes
      all = try Self.intervals(records, from: from, to: to, run)
    }

    /// The same plan, which also tells what a statement says otherwise than the run's folder and data.
    ///
    /// - Parameter path: of a statement that `lockstep attest` has written.
    /// - Throws: `RunError.input` where it is none.
    public func checking(statement path: String) throws(RunError) -> Verification.Plan {
      let evidence = try RunEvidence(self)
      let comparison = StatementComparison(try ProvenanceStatement(file: path), in: path, evidence)
      var plan = self
      plan.findings += evidence.problems + comparison.findings
      plan.notes += comparison.notes
      return plan
    }

    /// What `config.yaml` and `summary.json` say otherwise than the checkpoints.
    private static func findings(
      _ run: RunRecord, _ folder: RunFolder, _ records: [CheckpointRecord]
    ) -> [String] {
      guard let last = records.last else { return [] }
      let changes = run.configuration.differences(from: last.configuration).filter(\.touchesBits)
      var findings = changes.map {
        "\(folder.configurationFile): found \($0.key): \($0.new ?? "none"), expected \($0.old ?? "none") as in \(last.path)"
      }
      if let digest = run.summary?["weights_digest"]?.string, run.summary?["steps"]?.integer == last.step,
        digest != last.weightsDigest
      {
        findings.append(
          "\(folder.summaryFile): found the weights_digest \(digest), expected \(last.weightsDigest) as in \(last.path)"
        )
      }
      return findings
    }

    private static func notes(_ records: [CheckpointRecord], hasLog: Bool) -> [String] {
      var notes: [String] = []
      if let version = records.last?.version, version != LockstepVersion.current {
        notes.append("the run was trained by Lockstep \(version), this is \(LockstepVersion.current)")
      }
      if let accepted = records.last?.acceptedArithmetic {
        notes.append("the run itself went on with another arithmetic: \(accepted)")
      }
      if let origin = records.first?.origin {
        notes.append(
          "the run was forked from \(origin.words): the weights that it began with are taken as they are; verify that run too"
        )
      }
      if !hasLog { notes.append("the run has no metrics.jsonl: only its checkpoints are compared") }
      return notes
    }

    private static func intervals(
      _ records: [CheckpointRecord], from: Int?, to: Int?, _ run: String
    ) throws(RunError) -> [RetrainedInterval] {
      // That of step 0 holds initial weights, which are drawn again instead.
      let isForked = records.first?.origin != nil
      let ends = isForked ? records : records.filter { $0.step > 0 }
      let starts = isForked ? ends.map { $0 } : [nil] + ends.map { $0 }
      let steps = (isForked ? [] : [0]) + ends.map(\.step)
      for (name, step) in [("--from", from), ("--to", to)] {
        guard let step, !steps.contains(step) else { continue }
        throw .input(
          "\(name) \(step): found no checkpoint of that step in \(run), expected one of \(steps.map(String.init).joined(separator: ", "))"
        )
      }
      if let from, let to, from >= to {
        throw .input("--from \(from) --to \(to): expected an earlier and a later step")
      }
      return zip(starts, isForked ? Array(ends.dropFirst()) : ends).map { RetrainedInterval(start: $0, end: $1) }
        .filter { $0.from >= from ?? 0 && $0.end.step <= to ?? .max }
    }
  }
}

// MARK: Training again

extension Verification.Plan {
  /// Trains intervals again, several beside each other, and compares.
  ///
  /// - Parameters:
  ///   - sample: how many intervals are picked; nil for all.
  ///   - seed: by which they are picked.
  ///   - threads: worker threads in all; nil for one a core. No bit depends on it.
  ///   - acceptsDifferentArithmetic: whether to try though this machine's arithmetic is not the run's.
  ///   - stop: may ask the trainings to end, from any thread.
  ///   - observe: is called on the caller's thread with how many intervals are done, at first with none, and how many
  ///     there are.
  /// - Returns: nil where it was stopped.
  /// - Throws: `RunError.failed` where what is trained again cannot be written, the disk being full perhaps.
  public func run(
    sample: Int? = nil, seed: UInt64 = 0, threads: Int? = nil, acceptsDifferentArithmetic: Bool = false,
    stop: StopRequest? = nil, observe: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(RunError) -> Verification? {
    let chosen = picked(sample, seed)
    let workers = IntervalWorkers(tasks(chosen), threads: threads ?? Processor.availableCores)
    let done = try workers.run(observe) { [log] (task, threads) throws(RunError) in
      let (interval, start) = (task.interval, MonotonicClock.seconds())
      let outcome: Verification.Outcome?
      switch task.setup {
      case .failure(let error): outcome = .notTrained("\(error)")
      case .success(let setup):
        outcome = try interval.outcome(
          setup, log: log, threads: threads, acceptsDifferentArithmetic: acceptsDifferentArithmetic, stop: stop)
      }
      return outcome.map {
        Verification.Interval(
          from: interval.from, to: interval.end.step, outcome: $0, seconds: MonotonicClock.seconds() - start)
      }
    }
    guard let done else { return nil }
    return Verification(
      run: run, findings: findings, notes: notes, intervals: done, allIntervals: all.count,
      seed: chosen.count < all.count ? seed : nil, version: last?.version, data: last?.trainData,
      weightsDigest: last?.weightsDigest)
  }

  /// The first intervals of a permutation that the seed picks, in the order of their steps.
  private func picked(_ sample: Int?, _ seed: UInt64) -> [RetrainedInterval] {
    guard let sample, sample < all.count else { return all }
    let permutation = KeyedPermutation(
      count: all.count, stream: RandomKey(seed: seed, purpose: .verification).stream(0))
    return (0..<sample).map { permutation[$0] }.sorted().map { all[$0] }
  }

  /// Data is opened once for all intervals that are trained on it.
  private func tasks(_ intervals: [RetrainedInterval]) -> [IntervalWorkers.Task] {
    var opened: [(record: CheckpointRecord, setup: Result<RunSetup, RunError>)] = []
    return intervals.map { interval in
      let known = opened.first { $0.record.hasSetup(of: interval.end) }?.setup
      let setup = known ?? Result { () throws(RunError) in try interval.end.setup(overrides) }
      if known == nil { opened.append((interval.end, setup)) }
      return IntervalWorkers.Task(interval: interval, setup: setup)
    }
  }
}
