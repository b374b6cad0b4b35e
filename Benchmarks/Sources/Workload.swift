import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What is trained, whatever it is measured on.
struct Workload {
  private let setup: RunSetup

  var name: String { setup.configuration.name }
  var model: Model { setup.configuration.model }
  var loss: Loss { setup.configuration.loss }
  var seed: UInt64 { setup.configuration.seed }
  /// Rows of a step.
  var batch: Int { setup.configuration.training.batchSize }
  var shards: Int { setup.configuration.training.shards }
  var data: any Dataset { setup.train }

  /// The four shapes that speed is judged by.
  static let benchmarkFiles = ["wide", "deep", "tabular", "small"].map { "configs/bench/\($0).yaml" }

  /// A workload as a configuration describes it.
  init(file: String) throws { setup = try RunSetup(RunConfiguration(file: file)) }

  /// Layers between gaussian clusters of ten classes and their cross entropy.
  init(name: String, features: Int, layers: [Layer], optimizer: Optimizer, batch: Int) throws {
    let data = SyntheticSpecification(
      kind: .gaussianClusters(), samples: 1_000_000_000, features: features, task: .classification(classes: 10))
    setup = try RunSetup(
      RunConfiguration(
        name: name, data: .init(train: .synthetic(data)), layers: layers + [.dense(Dense(10))],
        loss: .softmaxCrossEntropy, optimizer: optimizer, training: .init(batchSize: batch, length: .epochs(1))))
  }

  /// A trainer on so many threads, ready to step.
  func trainer(threads: Int) throws(RunError) -> Trainer {
    try setup.initialTrainer(for: nil, threads: .count(threads)).trainer
  }
}

extension Network {
  /// Multiply-adds of a step's products over one sample.
  var multiplyAddsPerSample: Double { products.reduce(0) { $0 + $1.multiplyAdds } }
}
