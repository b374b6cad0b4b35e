import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Comparison {
  /// Everything that a comparison will train, checked before the first step.
  public struct Plan: Sendable {
    /// The name of the configuration.
    public let name: String
    /// What will be compared.
    public let metric: Metric
    /// Over what each cell will be trained.
    public let trials: Trials
    /// The choices of every cell, in the order in which cells are trained.
    public let choices: [[Choice]]
    private let configurations: [OpenedConfiguration]
    private let overlap: Double
    /// What each cell trains in each trial, with its data open; nil where it is opened later, because the tables of all
    /// would take too much memory.
    private var settings: [[TrialSetting?]] = []
    /// The files that are open for each trial: cells that read them alike share them.
    private var files: [[FileData]]
    /// Bytes of the tables that stay open.
    private var openBytes = 0

    /// Opens the data, and checks every combination of values.
    ///
    /// - Parameters:
    ///   - variations: what to vary; every combination of their values is a cell.
    ///   - trials: how often each cell is trained, over what.
    ///   - metric: the name of a metric that every cell has; nil for accuracy where all have it, else the loss.
    /// - Throws: `RunError.input` where a value is not one of its key, a combination cannot be trained, or the data
    ///   does not suffice.
    public init(
      _ configuration: RunConfiguration, varying variations: [Variation], over trials: Trials, metric: String? = nil
    ) throws(RunError) {
      let opened = try asInput { () throws(ConfigurationErrors) in try configuration.opened() }
      try self.init(opened, varying: variations, over: trials, metric: metric)
    }

    package init(
      _ opened: OpenedConfiguration, varying variations: [Variation], over trials: Trials, metric: String? = nil
    ) throws(RunError) {
      guard trials.count >= 1 else { throw .input("--seeds \(trials.count): expected at least 1") }
      let keys = variations.map(\.key)
      guard Set(keys).count == keys.count else {
        throw .input("--vary: found a key twice, expected all its values in one list")
      }
      let choices = variations.reduce([[]]) { cells, variation in
        cells.flatMap { cell in variation.values.map { cell + [Choice(key: variation.key, value: $0)] } }
      }
      var cells: [(choices: [Choice], configuration: OpenedConfiguration)] = []
      for cell in choices {
        let configuration = try asInput { () throws(ConfigurationErrors) in
          try opened.varied(zip(variations, cell).map { ($0, $1.value) })
        }
        cells.append((cell, configuration))
      }
      try self.init(opened.configuration.name, cells, over: trials, metric: metric)
    }

    /// Opens the data of cells whose configurations are made already.
    ///
    /// - Parameter cells: what each of them is called, and what it trains.
    init(
      _ name: String, _ cells: [(choices: [Choice], configuration: OpenedConfiguration)], over trials: Trials,
      metric: String? = nil
    ) throws(RunError) {
      (self.name, self.trials) = (name, trials)
      choices = cells.map(\.choices)
      configurations = cells.map(\.configuration)
      self.metric = try .chosen(metric, of: configurations.map(\.configuration.evaluatedMetrics), usual: .accuracy)
      if case .folds(let count) = trials { overlap = 1 / Double(max(count, 2) - 1) } else { overlap = 0 }
      files = [[FileData]](repeating: [], count: trials.count)
      try openAll()
    }

    /// Opens the data of every trial, and checks that every trainer can be made: rows against shards in every fold, and
    /// memory.
    private mutating func openAll() throws(RunError) {
      // Tables may take so much together; beyond it, a trial's data is opened again when it is trained.
      let most = MachineMemory.bytes / 4
      for cell in configurations.indices {
        settings.append([])
        for trial in 0..<trials.count {
          let setting = try open(cell, trial)
          if trial == 0 { try setting.setup.checkMemory(for: .networks(2)) }
          try setting.setup.checkBatches()
          let found = setting.setup.opened.files
          if let found, !files.joined().contains(where: { $0 === found }) { openBytes += found.memoryBytes }
          if let found, openBytes <= most { files[trial].append(found) }
          settings[cell].append(openBytes <= most ? setting : nil)
        }
      }
    }

    /// What a cell trains in a trial.
    func setting(_ cell: Int, _ trial: Int) throws(RunError) -> TrialSetting {
      if let setting = settings[cell][trial] { return setting }
      return try open(cell, trial)
    }

    private func open(_ cell: Int, _ trial: Int) throws(RunError) -> TrialSetting {
      let opened = configurations[cell]
      var configuration = opened.configuration
      switch trials {
      case .folds(let count) where configuration.data.train.file != nil:
        // Standardised by what is left of the samples alone.
        configuration.data.split = .fold(
          trial, of: count, seed: configuration.seed, by: configuration.data.split?.rule ?? .automatic)
        // Nobody can say beforehand in which fold a rare category is left out of training.
        configuration.data.unknown = .ignore
        configuration.data.validation = nil
        let wanted = configuration.data.fileDescription(configuration.loss)
        let known = files[trial].first { $0.description == wanted } ?? opened.files
        let setup = try RunSetup(
          asInput { [configuration] () throws(ConfigurationErrors) in try configuration.opened(reusing: known) })
        guard let validation = setup.validation else { throw .input("--folds \(count): found no samples to hold out") }
        return TrialSetting(setup: setup, validation: validation, metric: metric)
      case .folds(let count):
        let whole = try RunSetup(opened)
        let setup: RunSetup
        let validation: DatasetView
        do throws(DatasetError) { (setup, validation) = try whole.fold(trial, of: count) } catch {
          throw .input("--folds \(count): \(error)")
        }
        return TrialSetting(setup: setup, validation: validation, metric: metric)
      case .seeds:
        configuration.seed &+= UInt64(trial)
        let setup = try RunSetup(OpenedConfiguration(configuration, opened.files))
        guard let validation = setup.validation else {
          throw .input(
            "--seeds: found no data.validation to evaluate on, expected it, or --folds in the place of --seeds")
        }
        return TrialSetting(setup: setup, validation: validation, metric: metric)
      }
    }

    /// Trains every cell, except for trials that `folder` holds already.
    ///
    /// - Parameters:
    ///   - folder: where finished trials are kept, so that a comparison that was stopped can go on; nil keeps none.
    ///   - models: a folder for the models that trials end with, a checkpoint each; nil keeps none. A trial that is
    ///     done, but whose model is not there, is trained again.
    ///   - observe: is called before each trial with the number of trials done, the number of all, and the title of the
    ///     one that is next.
    /// - Throws: `RunError` where a trial cannot be trained or kept. Numbers that diverge are a result, not an error.
    public func run(
      in folder: String? = nil, keeping models: String? = nil,
      observe: (_ done: Int, _ all: Int, _ what: String) -> Void = { _, _, _ in }
    ) throws(RunError) -> Comparison {
      let store = try folder.map { path throws(RunError) in try TrialStore(path) }
      let models = try models.map { path throws(RunError) in try TrialModels(path) }
      var cells: [Cell] = []
      for cell in configurations.indices {
        var done: [Trial] = []
        for trial in 0..<trials.count {
          observe(cell * trials.count + trial, configurations.count * trials.count, title(cell, trial))
          let setting = try setting(cell, trial)
          let path = models?.path(of: choices[cell], trials, trial)
          if let found = try store?.trial(of: setting), path.map({ models?.holds(found, at: $0) == true }) ?? true {
            done.append(found)
            continue
          }
          let result = try setting.run { (trainer, setup) throws(RunError) in
            if let path { try models?.keep(trainer, setup, at: path) }
          }
          try store?.keep(result, of: setting)
          done.append(result)
        }
        cells.append(Cell(choices: choices[cell], trials: done, difference: nil))
      }
      return Comparison(metric: metric, trials: trials, cells: cells, overlap: overlap)
    }

    private func title(_ cell: Int, _ trial: Int) -> String {
      let words = choices[cell].map { "\($0.key) \($0.value)" } + [trials.title(trial)]
      return words.joined(separator: ", ")
    }
  }
}

extension Comparison.Trials {
  fileprivate func title(_ trial: Int) -> String {
    switch self {
    case .folds(let count): "fold \(trial + 1) of \(count)"
    case .seeds(let count): "seed \(trial + 1) of \(count)"
    }
  }
}
