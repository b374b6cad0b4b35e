import LockstepData
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepConfiguration

/// A configuration made in code obeys the rules of one that is written, and is told the same.
@Suite struct ConfigurationValueTests {
  typealias Change = @Sendable (inout RunConfiguration) -> Void

  /// A change of the value, and the same in its text.
  private static let changes: [(text: String, change: Change)] = [
    ("training.batch_size=0", { $0.training.batchSize = 0 }),
    ("training.shards=0", { $0.training.shards = 0 }),
    ("training.shards=16777217", { $0.training.shards = (1 << 24) + 1 }),
    ("training.threads=0", { $0.training.threads = .count(0) }),
    ("training.accumulate=0", { $0.training.accumulate = 0 }),
    ("training.steps=0", { $0.training.length = .steps(0) }),
    ("training.gradient_clip={value: 0}", { $0.training.gradientClip = .value(0) }),
    ("training.gradient_clip={global_norm: -1}", { $0.training.gradientClip = .globalNorm(-1) }),
    ("training.on_divergence={skip: {limit: 0}}", { $0.training.onDivergence = .skip(limit: 0) }),
    (
      "training.on_divergence={restore: {factor: 2.0, tries: 3}}",
      { $0.training.onDivergence = .restore(factor: 2, tries: 3) }
    ),
    ("training.augment={crop: {padding: 0}}", { $0.training.augmentation = .init(crop: .init(padding: 0)) }),
    ("training.augment={cutout: {size: 5000}}", { $0.training.augmentation = .init(cutout: .init(size: 5000)) }),
    ("training.augment={brightness: -1.0}", { $0.training.augmentation = .init(brightness: -1) }),
    ("training.augment={contrast: 1.5}", { $0.training.augmentation = .init(contrast: 1.5) }),
    ("training.augment={flip: horizontal}", { $0.training.augmentation = .init(flip: .horizontal) }),
    ("training.weight_average={decay: 2.0}", { $0.training.weightAverage = WeightAverage(decay: 2) }),
    ("optimizer={adam: {beta1: 1.5}}", { $0.optimizer = .adam(learningRate: 1e-3, beta1: 1.5) }),
    ("schedule={exponential: {rate: -1.0, every: 3}}", { $0.schedule = .exponential(rate: -1, every: 3) }),
    ("regularization={l1: -1.0}", { $0.regularization.l1 = -1 }),
    ("regularization={max_norm: 0.0}", { $0.regularization.maxNorm = 0 }),
    ("checkpoint.keep=0", { $0.checkpoint.keep = 0 }),
    ("checkpoint.every={steps: 0}", { $0.checkpoint.every = .steps(0) }),
    ("checkpoint.keep_every={epochs: 0}", { $0.checkpoint.keepEvery = .epochs(0) }),
    ("metrics.every={steps: 0}", { $0.metrics.every = .steps(0) }),
    ("metrics.digest_every={steps: -3}", { $0.metrics.digestEvery = .steps(-3) }),
    ("metrics.layers_every={steps: 0}", { $0.metrics.layersEvery = .steps(0) }),
    (
      "logging={tensorboard: {histograms_every: {steps: 0}}}",
      { $0.logging.tensorBoard = .init(histogramsEvery: .steps(0)) }
    ),
    ("model.initialization={lsuv: {max_iterations: 0}}", { $0.initialization = LSUV(maxIterations: 0) }),
    ("model.layers=[{dense: {units: 0}}]", { $0.layers = [.dense(Dense(0))] }),
    ("model.layers=[]", { $0.layers = [] }),
    (
      "model.layers=[{residual: [{dense: {units: 0}}]}, {dense: {units: 2}}]",
      { $0.layers = [.residual([.dense(Dense(0))]), .dense(Dense(2))] }
    ),
    (
      "model.layers=[{dropout: {rate: 1.5}}, {dense: {units: 2}}]",
      { $0.layers = [.dropout(Dropout(rate: 1.5)), .dense(Dense(2))] }
    ),
    ("name=/", { $0.name = "/" }),
    // What no single setting can tell.
    ("training.shards=64", { $0.training.shards = 64 }),
    ("training.batch_size=3", { $0.training.batchSize = 3 }),
  ]

  @Test(arguments: changes.indices)
  func valuesAreToldWhatFilesAre(place: Int) throws {
    let (text, change) = Self.changes[place]
    let base = try RunConfiguration(yaml: validConfiguration)
    var changed = base
    change(&changed)
    let written = problems { try RunConfiguration(yaml: validConfiguration, overrides: [ConfigurationOverride(text)]) }
    let made = problems { try changed.check() }
    #expect(
      written.first?.path == made.first?.path && written.first?.expected == made.first?.expected,
      "\(text): \(written), \(made)")
    // A file's error quotes what was written.
    #expect(!made.isEmpty && made.allSatisfy { !$0.found.isEmpty })
  }

  @Test func aTableIsReadByCharactersThatDiffer() throws {
    var table = CSVSource(path: "t.csv", targets: [.name("y")])
    table.dialect.delimiter = "a"
    table.dialect.decimal = ";"
    table.dialect.thousands = ";"
    var configuration = try RunConfiguration(yaml: validConfiguration)
    configuration.data = .init(train: .file(.csv(table)), split: .fold(7, of: 5, seed: 1))
    let found = problems { try configuration.check() }
    #expect(
      found.map(\.path) == [
        "data.source.csv.delimiter", "data.source.csv.thousands", "data.folds.index",
      ])
  }

  @Test func whatFilesHoldIsForgottenWithThem() throws {
    var configuration = try RunConfiguration(yaml: validConfiguration)
    configuration.data.contents = DataContents(
      preprocessing: Preprocessing(identity: 3, .regression(targets: 1), samples: 3))
    configuration.data.standardize = true
    #expect(configuration.data.contents == nil)
  }

  private func problems<Value>(_ body: () throws -> Value) -> [ConfigurationError] {
    do { _ = try body() } catch let error as ConfigurationErrors { return error.errors } catch {}
    return []
  }
}
