import LockstepConfiguration
import LockstepRuns
import TestSupport
import Testing

/// A model from a checkpoint computes as the trainer does.
@Suite struct TrainedModelTests {
  /// Probabilities too small for a normal float32 are 0, as in training.
  @Test func smallProbabilities() throws {
    let configuration = try RunConfiguration(
      yaml: """
        data: {train: {synthetic: {kind: gaussian_clusters, samples: 64, features: 1, classes: 2}}}
        model: {layers: [{dense: {units: 2, bias: false}}]}
        loss: softmax_cross_entropy
        optimizer: {sgd: {learning_rate: 0.1}}
        training: {batch_size: 32, shards: 1, steps: 1}
        """)
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(configuration, output: folder).train()
      let model = try TrainedModel(checkpoint: try #require(summary.json["checkpoint"]?.string))
      // Logits are a multiple of the feature: some of these differ by 88 to 103, whose exponential is denormal.
      let rows = (-40_000...40_000).map { [Float($0) / 50] }
      let probabilities = try model.predict(rows).flatMap { $0 }
      #expect(probabilities.allSatisfy { !$0.isSubnormal && $0 >= 0 && $0 <= 1 })
      #expect(probabilities.contains(0) && probabilities.contains { $0 > 0 && $0 < 1e-30 })
    }
  }
}
