import LockstepConfiguration
import TestSupport
import Testing

/// What no single key can tell: that the parts fit each other.
@Suite struct ConfigurationCheckTests {
  @Test(arguments: [
    (
      "shards: 4", "shards: 400",
      "15:37: training.shards: found 100 rows a batch for 400 shards, expected at least one row a shard (set training.shards to at most 100)"
    ),
    (
      "shards: 4", "shards: 60",
      "15:37: training.shards: found 100 rows a batch for 60 shards, of which some get a single row, expected at least 2 rows a shard, since batch_norm takes the variance of each shard (set training.shards to at most 50, or batch_norm: {statistics: batch})"
    ),
    (
      "batch_size: 100", "batch_size: 142",
      "15:37: training.shards: found 6 rows for 4 shards in the last batch of an epoch (1000 samples, 142 a batch), expected at least 2 rows a shard, since batch_norm takes the variance of each shard (set training.drop_last to true, or training.shards to at most 3)"
    ),
    (
      "samples: 1000", "samples: 1001",
      "15:37: training.shards: found 1 row for 4 shards in the last batch of an epoch (1001 samples, 100 a batch), expected at least 2 rows a shard, since batch_norm takes the variance of each shard (set training.drop_last to true)"
    ),
    (
      "samples: 1000", "samples: 3",
      "15:37: training.shards: found 3 samples, all in one batch, for 4 shards, expected at least one row a shard (set training.shards to at most 3)"
    ),
    (
      "batch_size: 100", "drop_last: true, batch_size: 2000",
      "15:41: training.batch_size: found batches of 2000 rows from 1000 samples with drop_last, which leaves none, expected at most 1000 rows (or drop_last: false)"
    ),
    (
      "shards: 4", "shards: 4, accumulate: 5",
      "15:52: training.accumulate: found 5 parts of a batch of 4 shards, expected at most 4, a shard a part (or more training.shards)"
    ),
    (
      "units: 4", "units: 5",
      "11:22: model.layers.3.dense.units: found 5 units at the end of the model, expected 4, one for each class of data.train"
    ),
    (
      "- dense: {units: 4}", "- repeat: {times: 2, layers: [{dense: {units: 5}}]}",
      "11:51: model.layers.3.repeat.layers.0.dense.units: found 5 units at the end of the model, expected 4, one for each class of data.train"
    ),
    (
      "softmax_cross_entropy", "huber",
      "12:7: loss: found huber, a loss of regression, for 4 classes, expected a loss of classification (use softmax_cross_entropy)"
    ),
    (
      "softmax_cross_entropy", "binary_cross_entropy",
      "12:7: loss: found binary_cross_entropy for 4 classes, expected a loss for 4 classes (use softmax_cross_entropy)"
    ),
    (
      "- relu", "- residual: [{dense: {units: 8}}, relu]",
      "10:34: model.layers.2.residual.0.dense.units: found 8 units at the end of a residual branch, expected 16, the units it begins with, since the branch is added to its input"
    ),
    (
      "- relu", "- residual: {layers: [{dense: {units: 8}}]}",
      "10:43: model.layers.2.residual.layers.0.dense.units: found 8 units at the end of a residual branch, expected 16, the units it begins with, since the branch is added to its input"
    ),
    (
      "warmup_steps: 5", "warmup_steps: 50",
      "14:35: schedule.cosine.warmup_steps: found 50 steps of warm-up in a run of 50 steps, expected fewer than 50 (the run's length is training.steps)"
    ),
    (
      "every: {steps: 10}, keep: 3", "every: {minutes: 10}, keep_every: 20",
      "17:48: checkpoint.keep_every: found multiples of steps, while checkpoints are saved every {minutes: 10}, expected checkpoint.every in steps or epochs (write checkpoint: {every: {epochs: 1}})"
    ),
    (
      "every: {steps: 10}", "every: {hours: 0}",
      "17:29: checkpoint.every.hours: found 0, expected an integer from 1 to 1000000000000000"
    ),
    (
      "- relu", "- dense: {units: 8, learning_rate: 0}",
      "10:40: model.layers.2.dense.learning_rate: found 0, expected a number above 0"
    ),
    (
      "cosine: {warmup_steps: 5}", "constant: {warmup: {epochs: 5}}",
      "14:31: schedule.constant.warmup: found 50 steps of warm-up in a run of 50 steps, expected fewer than 50 (the run's length is training.steps)"
    ),
    (
      "cosine: {warmup_steps: 5}", "cosine_restarts: {period: {epochs: 3}, warmup: 30}",
      "14:38: schedule.cosine_restarts.period: found a first restart at step 60 in a run of 50 steps, expected fewer than 50 (the run's length is training.steps)"
    ),
    (
      "cosine: {warmup_steps: 5}", "piecewise: {boundaries: [{epochs: 2}, 20], factors: [3, 2, 1]}",
      "14:50: schedule.piecewise.boundaries.1: found step 20 after step 20, expected boundaries that grow"
    ),
    (
      "cosine: {warmup_steps: 5}", "step: {every: 0}",
      "14:26: schedule.step.every: found 0, expected an integer from 1 to 1000000000000000"
    ),
    (
      "cosine: {warmup_steps: 5}", "step: {every: often}",
      "14:26: schedule.step.every: found often, expected a number of steps or a mapping with keys of steps, epochs"
    ),
    (
      "cosine: {warmup_steps: 5}", "step: {every: 5, warmup: 3, warmup_steps: 3}",
      "14:40: schedule.step.warmup_steps: found an unknown key, expected one of every, gamma, warmup (did you mean warmup? It takes steps, or {epochs: 1}.)"
    ),
    (
      "cosine: {warmup_steps: 5}", "step: {every: 60}",
      "14:26: schedule.step.every: found a first change at step 60 in a run of 50 steps, expected fewer than 50 (the run's length is training.steps)"
    ),
    (
      "cosine: {warmup_steps: 5}", "piecewise: {boundaries: [10, 90], factors: [3, 2, 1]}",
      "14:41: schedule.piecewise.boundaries.1: found a boundary at step 90 in a run of 50 steps, expected fewer than 50 (the run's length is training.steps)"
    ),
    (
      "cosine: {warmup_steps: 5}", "reduce_on_plateau: {metric: acuracy}",
      "14:40: schedule.reduce_on_plateau.metric: found acuracy, expected one of loss, accuracy, top_5_accuracy, subset_accuracy, precision, recall, f1, f1_micro, roc_auc, mean_absolute_error, mean_squared_error, root_mean_squared_error, r2 (did you mean accuracy?)"
    ),
    (
      "cosine: {warmup_steps: 5}", "reduce_on_plateau: {metric: r2}",
      "14:40: schedule.reduce_on_plateau.metric: found the metric r2, expected one of loss, accuracy, precision, recall, f1, roc_auc, the metrics of softmax_cross_entropy"
    ),
    (
      "samples: 200,", "samples: 200, split: train,",
      "5:74: data.validation.synthetic.split: found the split train for both train and validation, expected two splits, since the same split is the same samples (validation takes split: validation by default)"
    ),
    (
      "samples: 1000,", "samples: 1000, split: validation,",
      "4:70: data.train.synthetic.split: found the split validation for both train and validation, expected two splits, since the same split is the same samples (validation takes split: validation by default)"
    ),
    (
      "samples: 200, features: 8", "samples: 200, features: 9",
      "5:77: data.validation.synthetic.features: found 9 features, expected 8, those of data.train"
    ),
    (
      "samples: 200, features: 8, classes: 4", "samples: 200, features: 8, classes: 3",
      "5:89: data.validation.synthetic.classes: found 3 classes, expected 4, those of data.train"
    ),
    (
      "gaussian_clusters, samples: 200, features: 8, classes: 4", "friedman, samples: 200, features: 8",
      "5:27: data.validation.synthetic: found a regression of 1 target, expected a classification into 4 classes, as in data.train"
    ),
    (
      "  validation:", "  #",
      "16:13: evaluation: found no data.validation, expected data to evaluate on (add data.validation, or leave evaluation out)"
    ),
  ])
  func place(old: String, new: String, expected: String) {
    #expect(messages(configuration(replacing: old, with: new)) == ["tiny.yaml:\(expected)"])
  }

