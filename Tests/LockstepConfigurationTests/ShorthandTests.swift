import LockstepConfiguration
import TestSupport
import Testing

/// A value alone stands for the parameter that says the thing; the resolved configuration has it in full.
@Suite struct ShorthandTests {
  @Test(arguments: [
    ("- relu", "- dropout: 0.5", "- dropout: {rate: 0.5}"),
    ("- relu", "- alpha_dropout: 0.05", "- alpha_dropout: {rate: 0.05}"),
    ("- relu", "- leaky_relu: 0.2", "- leaky_relu: {negative_slope: 0.2}"),
    ("- relu", "- elu: 0.5", "- elu: {alpha: 0.5}"),
    ("- relu", "- prelu: 0.1", "- prelu: {initial: 0.1}"),
    (
      "- relu", "- residual: [{dense: 16}, {leaky_relu: 0.1}]",
      "- residual: [{dense: {units: 16}}, {leaky_relu: {negative_slope: 0.1}}]"
    ),
    ("- dense: {units: 4}", "- dense: 4", "- dense: {units: 4}"),
    ("bias: false", "initializer: {orthogonal: 2}", "initializer: {orthogonal: {gain: 2}}"),
    ("bias: false", "bias_initializer: {constant: 0.1}", "bias_initializer: {constant: {value: 0.1}}"),
    ("{learning_rate: 0.001}", "0.01", "{learning_rate: 0.01}"),
    ("{adam: {learning_rate: 0.001}}", "{sgd: 0.1}", "{sgd: {learning_rate: 0.1}}"),
    ("{cosine: {warmup_steps: 5}}", "{step: 20}", "{step: {every: 20}}"),
    ("steps: 50", "steps: 50, weight_average: 0.99", "steps: 50, weight_average: {decay: 0.99}"),
    ("steps: 50", "steps: 50, on_divergence: {skip: 4}", "steps: 50, on_divergence: {skip: {limit: 4}}"),
    ("keep: 3", "keep_best: accuracy", "keep_best: {metric: accuracy}"),
    ("{every: {epochs: 1}}", "{every: 10}", "{every: {steps: 10}}"),
  ])
  func isTheSameAsInFull(old: String, short: String, long: String) throws {
    let one = try RunConfiguration(yaml: configuration(replacing: old, with: short), file: "tiny.yaml")
    let other = try RunConfiguration(yaml: configuration(replacing: old, with: long), file: "tiny.yaml")
    #expect(one == other)
    #expect(one.resolvedYAML == other.resolvedYAML)
    #expect(try RunConfiguration(yaml: one.resolvedYAML, file: "tiny.yaml") == one)
  }

  /// The other parameters can still be set, and the one that was given stays.
  @Test(arguments: [
    ("- relu", "- prelu: 0.1", "model.layers.2.prelu.slopes=shared", "- prelu: {initial: 0.1, slopes: shared}"),
    ("- dense: {units: 4}", "- dense: 4", "model.layers.3.dense.bias=false", "- dense: {units: 4, bias: false}"),
    ("- relu", "- dropout: 0.5", "model.layers.2.dropout.rate=0.1", "- dropout: {rate: 0.1}"),
    ("- relu", "- dropout: {rate: 0.5}", "model.layers.2.dropout=0.1", "- dropout: {rate: 0.1}"),
    ("{learning_rate: 0.001}", "0.01", "optimizer.adam.beta1=0.8", "{learning_rate: 0.01, beta1: 0.8}"),
    ("keep: 3", "keep_best: accuracy", "checkpoint.keep_best.mode=min", "keep_best: {metric: accuracy, mode: min}"),
    (
      "{cosine: {warmup_steps: 5}}", "{cosine: {warmup_steps: 5}}", "schedule.cosine.warmup.epochs=2",
      "{cosine: {warmup: {epochs: 2}}}"
    ),
    ("{cosine: {warmup_steps: 5}}", "{step: 20}", "schedule.step.every.epochs=2", "{step: {every: {epochs: 2}}}"),
    ("{cosine: {warmup_steps: 5}}", "constant", "schedule.constant.warmup=9", "{constant: {warmup: 9}}"),
    (
      "{cosine: {warmup_steps: 5}}", "{cosine_restarts: 9}", "schedule.cosine_restarts.period={epochs: 1}",
      "{cosine_restarts: {period: {epochs: 1}}}"
    ),
    ("every: {steps: 10}", "every: 10", "checkpoint.every.minutes=5", "every: {minutes: 5}"),
    ("{every: {epochs: 1}}", "{every: 10}", "evaluation.every.epochs=2", "{every: {epochs: 2}}"),
  ])
  func canBeOverridden(old: String, short: String, override: String, long: String) throws {
    let one = try RunConfiguration(
      yaml: configuration(replacing: old, with: short), file: "tiny.yaml", overrides: [ConfigurationOverride(override)])
    #expect(one == (try RunConfiguration(yaml: configuration(replacing: old, with: long), file: "tiny.yaml")))
  }

  /// What is wrong with the value is said of the parameter; where several parameters make a thing, none stands alone.
  @Test(arguments: [
    ("- relu", "- dropout: 1", "10:16: model.layers.2.dropout.rate: found 1, expected a number from 0 to below 1"),
    (
      "- relu", "- dropout: half", "10:16: model.layers.2.dropout.rate: found half, expected a number from 0 to below 1"
    ),
    (
      "- dense: {units: 4}", "- dense: 5",
      "11:14: model.layers.3.dense.units: found 5 units at the end of the model, expected 4, one for each class of data.train"
    ),
    (
      "- relu", "- dropout: [0.2]",
      "10:16: model.layers.2.dropout: found a list, expected parameters in braces, dropout: {…}, or its rate alone, with the key rate"
    ),
    (
      "- batch_norm", "- batch_norm: 0.9",
      "9:19: model.layers.1.batch_norm: found 0.9, expected parameters in braces, batch_norm: {…}, with keys of statistics, momentum, epsilon, trainable, learning_rate"
    ),
    ("- relu", "- relu: 0.2", "10:13: model.layers.2.relu: found 0.2, expected no parameters"),
    (
      "- relu", "- repeat: 2",
      "10:15: model.layers.2.repeat: found 2, expected parameters in braces, repeat: {…}, with keys of times, layers, trainable, learning_rate"
    ),
  ])
  func problems(old: String, new: String, expected: String) {
    #expect(messages(configuration(replacing: old, with: new)) == ["tiny.yaml:\(expected)"])
  }
}
