import LockstepConfiguration
import LockstepData
import LockstepModel
import LockstepTraining

/// What is trained, whatever it is measured on.
struct Workload {
  var name: String
  var model: Model
  var loss: Loss
  var optimizer: Optimizer
  var options: Trainer.Options
  var data: any Dataset

  /// The four shapes that speed is judged by.
  static let benchmarkFiles = ["wide", "deep", "tabular", "small"].map { "configs/bench/\($0).yaml" }

  /// A workload as a configuration describes it.
  init(file: String) throws {
    let configuration = try RunConfiguration(file: file)
    let training = configuration.training
    name = configuration.name
    model = configuration.model
    loss = configuration.loss
    optimizer = configuration.optimizer
    options = Trainer.Options(
      batch: training.batchSize, shards: training.shards, threads: training.threads, seed: configuration.seed,
      regularization: configuration.regularization, clip: training.gradientClip, schedule: configuration.schedule,
      horizon: configuration.totalSteps, dropLast: training.dropLast)
    data = try configuration.data.train.makeDataset(runSeed: configuration.seed)
  }

  /// Layers between gaussian clusters of ten classes and their cross entropy.
  init(name: String, features: Int, layers: [Layer], optimizer: Optimizer, batch: Int, shards: Int = 8) throws {
    let specification = SyntheticSpecification(
      kind: .gaussianClusters(), samples: 1_000_000_000, features: features, task: .classification(classes: 10))
    self.name = name
    model = Model(features: features, layers: layers + [.dense(Dense(10))])
    loss = .softmaxCrossEntropy
    self.optimizer = optimizer
    options = Trainer.Options(batch: batch, shards: shards)
    data = try specification.makeDataset(runSeed: options.seed)
  }

  /// A trainer on so many threads, ready to step.
  func trainer(threads: Int) throws -> Trainer {
    var options = options
    options.threads = .count(threads)
    let trainer = try Trainer(model, loss: loss, optimizer: optimizer, options: options)
    try trainer.attach(data)
    return trainer
  }
}

extension Network {
  /// Multiply-adds of a step's products over one sample.
  var multiplyAddsPerSample: Double { products.reduce(0) { $0 + $1.multiplyAdds } }
}