  @Test func shardsMayBeEmptyWithoutShardStatistics() {
    let synchronized = configuration(replacing: "batch_norm", with: "batch_norm: {statistics: batch}")
    #expect(messages(synchronized.replacing("samples: 1000", with: "samples: 1002")) == [])
    // One row has no variance, over whatever it is taken.
    let single = messages(synchronized.replacing("samples: 1000", with: "samples: 1001"))
    #expect(single.count == 1 && single[0].contains("found 1 row in the last batch of an epoch"))
    #expect(single[0].contains("drop_last") && !single[0].contains("statistics"))
    #expect(
      messages(
        configuration(replacing: "- batch_norm", with: "- tanh").replacing("samples: 1000", with: "samples: 1001"))
        == [])
    let nested = configuration(
      replacing: "- batch_norm", with: "- residual: [{repeat: {times: 2, layers: [batch_norm]}}]")
    #expect(messages(nested.replacing("samples: 1000", with: "samples: 1001")).count == 1)
  }

  /// The batch's statistics need all its rows at once.
  @Test func partsNeedShardStatistics() {
    let parts = configuration(replacing: "shards: 4", with: "shards: 4, accumulate: 2")
    #expect(messages(parts) == [])
    for norm in ["- batch_norm: {statistics: batch}", "- residual: [{batch_norm: {statistics: batch}}]"] {
      #expect(
        messages(parts.replacing("- batch_norm", with: norm)) == [
          "tiny.yaml:15:52: training.accumulate: found 2 parts beside batch_norm: {statistics: batch}, expected 1, since those statistics need the whole batch in memory at once (or batch_norm: {statistics: shard})"
        ])
    }
  }

  @Test func theLastBatchMayBeDropped() {
    #expect(
      messages(
        configuration(replacing: "samples: 1000", with: "samples: 1001").replacing(
          "shards: 4", with: "shards: 4, drop_last: true")) == [])
  }

  /// A run that may be taken back goes by its steps.
  @Test func restoringByTheClock() {
    let yaml = configuration(replacing: "every: {steps: 10}", with: "every: {minutes: 10}")
    #expect(messages(yaml) == [])
    #expect(
      messages(yaml.replacing("steps: 50", with: "steps: 50, on_divergence: restore")) == [
        "tiny.yaml:17:21: checkpoint.every: found {minutes: 10} beside training.on_divergence: restore, expected steps or epochs, since a run that diverges goes back to a checkpoint that was due, on any machine to the same (write checkpoint: {every: {epochs: 1}}, or training: {on_divergence: skip})"
      ])
    let elsewhere = messages(configuration(replacing: "every: {epochs: 1}", with: "every: {minutes: 1}"))
    #expect(
      elsewhere.contains {
        $0.hasSuffix("(checkpoint.every alone goes by the clock: on what this counts bits or the log depend)")
      }, "\(elsewhere)")
  }

  @Test func plateauWithoutValidation() {
    let yaml = configuration(replacing: "  validation:", with: "  #").replacing("evaluation:", with: "#")
      .replacing("{cosine: {warmup_steps: 5}}", with: "reduce_on_plateau")
    #expect(
      messages(yaml) == [
        "tiny.yaml:14:11: schedule: found reduce_on_plateau without data.validation, expected validation data, whose loss it watches (add data.validation)"
      ])
  }

  @Test func splitsOfDifferentSeedsAreDifferentSamples() {
    #expect(messages(configuration(replacing: "samples: 200,", with: "samples: 200, split: train, seed: 4,")) == [])
    #expect(
      messages(configuration(replacing: "samples: 200,", with: "samples: 200, split: train, seed: 3,")).count == 1)
  }

  @Test func regressionAndBinaryClassification() {
    func yaml(_ generator: String, _ units: Int, _ loss: String) -> String {
      """
      data: {train: {synthetic: {kind: \(generator), samples: 100, features: 8}}}
      model: {layers: [{dense: {units: \(units)}}]}
      loss: \(loss)
      optimizer: adam
      training: {batch_size: 20, epochs: 1}
      """
    }
    #expect(messages(yaml("friedman", 1, "huber")) == [])
    #expect(
      messages(yaml("friedman", 2, "huber")) == [
        "tiny.yaml:2:34: model.layers.0.dense.units: found 2 units at the end of the model, expected 1, one for each target of data.train"
      ])
    #expect(
      messages(yaml("friedman", 1, "binary_cross_entropy")) == [
        "tiny.yaml:3:7: loss: found binary_cross_entropy, a loss of classification, for a regression of 1 target, expected a loss of regression (use mean_squared_error, mean_absolute_error or huber)"
      ])
    #expect(messages(yaml("sparse_parity", 1, "binary_cross_entropy")) == [])
    #expect(
      messages(yaml("sparse_parity", 2, "binary_cross_entropy")) == [
        "tiny.yaml:2:34: model.layers.0.dense.units: found 2 units at the end of the model, expected 1, the logit of the second class, for binary_cross_entropy"
      ])
    #expect(messages(yaml("sparse_parity", 2, "softmax_cross_entropy")) == [])
  }

  @Test func aModelWithoutWeights() {
    let yaml = configuration(replacing: "- dense: {units: 16, bias: false}", with: "- tanh").replacing(
      "    - dense: {units: 4}\n", with: "")
    #expect(
      messages(yaml) == [
        "tiny.yaml:8:5: model.layers: found no layer with weights, expected at least one, `dense` or `conv2d`, since without weights there is nothing to train"
      ])
  }

  @Test func moreMemoryThanThereIs() {
    let wide = configuration(replacing: "units: 16", with: "units: 16777216").replacing(
      "- relu", with: "- dense: {units: 16777216}")
    #expect(
      messages(wide) == [
        "tiny.yaml:10:22: model.layers.2.dense.units: found 16777216 × 16777216 weights, expected at most 2³⁴ in one layer"
      ])
    let rows = configuration(replacing: "units: 16", with: "units: 16777216").replacing(
      "batch_size: 100", with: "batch_size: 1000")
    #expect(messages(rows).count == 0)
    let many = configuration(replacing: "units: 16", with: "units: 1000000").replacing(
      "batch_size: 100", with: "batch_size: 16777216"
    )
    .replacing("samples: 1000,", with: "samples: 100000000,").replacing("shards: 4", with: "shards: 8000000")
    #expect(messages(many).count == 2)
  }

  @Test func aConfigurationMadeInCodeIsCheckedByTheSameRules() throws {
    var configuration = try RunConfiguration(yaml: validConfiguration)
    try configuration.check()
    configuration.training.shards = 0
    #expect(throws: ConfigurationErrors.self) { try configuration.check() }
    configuration.training.shards = 60
    #expect(throws: ConfigurationErrors.self) { try configuration.check() }
  }

  /// An image has positions enough for the variance of a shard, but where a layer has made features of it.
  @Test func oneImageAShard() throws {
    func yaml(_ layers: String) -> String {
      """
      data: {train: {synthetic: {kind: textures, samples: 100, height: 16, width: 16, channels: 1, classes: 4}}}
      model: {layers: [\(layers), {dense: {units: 4}}]}
      loss: softmax_cross_entropy
      optimizer: {sgd: {learning_rate: 0.1}}
      training: {batch_size: 8, shards: 8, steps: 10, drop_last: true}
      """
    }
    _ = try RunConfiguration(yaml: yaml("{conv2d: {filters: 4, kernel: 3}}, batch_norm, relu, flatten"))
    let error = #expect(throws: ConfigurationErrors.self) {
      try RunConfiguration(yaml: yaml("{conv2d: {filters: 4, kernel: 3}}, flatten, batch_norm"))
    }
    #expect("\(try #require(error))".contains("at least 2 rows a shard"))
  }
}
