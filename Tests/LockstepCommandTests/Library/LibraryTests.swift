import Lockstep
// What a user of the library writes: this one import, and no other of Lockstep's modules.
import TestSupport
import Testing

@Suite("import Lockstep")
struct LibraryTests {
  @Test func modelIsDescribedTrainedAndWatched() async throws {
    let model = Model(features: 16) {
      Dense(32, initializer: .heNormal, bias: false)
      BatchNorm()
      ReLU()
      Dense(4)
    }
    let data = try SyntheticSpecification(
      kind: .gaussianClusters(), samples: 2_000, features: 16, task: .classification(classes: 4)
    ).makeDataset(runSeed: 1)
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-2), batch: 64, shards: 8, threads: 2, seed: 1
    )
    var losses: [Double] = []
    for try await step in trainer.steps(over: data).prefix(20) { losses.append(step.loss) }
    #expect(losses.count == 20)
    #expect(trainer.state.step == 20)
    #expect(losses.suffix(5).reduce(0, +) < losses.prefix(5).reduce(0, +))
  }

  /// A fold, weights initialised by the data, a look at the layers, and statistics of the population at the end.
  @Test func foldIsTrainedWatchedAndRecalibrated() throws {
    let model = Model(features: 16) {
      Dense(32, bias: false)
      BatchNorm()
      ReLU()
      Dense(4)
    }
    let data = try SyntheticSpecification(
      kind: .gaussianClusters(), samples: 1_000, features: 16, task: .classification(classes: 4)
    ).makeDataset(runSeed: 1)
    let (train, validation) = try data.fold(2, of: 5, seed: 1)
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-2),
      options: .init(batch: 64, threads: .count(2), lsuv: LSUV()))
    try trainer.attach(train)
    for _ in 0..<20 { try trainer.step() }
    let layers = try trainer.step(observingLayers: true).layers ?? []
    #expect(layers.map(\.name) == ["dense0", "relu0", "dense1"])
    #expect(try trainer.recalibrate() == (batches: 13, rows: 800))
    let found = try trainer.evaluate(on: validation)
    #expect(found.sums.count == 200 && found.loss < 1)
  }

  /// Rings around 0, each computed from its number: what a program writes where it has data of its own.
  private struct Rings: Dataset {
    let count = 400
    let features = 2
    let task = LearningTask.classification(classes: 2)
    let fingerprint = "rings of 400"

    func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
      for row in indices.indices {
        let (a, b) = (Float(indices[row] * 37 % 101) / 50 - 1, Float(indices[row] * 53 % 97) / 48 - 1)
        (x[row, 0], x[row, 1], y[row, 0]) = (a, b, a * a + b * b < 0.6 ? 0 : 1)
      }
    }
  }

  /// Save, go on, score, predict, export; and the same as a run in a folder, which the command reads.
  @Test func libraryGoesAllTheWay() throws {
    let place = try Place()
    let (train, validation) = try Rings().split(validation: 0.25, seed: 1)
    let model = Model(features: 2) {
      Dense(16)
      Tanh()
      Dense(2)
    }
    func trainer(threads: Int) throws -> Trainer {
      let trainer = try Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05), batch: 50, threads: threads)
      try trainer.attach(train)
      return trainer
    }
    let (whole, half) = (try trainer(threads: 1), try trainer(threads: 2))
    for _ in 0..<60 { try whole.step() }
    for _ in 0..<25 { try half.step() }
    let checkpoint = try place.path("half.safetensors.zst")
    try half.save(to: checkpoint)
    let other = try trainer(threads: 3)
    try other.load(from: checkpoint)
    for _ in 25..<60 { try other.step() }
    #expect(weightsDigest(of: other.tensors) == weightsDigest(of: whole.tensors))
    #expect(try #require(other.evaluate(on: validation)[.accuracy]) > 0.75)
    #expect(try other.predict([[0, 0]])[0][0] > 0.5)
    try other.export(to: place.path("model.onnx"), probabilities: true)

    let run = try Run(
      model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05), options: .init(batch: 50),
      length: .steps(60), on: train, validation: validation)
    let summary = try run.train(in: place.path("rings"))
    #expect(summary.weightsDigest == weightsDigest(of: whole.tensors))
    try place.succeed("inspect", try #require(summary.checkpoint))
    try place.refuse(["resume", "rings"], ["go on with that program"])
    try place.refuse(["evaluate", "rings"], ["say by --data what to evaluate on"])
  }

  @Test func impossibleSettingsThrow() throws {
    let model = Model(features: 4) { Dense(2) }
    #expect(throws: TrainingError.self) {
      try Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3), batch: 4, shards: 8, threads: 1)
    }
    #expect(throws: TrainingError.self) {
      try Trainer(
        Model(features: 0) { Dense(2) }, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3), batch: 8)
    }
  }

  @Test func checkpointOfARunPredicts() throws {
    let place = try Place()
    let configuration = try RunConfiguration(file: place.path("config.yaml"))
    let run = try TrainingRun.start(configuration, output: place.path("run"))
    var steps = 0
    let summary = try run.train { event in
      if case .step = event { steps += 1 }
    }
    #expect(steps == 21)
    #expect(summary.end == .finished)
    let checkpoint = try #require(summary.json["checkpoint"]?.string)
    let trained = try TrainedModel(checkpoint: checkpoint)
    #expect(trained.step == 21)
    #expect(trained.weightsDigest == summary.json["weights_digest"]?.string)

    let source = try #require(configuration.data.validation)
    let (features, classes) = try samples(of: source, seed: configuration.seed)
    let probabilities = try trained.predict(features)
    var correct = 0
    for (row, target) in zip(probabilities, classes) {
      #expect(row.count == 3 && row.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(abs(row.reduce(0, +) - 1) < 1e-5)
      if row.firstIndex(of: row.max() ?? 0) == target { correct += 1 }
    }
    let metrics = try TrainedModel.evaluate(checkpoint: checkpoint, threads: 1)
    #expect(metrics.first { $0.name == "accuracy" }?.value == Double(correct) / Double(classes.count))
    #expect(throws: RunError.self) { try trained.predict([[1, 2, 3]]) }
    #expect(try trained.predict([]) == [])
  }

  /// All samples of a source: their features, and the class of each.
  private func samples(of source: DataSource, seed: UInt64) throws -> (features: [[Float]], classes: [Int]) {
    guard case .synthetic(let specification) = source else { return ([], []) }
    let data = try specification.makeDataset(runSeed: seed)
    let memory = (features: Arena(count: data.count * data.features), targets: Arena(count: data.count))
    let features = memory.features.matrix(at: 0, rows: data.count, columns: data.features)
    let targets = memory.targets.matrix(at: 0, rows: data.count, columns: 1)
    let indices = Array(0..<data.count)
    try data.fill(indices.span, features: features, targets: targets)
    return ((0..<data.count).map { features.row($0).array }, (0..<data.count).map { Int(targets.row($0).array[0]) })
  }
}
