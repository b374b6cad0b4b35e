import LockstepConfiguration
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// `--set a.b=c`: checked like the file, named by its own words, and stronger than the file.
@Suite struct ConfigurationOverrideTests {
  private func read(_ overrides: String...) throws -> RunConfiguration {
    var parsed: [ConfigurationOverride] = []
    for override in overrides { parsed.append(try ConfigurationOverride(override)) }
    return try RunConfiguration(yaml: validConfiguration, file: "tiny.yaml", overrides: parsed)
  }

  @Test func values() throws {
    #expect(try read("training.batch_size=200", "seed=7").training.batchSize == 200)
    #expect(try read("seed=7", "seed=8").seed == 8)
    #expect(try read("optimizer.adam.learning_rate=1e-06").optimizer == .adam(learningRate: 1e-6))
    #expect(try read("name=a=b".replacing("a=b", with: "x")).name == "x")
    #expect(try read("regularization.l2=0.1").regularization.l2 == 0.1)
    #expect(try read("training.gradient_clip.global_norm=2").training.gradientClip == .globalNorm(2))
  }

  @Test func elementsOfLists() throws {
    #expect(
      try read("model.layers.0.dense.units=128").layers[0] == .dense(Dense(128, initializer: .heNormal, bias: false)))
    #expect(try read("model.layers.1.batch_norm.momentum=0.99").layers[1] == .batchNorm(BatchNorm(momentum: 0.99)))
    #expect(try read("model.layers.2=tanh").layers[2] == .activation(.tanh))
    #expect(
      try read("model.layers.2.leaky_relu.negative_slope=0.5").layers[2] == .activation(.leakyReLU(negativeSlope: 0.5)))
    #expect(try read("model.layers=[{dense: {units: 4}}]").layers == [.dense(Dense(4))].settled)
  }

  @Test func theCommandLineWins() throws {
    // What excludes each other in the file is replaced.
    #expect(try read("training.epochs=5").training.length == .epochs(5))
    #expect(try read("checkpoint.every.epochs=2").checkpoint.every == .epochs(2))
    #expect(try read("optimizer.sgd.learning_rate=0.1").optimizer == .sgd(learningRate: 0.1))
    #expect(
      try read("optimizer.sgd.learning_rate=0.1", "optimizer.sgd.momentum=0.9").optimizer
        == .sgd(learningRate: 0.1, momentum: 0.9))
    #expect(try read("optimizer=adamax").optimizer == .adamax(learningRate: 0.002))
    #expect(try read("schedule.step.every=10").schedule == .step(every: 10, gamma: 0.1))
    // But two of the command line are a contradiction.
    #expect(
      messages(validConfiguration, set: ["training.epochs=3", "training.steps=4"]) == [
        "--set training.steps=4: training.steps: found both steps and epochs, expected exactly one of steps or epochs"
      ])
  }

  @Test func nullTakesAKeyAway() throws {
    #expect(try read("schedule=null").schedule == .constant)
    #expect(try read("data.validation=null", "evaluation=null").evaluation == nil)
    #expect(messages(validConfiguration, set: ["loss=null"]) == ["tiny.yaml:1:1: loss: found nothing, expected a loss"])
  }

  @Test func otherOptionsHaveTheirOwnWords() {
    let override = ConfigurationOverride(path: "training.threads", value: "0", label: "--threads 0")
    #expect(
      throws: ConfigurationErrors([
        ConfigurationError(
          at: ConfigurationLocation(source: "--threads 0"), path: "training.threads", found: "0",
          expected: "an integer from 1 to 4096")
      ])
    ) { try RunConfiguration(yaml: validConfiguration, overrides: [override]) }
  }

  @Test(arguments: [
    (
      "training.batch_sise=3",
      "--set training.batch_sise=3: training.batch_sise: found an unknown key, expected one of batch_size, shards, threads, steps, epochs, gradient_clip, drop_last, on_divergence, accumulate, precision, augment, weight_average, early_stopping (did you mean batch_size?)"
    ),
    (
      "trainin.steps=3",
      "--set trainin.steps=3: trainin: found an unknown key, expected one of name, seed, data, model, loss, optimizer, regularization, schedule, training, evaluation, checkpoint, metrics, logging (did you mean training?)"
    ),
    (
      "model.layers[0].dense=3",
      "--set model.layers[0].dense=3: model.layers[0]: found an unknown key, expected one of initialization, weights, layout, map, missing, layers (write model.layers.0)"
    ),
    ("training.shards=0", "--set training.shards=0: training.shards: found 0, expected an integer from 1 to 16777216"),
    (
      "training.shards=\"4\"",
      "--set training.shards=\"4\": training.shards: found the text \"4\", expected an integer from 1 to 16777216 (write 4 without quotes)"
    ),
    (
      "training.shards=60",
      "--set training.shards=60: training.shards: found 100 rows a batch for 60 shards, of which some get a single row, expected at least 2 rows a shard, since batch_norm takes the variance of each shard (set training.shards to at most 50, or batch_norm: {statistics: batch})"
    ),
    (
      "model.layers.9.dense.units=3",
      "--set model.layers.9.dense.units=3: model.layers.9: found the index 9, expected an index from 0 to 3"
    ),
    (
      "model.layers.dense=3",
      "--set model.layers.dense=3: model.layers.dense: found the index dense, expected an index from 0 to 3"
    ),
    (
      "model.layers.0.dense.units=-1",
      "--set model.layers.0.dense.units=-1: model.layers.0.dense.units: found -1, expected an integer from 1 to 16777216"
    ),
    ("seed.x=3", "--set seed.x=3: seed.x: found a key below the value 3, expected no key below seed"),
    ("seed", "--set seed: found no key and value, expected key=value, such as training.batch_size=256"),
    ("=3", "--set =3: found no key and value, expected key=value, such as training.batch_size=256"),
    ("a..b=3", "--set a..b=3: found the key a..b, expected keys joined by single dots, such as training.batch_size"),
    ("seed=", "--set seed=: seed: found nothing after =, expected a value"),
    ("seed=[", "--set seed=[: found a mistake in the YAML: did not find expected node content, expected valid YAML"),
    ("seed=*a", "--set seed=*a: found a mistake in the YAML: found undefined alias, expected valid YAML"),
    (
      "loss.huber.delta=2",
      "--set loss.huber.delta=2: loss: found huber, a loss of regression, for 4 classes, expected a loss of classification (use softmax_cross_entropy)"
    ),
    (
      "optimizer={sgd: {lr: 0.1}}",
      "--set optimizer={sgd: {lr: 0.1}}: optimizer.sgd.lr: found an unknown key, expected one of learning_rate, momentum, nesterov, weight_decay (did you mean learning_rate?)"
    ),
  ])
  func errors(override: String, expected: String) {
    #expect(messages(validConfiguration, set: [override]) == [expected])
  }
}
