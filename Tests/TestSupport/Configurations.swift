/// Configurations small enough for unoptimised kernels.
public enum Configurations {
  /// Nearly everything that could depend on threads or on where a run is stopped: statistics a shard, random layers,
  /// slopes, clipping, a schedule that reckons with the length, an epoch whose last batch is smaller. An epoch has 7
  /// steps, the run 21.
  public static let full = """
    name: full
    seed: 3
    data:
      train:      {synthetic: {kind: gaussian_clusters, samples: 200, features: 6, classes: 3}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 90, features: 6, classes: 3, split: validation}}
    model:
      layers:
        - dense: {units: 12, initializer: he_normal, bias: false}
        - batch_norm
        - rrelu
        - dropout: {rate: 0.2}
        - dense: {units: 8, initializer: glorot_uniform}
        - prelu
        - dense: {units: 3}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.01}}
    schedule: {cosine: {warmup_steps: 4}}
    training: {batch_size: 32, shards: 4, epochs: 3, gradient_clip: {global_norm: 1.0}}
    evaluation: {every: {epochs: 1}}
    checkpoint: {every: {steps: 6}, keep: 2}
    metrics: {every: {steps: 4}, digest_every: {steps: 5}}

    """

  /// A run that lasts until it is stopped: a signal finds it in the middle.
  public static let long = full.replacing("epochs: 3,", with: "steps: 4000,").replacing(
    "metrics: {every: {steps: 4}, digest_every: {steps: 5}}", with: "metrics: {every: {steps: 50}}"
  ).replacing("evaluation: {every: {epochs: 1}}", with: "evaluation: {every: {steps: 500}}")

  /// The same network for real targets.
  public static let regression = """
    data:
      train: {synthetic: {kind: friedman, samples: 120, features: 6, targets: 1}}
    model:
      layers: [{dense: {units: 8}}, tanh, {dense: {units: 1}}]
    loss: mean_squared_error
    optimizer: {sgd: {learning_rate: 0.01, momentum: 0.9}}
    training: {batch_size: 30, shards: 2, steps: 10}
    checkpoint: {every: {steps: 1}}

    """
}
