import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Search {
  /// Everything that a search will train, checked before the first step.
  public struct Plan: Sendable {
    /// The name of the configuration.
    public let name: String
    /// What trials are ranked by.
    public let metric: Metric
    /// How many will be trained for how long.
    public let strategy: Strategy
    /// The stages of the strategy.
    public let rungs: [Rung]
    /// What is varied.
    public let settings: [Setting]
    /// A value for each setting, for every trial, as drawn at random. `Strategy.tpe` draws others once it has results.
    public let choices: [[Comparison.Choice]]
    /// The ranks that train every trial together; nil for one that is alone.
    package var cluster: Cluster?
    private let seed: UInt64
    /// The shares of the settings that `choices` stand for.
    private let points: [[Double]]
    private let opened: OpenedConfiguration

    /// Opens the data, draws all trials, and checks each.
    ///
    /// - Parameters:
    ///   - settings: what to vary, and where values are drawn from.
    ///   - trials: how many there are.
    ///   - strategy: which of them are trained for how long.
    ///   - seed: of the draws. Trial k is the same whatever the number of trials.
    ///   - metric: the name of a metric that every trial has; nil for the loss.
    /// - Throws: `RunError.input` where a value is not one of its key, a trial cannot be trained, or there is no
    ///   validation data.
    public init(
      _ configuration: RunConfiguration, varying settings: [Setting], trials: Int, strategy: Strategy = .halving(),
      seed: UInt64 = 1, metric: String? = nil
    ) throws(RunError) {
      let opened = try asInput { () throws(ConfigurationErrors) in try configuration.opened() }
      try self.init(opened, varying: settings, trials: trials, strategy: strategy, seed: seed, metric: metric)
    }

    package init(
      _ opened: OpenedConfiguration, varying settings: [Setting], trials: Int, strategy: Strategy, seed: UInt64,
      metric: String?
    ) throws(RunError) {
      guard trials >= 1 else { throw .input("--trials \(trials): expected at least 1") }
      for (index, setting) in settings.enumerated() where settings[..<index].contains(where: { $0.key == setting.key })
      {
        throw .input("--vary \(Display.plain(setting.key)): found the key twice, expected it once")
      }
      guard opened.configuration.data.hasValidation else {
        throw .input(
          "\(opened.configuration.name): found no data.validation and no data.split, expected one of them to rank trials by"
        )
      }
      (self.opened, self.seed, self.strategy) = (opened, seed, strategy)
      name = opened.configuration.name
      let checked = try Self.check(settings, in: opened)
      self.settings = checked
      points = (1...trials).map { trial in
        checked.map { Search.Setting.share(ofTrial: trial, key: $0.key, seed: seed) }
      }
      choices = points.map { Self.choices(of: checked, at: $0) }
      var (metrics, length): ([[Metric]], Int) = ([], .max)
      for choices in choices {
        let setup = try RunSetup(opened.choosing(choices))
        try setup.checkMemory(for: .run)
        try setup.checkBatches()
        metrics.append(setup.configuration.evaluatedMetrics)
        length = min(length, setup.configuration.totalSteps)
      }
      self.metric = try .chosen(metric, of: metrics, usual: .loss)
      rungs = try strategy.rungs(trials: trials, length: length)
    }

    private static func choices(of settings: [Setting], at point: [Double]) -> [Comparison.Choice] {
      zip(settings, point).map { Comparison.Choice(key: $0.key, value: $0.value(at: $1)) }
    }

    /// Throws where a setting has a value that its key has not, whatever will be drawn.
    ///
    /// - Returns: the settings, of which those know it whose keys take whole numbers alone.
    private static func check(_ settings: [Setting], in opened: OpenedConfiguration) throws(RunError) -> [Setting] {
      var settings = settings
      let first = settings.map { Comparison.Choice(key: $0.key, value: $0.probes[0]) }
      for index in settings.indices {
        var choices = first
        for value in settings[index].probes {
          choices[index].value = value
          _ = try opened.choosing(choices)
        }
        guard let fraction = settings[index].fraction else { continue }
        choices[index].value = fraction
        settings[index].isWhole = (try? opened.choosing(choices)) == nil
      }
      return settings
    }

    /// What all trials follow from.
    private func identity() throws(RunError) -> [(key: String, value: String)] {
      let (configuration, setup) = (opened.configuration, try RunSetup(opened))
      let length =
        switch configuration.training.length {
        case .steps(let count): (key: "training.steps", value: "\(count)")
        case .epochs(let count): (key: "training.epochs", value: "\(count)")
        }
      return configuration.bits + [
        length, ("model.weights", configuration.weights?.path ?? "none"),
        ("training samples", setup.train.fingerprint), ("validation samples", setup.validation?.fingerprint ?? "none"),
        ("--metric", metric.rawValue), ("--strategy", strategy.name), ("--seed", "\(seed)"),
        ("shares of the rungs", rungs.map { "1/\($0.divisor)" }.joined(separator: ", ")),
        ("arithmetic", ArithmeticFingerprint.current.digest),
      ] + settings.map { ("--vary \($0.key)", $0.words) }
    }

    /// Trains the trials, those of a rung in their order, except for what `folder` holds already. Each is a run in a
    /// folder of its own, `trial-0001`, …, and goes on from its own checkpoint at the next rung, so that its bits are
    /// those of a training in one go. At the end the best one's configuration stands in `best.yaml`.
    ///
    /// - Parameters:
    ///   - folder: the folder of the search. The same plan goes on with a search that was stopped there; with more
    ///     trials too, as long as the rungs stay as they are.
    ///   - stop: may ask the search to end, from any thread.
    ///   - observe: is called before each training with the number of those done, of all, and what is next.
    /// - Returns: what is known; `end` says whether that is all.
    /// - Throws: `RunError` where the folder holds something else, or a trial cannot be trained or kept. Numbers that
    ///   diverge are a result, not an error.
    public func run(
      in folder: String, stop: StopRequest? = nil,
      observe: (_ done: Int, _ all: Int, _ what: String) -> Void = { _, _, _ in }
    ) throws(RunError) -> Search {
      try agree()
      let store = try SearchStore(folder, of: identity())
      var trials = choices.enumerated().map { Trial(number: $0.offset + 1, choices: $0.element, results: []) }
      var (points, done) = (points, 0)
      for (place, rung) in rungs.enumerated() {
        for index in contenders(trials, place) {
          if strategy == .tpe, index >= TreeParzenEstimator.first {
            (points[index], trials[index].choices) = learned(from: trials[..<index], points)
          }
          observe(done, rungs.reduce(0) { $0 + $1.trials }, title(trials[index], place))
          switch try outcome(of: trials[index], rung, store, stop) {
          case .stopped(let end): return search(trials, end)
          case .known(let result): trials[index].results.append(result)
          case .found(let result):
            trials[index].results.append(result)
            try store.keep(trials[index])
          }
          done += 1
        }
      }
      let search = search(trials, .finished)
      if let best = search.best { try store.keep(best: text(of: best)) }
      return search
    }

    /// The settings of the next trial, from the results of those before. Settings that one of them has are passed over
    /// as long as there are others: the same bits would be found again.
    private func learned(
      from trials: ArraySlice<Trial>, _ points: [[Double]]
    ) -> (point: [Double], choices: [Comparison.Choice]) {
      let ranked = trials.indices.sorted { Search.isBetter(trials[$0], trials[$1], by: metric) }
      let estimator = TreeParzenEstimator(ranked.map { points[$0] }, axes: settings.map(\.axis))
      let promising = estimator.promising { candidate, axis in
        Search.Setting.share(
          ofTrial: trials.count + 1, candidate: candidate, key: axis.map { settings[$0].key } ?? "", seed: seed)
      }
      let drawn = promising.map { (point: $0, choices: Self.choices(of: settings, at: $0)) }
      return drawn.first { drawn in !trials.contains { $0.choices == drawn.choices } } ?? drawn[0]
    }

    /// Trains with rank 0, which runs the search, what it trains.
    ///
    /// - Parameter stop: what asks this rank to stop is told to all.
    /// - Returns: the status with which the process shall end.
    package func follow(_ cluster: Cluster, _ stop: StopRequest) throws(RunError) -> Int32 {
      try agree()
      while true {
        switch cluster.next() {
        case .end(let status): return status
        case .run(let order):
          let status = try setup(of: ordered(order)).follow(stop)
          if status != 0 { return status }
          cluster.rest()
        }
      }
    }

    /// Waits until all ranks have come as far, with the same search.
    private func agree() throws(RunError) {
      guard let cluster else { return }
      try cluster.meet(on: identity().map { (name: $0.key, value: $0.value) }, isOfRuns: true)
    }

    private func search(_ trials: [Trial], _ end: RunSummary.End) -> Search {
      Search(metric: metric, strategy: strategy, settings: settings, rungs: rungs, trials: trials, end: end)
    }

    /// The trials of a rung, in their order: the best of those that came to the rung before and did not diverge.
    private func contenders(_ trials: [Trial], _ place: Int) -> [Int] {
      let arrived = trials.indices.filter { trials[$0].results.count == place && trials[$0].diverged == nil }
      let ranked = arrived.sorted { Search.isBetter(trials[$0], trials[$1], by: metric) }
      return ranked.prefix(rungs[place].trials).sorted()
    }

    private enum Outcome {
      /// It stands in the folder.
      case known(Result)
      case found(Result)
      case stopped(RunSummary.End)
    }

    /// What a trial comes to at a rung: what is known, or what training makes of it.
    private func outcome(
      of trial: Trial, _ rung: Rung, _ store: SearchStore, _ stop: StopRequest?
    ) throws(RunError) -> Outcome {
      let setup = try setup(of: trial.choices)
      let steps = rung.steps(of: setup.configuration.totalSteps)
      if let known = try store.results(trial.number).first(where: { $0.steps == steps }) { return .known(known) }
      if let signal = stop?.signal { return .stopped(.stopped(signal: signal)) }
      cluster?.begin(JSONValue.array(trial.choices.map { .string($0.value) }).text)
      let found = try train(setup, to: steps, in: store.run(trial.number), stop)
      cluster?.rest()
      return found
    }

    private func train(
      _ setup: RunSetup, to steps: Int, in folder: String, _ stop: StopRequest?
    ) throws(RunError) -> Outcome {
      let run = try TrainingRun.resumeOrStart(setup, output: folder, upTo: steps)
      let summary: RunSummary
      do throws(RunError) { summary = try run.train(stop: stop) } catch {
        guard run.hasDiverged else { throw error }
        return .found(Result(steps: steps, diverged: Self.reason(run, error)))
      }
      switch summary.end {
      case .stopped, .timeLimit: return .stopped(summary.end)
      case .finished, .stoppedEarly, .paused: break
      }
      let value = try value(of: run, summary, setup)
      let digest = summary.json["weights_digest"]?.string
      guard let value, value.isFinite else {
        let message = metric.isNotFinite(after: run.trainer.state.step)
        return .found(Result(steps: steps, diverged: message, weightsDigest: digest))
      }
      return .found(Result(steps: steps, metric: value, weightsDigest: digest))
    }

    /// The settings of the trial that rank 0 begins.
    private func ordered(_ order: String) throws(RunError) -> [Comparison.Choice] {
      guard let values = (try? JSONValue(parsing: order))?.array?.compactMap(\.string), values.count == settings.count
      else { throw .failed("found the order \(JSONValue.quoted(order)) of rank 0, expected the settings of a trial") }
      return zip(settings, values).map { Comparison.Choice(key: $0.key, value: $1) }
    }

    /// What a trial is trained with, by all ranks.
    private func setup(of choices: [Comparison.Choice]) throws(RunError) -> RunSetup {
      var setup = try RunSetup(opened.choosing(choices))
      setup.cluster = cluster
      return setup
    }

    /// Why a run has diverged, without the paths in the error's words.
    private static func reason(_ run: TrainingRun, _ error: RunError) -> String {
      if case .diverged(let message)? = (try? RunRecord(run.folder.path))?.state { return message }
      return String("\(error)".prefix { $0 != "\n" })
    }

    /// The metric of the trained network on the validation data.
    private func value(of run: TrainingRun, _ summary: RunSummary, _ setup: RunSetup) throws(RunError) -> Double? {
      if let known = summary.json["validation"]?.object?[metric.rawValue] { return known.number }
      guard let validation = setup.validation else { return nil }
      // The run itself does not watch it.
      let found = try asFailure { () throws(TrainingError) in
        try run.trainer.evaluation(on: validation, measuring: [metric])
      }
      return found?[metric]
    }

    private func title(_ trial: Trial, _ place: Int) -> String {
      let rung = rungs.count > 1 ? ", rung \(place + 1) of \(rungs.count)" : ""
      let words = trial.choices.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      return "trial \(trial.number)\(rung): \(words)"
    }

    /// The configuration of a trial, every default written out.
    private func text(of trial: Trial) throws(RunError) -> String {
      let value = trial.metric.map { "\(metric.rawValue) \(Format.significant($0))" } ?? ""
      let settings = trial.choices.map { "#   \($0.key): \($0.value)\n" }.joined()
      return
        "# The best of \(choices.count) trials of lockstep search: trial \(trial.number), \(value), with\n\(settings)\n"
        + (try opened.choosing(trial.choices).configuration.resolvedYAML)
    }
  }
}

extension OpenedConfiguration {
  /// This configuration with the settings of a trial.
  fileprivate func choosing(_ choices: [Comparison.Choice]) throws(RunError) -> OpenedConfiguration {
    try asInput { () throws(ConfigurationErrors) in
      try varied(choices.map { (Variation(key: $0.key, values: [$0.value]), $0.value) })
    }
  }
}
