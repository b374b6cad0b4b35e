import LockstepConfiguration
import TestSupport
import Testing

/// The resolved text holds everything: read again it is an equal value, written again the same text.
@Suite struct ConfigurationRoundTripTests {
  @Test func ofTheShippedConfigurations() throws {
    let paths = try shippedConfigurations()
    #expect(paths.count >= 11)
    for path in paths {
      let configuration = try RunConfiguration(file: path)
      let again = try RunConfiguration(yaml: configuration.resolvedYAML)
      #expect(again == configuration, "\(path)")
      #expect(again.resolvedYAML == configuration.resolvedYAML)
      #expect(configuration.differences(from: again) == [])
      try configuration.check()
    }
  }

  @Test func ofTheExample() throws {
    let configuration = try RunConfiguration(yaml: validConfiguration)
    #expect(
      configuration.resolvedYAML == """
        name: tiny
        seed: 3
        data:
          train:
            synthetic:
              kind: gaussian_clusters
              samples: 1000
              features: 8
              classes: 4
              split: train
              standardize: true
              separation: 2.0
          validation:
            synthetic:
              kind: gaussian_clusters
              samples: 200
              features: 8
              classes: 4
              split: validation
              standardize: true
              separation: 2.0
        model:
          layers:
            - {dense: {units: 16, initializer: he_normal, bias: false}}
            - {batch_norm: {statistics: shard, momentum: 0.9, epsilon: 1e-05}}
            - relu
            - {dense: {units: 4, initializer: glorot_uniform, bias: true, bias_initializer: zeros}}
        loss: {softmax_cross_entropy: {label_smoothing: 0.0}}
        optimizer: {adam: {learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08}}
        regularization: {l1: 0.0, l2: 0.0, decoupled: 0.0, everything: false}
        schedule: {cosine: {end: 0.0, warmup: {steps: 5}}}
        training:
          batch_size: 100
          shards: 4
          threads: auto
          steps: 50
          drop_last: false
          accumulate: 1
          precision: float32
          on_divergence: stop
        evaluation: {every: {epochs: 1}}
        checkpoint: {every: {steps: 10}, keep: 3}
        metrics: {every: {steps: 100}, dense_start: true}
        logging: {tensorboard: false}

        """)
  }

  @Test func ofRandomConfigurations() throws {
    for seed in 1...500 as ClosedRange<UInt64> {
      var random = RandomConfiguration(seed: seed)
      let configuration = random.configuration()
      let text = configuration.resolvedYAML
      let again = try decodedOnly(text)
      #expect(again == configuration, "seed \(seed):\n\(text)")
      #expect(again?.resolvedYAML == text, "seed \(seed)")
    }
  }

  @Test(arguments: [
    "true", "1e5", "null", "~", "a: b", "- x", "# x", "x #y", "Ünïcode \u{1F600}", "a'b\"c\\", " lead", "trail ", "yes",
    "é\u{301}",
  ])
  func texts(split: String) throws {
    var configuration = try RunConfiguration(yaml: validConfiguration)
    guard case .synthetic(var specification) = configuration.data.train else { return }
    specification.split = split
    configuration.data.train = .synthetic(specification)
    #expect(try RunConfiguration(yaml: configuration.resolvedYAML) == configuration)
  }
}
