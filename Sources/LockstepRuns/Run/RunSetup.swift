import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepTraining

/// The way from a configuration to a network that is ready to train: the configuration checked, its data open, its
/// memory granted, a trainer made, and the weights in it that the run starts from. Whatever trains, measures or looks
/// at a network goes this way.
///
/// ```swift
/// let setup = try RunSetup(RunConfiguration(file: "configs/quickstart.yaml"))
/// let trainer = try setup.initialTrainer(for: .run).trainer
/// try trainer.step()
/// ```
package struct RunSetup: Sendable {
  /// Checked, and what its files hold is known.
  package var configuration: RunConfiguration { opened.configuration }
  /// The configuration with the files that are open.
  package var opened: OpenedConfiguration
  /// What is trained on.
  package let train: any Dataset
  /// What is evaluated on; nil for nothing.
  package let validation: (any Dataset)?
  /// What its evaluations measure beside the configuration's metrics.
  package var metrics: [any CustomMetric] = []
  /// The ranks that train together; nil for one that is alone.
  package var cluster: Cluster?

  /// Checks a configuration, and opens its data.
  ///
  /// - Throws: `RunError.input` with all that is wrong with it.
  package init(_ configuration: RunConfiguration) throws(RunError) {
    try self.init(asInput { () throws(ConfigurationErrors) in try configuration.opened() })
  }

  /// Takes a configuration that has been checked, and whose files are open.
  package init(_ opened: OpenedConfiguration) throws(RunError) {
    let configuration = opened.configuration
    if let sets = opened.files?.sets {
      self.init(opened, train: sets.train, validation: sets.validation)
      return
    }
    func dataset(_ source: DataSource) throws(RunError) -> any Dataset {
      try asInput { () throws(DatasetError) in try source.makeDataset(runSeed: configuration.seed) }
    }
    let train = try dataset(configuration.data.train)
    let validation = try configuration.data.validation.map(dataset)
    self.init(opened, train: train, validation: validation)
  }

  /// Takes samples that a program gives, of which the configuration says as much as it can.
  ///
  /// - Throws: `RunError.input` with all that is wrong with the configuration.
  package init(
    _ configuration: RunConfiguration, on train: any Dataset, validating validation: (any Dataset)? = nil
  ) throws(RunError) {
    let opened = try asInput { () throws(ConfigurationErrors) in try configuration.opened() }
    self.init(opened, train: train, validation: validation)
  }

  /// Takes a configuration that has been checked.
  init(trusting configuration: RunConfiguration, on train: any Dataset) {
    self.init(OpenedConfiguration(configuration, nil), train: train, validation: nil)
  }

  private init(_ opened: OpenedConfiguration, train: any Dataset, validation: (any Dataset)?) {
    (self.opened, self.train, self.validation) = (opened, train, validation)
  }

  /// This one on a part of its training data, held against the rest: a fold of a cross-validation.
  ///
  /// - Parameter number: of `count` folds, from 0.
  package func fold(_ number: Int, of count: Int) throws(DatasetError) -> (setup: RunSetup, validation: DatasetView) {
    let fold = try train.fold(number, of: count, seed: configuration.seed)
    return (RunSetup(opened, train: fold.train, validation: fold.validation), fold.validation)
  }

  /// Which samples each step trains on.
  package func sampler() throws(RunError) -> Sampler {
    let training = configuration.training
    return try asInput { () throws(DatasetError) in
      try Sampler(
        sampleCount: train.count, batchSize: training.batchSize, dropLast: training.dropLast, seed: configuration.seed)
    }
  }

  /// Updates until the end, the horizon of the schedule: epochs are those of the samples that are trained on, which in
  /// a fold are fewer than the configuration has.
  package var steps: Int {
    guard let sampler = try? sampler() else { return configuration.totalSteps }
    return configuration.training.length.steps(ofEpoch: sampler.stepsPerEpoch)
  }
}

// MARK: - Trainers

extension RunSetup {
  /// A trainer before its first step, with the weights that the run starts from.
  ///
  /// - Parameters:
  ///   - use: what memory is checked for before any is taken; nil where that has been done.
  ///   - threads: nil for the configured ones.
  /// - Returns: the trainer, and SHA-256 of the tensors of the file that its weights come from; nil where there is
  ///   none.
  package func initialTrainer(
    for use: MemoryUse?, threads: Trainer.Threads? = nil
  ) throws(RunError) -> (trainer: Trainer, weightsDigest: String?) {
    if let use { try checkMemory(for: use) }
    let trainer = try trainer(threads: threads)
    return (trainer, try initialize(trainer))
  }

  /// A trainer on this data whose weights are those that the layers' initializers draw: for whoever puts others in
  /// their place, and has checked the memory.
  ///
  /// - Parameter threads: nil for the configured ones.
  package func trainer(threads: Trainer.Threads? = nil) throws(RunError) -> Trainer {
    var options = configuration.options
    options.horizon = steps
    options.classWeights = try classWeights()
    if let threads { options.threads = threads }
    options.cores = cluster?.cores
    let trainer = try asInput { [options] () throws(TrainingError) in
      let trainer = try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer, options: options,
        communicator: cluster?.communicator)
      try trainer.attach(train)
      return trainer
    }
    try agree()
    return trainer
  }

  /// Brings the weights of a new trainer, or of one that has been restarted, to what the run starts from: drawn, then
  /// scaled by the data where that is asked for, and then replaced by those of a file where there is one. Only where a
  /// run begins: its checkpoints hold what came of it.
  ///
  /// - Returns: SHA-256 of the file's tensors; nil where there is none.
  func initialize(_ trainer: Trainer) throws(RunError) -> String? {
    try asInput { () throws(TrainingError) in try trainer.initializeFromData() }
    let digest = try configuration.weights?.load(
      into: trainer, targets: configuration.data.preprocessing?.targetScales ?? [])
    if digest != nil { trainer.publish() }
    return digest
  }

  /// What a sample of each class counts, which may follow from the data; nil where all count the same.
  func classWeights() throws(RunError) -> [Float]? {
    try asInput { () throws(DatasetError) in
      try configuration.classWeights?.resolved(on: train, names: configuration.data.classNames)
    }
  }
}

extension RunConfiguration {
  /// The network, before any memory is taken for it.
  package func network() throws(RunError) -> Network {
    try asInput { () throws(ModelError) in try Network(model, seed: seed) }
  }
}

extension DataSource {
  /// The data set of a synthetic source; files are opened with the whole configuration.
  func makeDataset(runSeed: UInt64) throws(DatasetError) -> any Dataset {
    switch self {
    case .synthetic(let specification): return try specification.makeDataset(runSeed: runSeed)
    case .file(let source): throw DatasetError("\(source.kind): the file has not been opened")
    case .given:
      throw DatasetError(
        "given: found samples that a program gave, which it alone can give again: go on with that program, or name files"
      )
    }
  }
}
