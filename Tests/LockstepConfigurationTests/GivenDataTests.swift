import LockstepData
import LockstepModel
import TestSupport
import Testing

@testable import LockstepConfiguration

/// Samples that a program gave, as a configuration tells of them.
@Suite struct GivenDataTests {
  private func configuration(train: String, validation: String) throws -> RunConfiguration {
    let yaml = configurationText.replacing("TRAIN", with: train).replacing("VALIDATION", with: validation)
    return try RunConfiguration(yaml: yaml)
  }

  private let configurationText = """
    data: {train: TRAIN, validation: VALIDATION}
    model: {layers: [dense: 4]}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: 0.1}}
    training: {batch_size: 10, shards: 2, epochs: 1}
    """

  @Test func read() throws {
    let found = try configuration(
      train: "{given: {samples: 50, shape: [8], classes: 4}}",
      validation: "{given: {samples: 7, shape: [8], classes: 4}}")
    #expect(found.data.train == .given(GivenData(samples: 50, shape: .features(8), task: .classification(classes: 4))))
    #expect(found.data.samples == 50 && found.data.validationSamples == 7 && found.data.features == 8)
    #expect(found.stepsPerEpoch == 5 && found.data.classNames == ["0", "1", "2", "3"])
    #expect(try RunConfiguration(yaml: found.resolvedYAML) == found)
  }

  /// What is wrong is said at its place.
  @Test(arguments: [
    (
      "{given: {samples: 50, shape: [8, 8], classes: 4}}",
      "found 2 numbers, expected [features], or [height, width, channels]"
    ),
    ("{given: {samples: 0, shape: [8], classes: 4}}", "data.train.given.samples: found 0"),
    ("{given: {shape: [8], classes: 4}}", "data.train.given.samples: found nothing"),
    ("{given: {samples: 50, shape: [8], classes: 4, labels: 2}}", "data.train.given"),
    ("{given: {samples: 50, shape: [9], classes: 4}}", "data.validation: found"),
    ("{given: {samples: 50, shape: [8], targets: 4}}", "data.validation: found"),
    ("{synthetic: {kind: spirals, samples: 50, features: 8, classes: 4}}", "found given data, expected synthetic data"),
  ])
  func errors(train: String, text: String) throws {
    let error = try #require(throws: ConfigurationErrors.self) {
      try configuration(train: train, validation: "{given: {samples: 7, shape: [8], classes: 4}}")
    }
    #expect(error.description.contains(text), "\(error)")
  }
}
