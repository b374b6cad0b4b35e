import LockstepModel
import LockstepTraining
import Testing

@testable import LockstepConfiguration
@testable import LockstepData

/// What a configuration must have where samples have any number of labels.
@Suite struct LabelCheckTests {
  private func configuration(units: Int, _ loss: Loss, weights: ClassWeights? = nil) -> RunConfiguration {
    let source = SyntheticSpecification(kind: .teacher(), samples: 100, features: 4, task: .labels(3))
    var configuration = RunConfiguration(
      name: "labels", data: .init(train: .synthetic(source)), layers: Model(features: 4) { Dense(units) }.layers,
      loss: loss, optimizer: .adam(learningRate: 0.01),
      training: .init(batchSize: 10, shards: 2, threads: .count(1), length: .steps(10)))
    configuration.classWeights = weights
    return configuration
  }

  private func messages(_ configuration: RunConfiguration) -> [String] {
    let diagnostics = Diagnostics()
    ConfigurationCheck(
      configuration: configuration, locations: ConfigurationLocations(source: "tiny"), diagnostics: diagnostics
    ).run()
    do throws(ConfigurationErrors) { try diagnostics.throwIfAny() } catch { return error.errors.map(\.description) }
    return []
  }

  private static let noGenerator =
    "tiny: data.train.synthetic.targets: found a task of labels, expected classes or targets: no generator makes labels"

  @Test func oneUnitALabel() {
    #expect(messages(configuration(units: 3, .binaryCrossEntropy)) == [Self.noGenerator])
    #expect(
      messages(configuration(units: 2, .binaryCrossEntropy)) == [
        Self.noGenerator,
        "tiny: model.layers.0.dense.units: found 2 units at the end of the model, expected 3, one for each label of data.train",
      ])
  }

  @Test func otherLossesAndClassWeightsAreRefused() {
    for loss in [Loss.softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber] {
      #expect(
        messages(configuration(units: 3, loss)) == [
          Self.noGenerator,
          "tiny: loss: found \(loss.name) for a multi-label classification of 3 labels, expected a loss of one answer a label (use binary_cross_entropy)",
        ])
    }
    #expect(
      messages(configuration(units: 3, .binaryCrossEntropy, weights: .balanced)) == [
        Self.noGenerator,
        "tiny: loss.binary_cross_entropy.class_weights: found class weights for a multi-label classification of 3 labels, expected them for data with classes only",
      ])
  }

  /// No file can ask for them; code can.
  @Test func generatedLabelsAreRefused() {
    let error = #expect(throws: ConfigurationErrors.self) {
      try configuration(units: 3, .binaryCrossEntropy).check()
    }
    #expect(error?.description.contains("no generator makes labels") == true, "\(error?.description ?? "")")
  }
}
