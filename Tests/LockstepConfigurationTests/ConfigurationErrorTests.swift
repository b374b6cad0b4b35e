import LockstepConfiguration
import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

/// Every way of being wrong has its place, what was found, what is allowed, and the nearest valid name.
@Suite struct ConfigurationErrorTests {
  @Test func theValidOneIsValid() {
    #expect(messages(validConfiguration) == [])
  }

  @Test(arguments: [
    // Unknown keys.
    (
      "batch_size", "batch_sise",
      "15:12: training.batch_sise: found an unknown key, expected one of batch_size, shards, threads, steps, epochs, gradient_clip, drop_last, on_divergence, accumulate, precision, augment, weight_average, early_stopping (did you mean batch_size?)"
    ),
    (
      "learning_rate", "learningRate",
      "13:20: optimizer.adam.learningRate: found an unknown key, expected one of learning_rate, beta1, beta2, epsilon, weight_decay (did you mean learning_rate?)"
    ),
    (
      "units: 16", "unit: 16",
      "8:15: model.layers.0.dense.unit: found an unknown key, expected one of units, initializer, bias, bias_initializer, trainable, learning_rate (did you mean units?)"
    ),
    (
      "steps: 50", "step: 50",
      "15:40: training.step: found an unknown key, expected one of batch_size, shards, threads, steps, epochs, gradient_clip, drop_last, on_divergence, accumulate, precision, augment, weight_average, early_stopping (did you mean steps?)"
    ),
    ("- relu", "- relu: {slope: 1}", "10:14: model.layers.2.relu.slope: found an unknown key, expected no keys here"),
    (
      "samples: 1000", "noise: 1, samples: 1000",
      "4:48: data.train.synthetic.noise: found an unknown key, expected one of kind, samples, features, classes, split, standardize, seed, separation"
    ),
    // Unknown names.
    (
      "adam:", "adm:",
      "13:13: optimizer.adm: found an unknown optimizer, expected one of \(Optimizer.catalogue.names.joined(separator: ", ")) (did you mean adam?)"
    ),
    (
      "softmax_cross_entropy", "softmax_crossentropy",
      "12:7: loss: found the unknown loss softmax_crossentropy, expected one of softmax_cross_entropy, binary_cross_entropy, mean_squared_error, mean_absolute_error, huber, custom_loss (did you mean softmax_cross_entropy?)"
    ),
    (
      "gaussian_clusters", "gausian_clusters",
      "4:29: data.train.synthetic.kind: found gausian_clusters, expected one of gaussian_clusters, teacher, spirals, sparse_parity, friedman, textures, shapes (did you mean gaussian_clusters?)"
    ),
    (
      "batch_norm", "batch_norm: {statistics: shards}",
      "9:32: model.layers.1.batch_norm.statistics: found shards, expected one of shard, batch (did you mean shard?)"
    ),
    (
      "cosine:", "cosin:",
      "14:12: schedule.cosin: found an unknown schedule, expected one of constant, step, piecewise, exponential, polynomial, cosine, cosine_restarts, one_cycle, reduce_on_plateau (did you mean cosine?)"
    ),
    (
      "model:\n", "model:\n  initialization: lsuvv\n",
      "7:19: model.initialization: found the unknown initialization lsuvv, expected one of lsuv (did you mean lsuv?)"
    ),
    (
      "model:\n", "model:\n  initialization: {lsuv: {tolerance: 1}}\n",
      "7:38: model.initialization.lsuv.tolerance: found 1, expected a number between 0 and 1"
    ),
    (
      "model:\n", "model:\n  initialization: {lsuv: {max_iterations: 0}}\n",
      "7:43: model.initialization.lsuv.max_iterations: found 0, expected an integer from 1 to 10000"
    ),
    (
      "model:\n", "model:\n  initialization: {lsuv: {rows: 10}}\n",
      "7:27: model.initialization.lsuv.rows: found an unknown key, expected one of tolerance, max_iterations, samples"
    ),
    (
      "model:\n", "model:\n  layout: torch\n",
      "7:11: model.layout: found torch, expected it only beside weights, the file that it speaks of"
    ),
    (
      "model:\n", "model:\n  weights: a.safetensors\n  layout: tensorflow\n",
      "8:11: model.layout: found tensorflow, expected one of keras, torch (did you mean keras?)"
    ),
    (
      "model:\n", "model:\n  weights: a.safetensors\n  map: [a, b]\n",
      "8:8: model.map: found a list, expected names in the file with Lockstep's, such as {encoder.0.weight: dense0.weight}"
    ),
    (
      "model:\n", "model:\n  weights: a.safetensors\n  initialization: lsuv\n",
      "7:12: model.weights: found weights beside an initialization, expected one of the two"
    ),
    // Wrong types.
    (
      "units: 16", "units: \"16\"",
      "8:22: model.layers.0.dense.units: found the text \"16\", expected an integer from 1 to 16777216 (write 16 without quotes)"
    ),
    (
      "units: 16", "units: 16.0",
      "8:22: model.layers.0.dense.units: found 16.0, expected an integer from 1 to 16777216 (write 16)"
    ),
    (
      "units: 16", "units: many", "8:22: model.layers.0.dense.units: found many, expected an integer from 1 to 16777216"
    ),
    (
      "units: 16", "units: [16]",
      "8:22: model.layers.0.dense.units: found a list, expected an integer from 1 to 16777216"
    ),
    ("units: 16", "units: ", "8:22: model.layers.0.dense.units: found nothing, expected an integer from 1 to 16777216"),
    ("bias: false", "bias: no", "8:32: model.layers.0.dense.bias: found no, expected true or false (write false)"),
    ("bias: false", "bias: 0", "8:32: model.layers.0.dense.bias: found 0, expected true or false"),
    (
      "name: tiny", "name: 5",
      "1:7: name: found 5, expected letters, digits, spaces and - _ . that begin with a letter or digit, at most 100 (write \"5\" in quotes)"
    ),
    (
      "name: tiny", "name: ../../etc",
      "1:7: name: found ../../etc, expected letters, digits, spaces and - _ . that begin with a letter or digit, at most 100"
    ),
    ("0.001", "1_000", "13:35: optimizer.adam.learning_rate: found 1_000, expected a number above 0 (write 1000)"),
    ("seed: 3", "seed: 010", "2:7: seed: found 010, expected an integer from 0 to 18446744073709551615 (write 10)"),
    (
      "{adam: {learning_rate: 0.001}}", "{adam, learning_rate: 0.1}",
      "13:19: optimizer: found 2 keys, adam, learning_rate, expected one optimizer (parameters stand in braces: adam: {learning_rate: …})"
    ),
    ("shards: 4", "shards: auto", "15:37: training.shards: found auto, expected an integer from 1 to 16777216"),
    (
      "shards: 4", "threads: autom",
      "15:38: training.threads: found autom, expected auto or an integer from 1 to 4096 (did you mean auto?)"
    ),
    // Impossible values.
    ("units: 16", "units: 0", "8:22: model.layers.0.dense.units: found 0, expected an integer from 1 to 16777216"),
    (
      "features: 8", "features: -8",
      "4:73: data.train.synthetic.features: found -8, expected an integer from 1 to 16777216"
    ),
    (
      "units: 16", "units: 99999999999999999999",
      "8:22: model.layers.0.dense.units: found 99999999999999999999, expected an integer from 1 to 16777216"
    ),
    (
      "units: 16", "units: 1e400",
      "8:22: model.layers.0.dense.units: found 1e400, expected an integer from 1 to 16777216"
    ),
    (
      "seed: 3", "seed: 18446744073709551616",
      "2:7: seed: found 18446744073709551616, expected an integer from 0 to 18446744073709551615"
    ),
    ("0.001", "0", "13:35: optimizer.adam.learning_rate: found 0, expected a number above 0"),
    (
      "0.001", ".inf", "13:35: optimizer.adam.learning_rate: found .inf, expected a number above 0 (numbers are finite)"
    ),
    (
      "0.001", "-.NaN",
      "13:35: optimizer.adam.learning_rate: found -.NaN, expected a number above 0 (numbers are finite)"
    ),
    (
      "0.001", "1e999",
      "13:35: optimizer.adam.learning_rate: found 1e999, expected a number above 0 (it is infinite in double precision)"
    ),
    (
      "- relu", "- elu: {alpha: 1e-60}",
      "10:20: model.layers.2.elu.alpha: found 1e-60, expected a number above 0 (it is 0 in single precision)"
    ),
    (
      "- relu", "- elu: {alpha: 1e39}",
      "10:20: model.layers.2.elu.alpha: found 1e39, expected a number above 0 (it is infinite in single precision)"
    ),
    (
      "- relu", "- dropout: {rate: 1}",
      "10:23: model.layers.2.dropout.rate: found 1, expected a number from 0 to below 1"
    ),
    (
      "- relu", "- dropout: {rate: 0.99999999999}",
      "10:23: model.layers.2.dropout.rate: found 0.99999999999, expected a number from 0 to below 1 (it is 1 in single precision)"
    ),
    (
      "0.001", "0.1, beta2: 0.999999999",
      "13:47: optimizer.adam.beta2: found 0.999999999, expected a number from 0 to below 1 (it is 1 in single precision)"
    ),
    (
      "0.001", "0.1, epsilon: 1e-60",
      "13:49: optimizer.adam.epsilon: found 1e-60, expected a number above 0 (it is 0 in single precision)"
    ),
    (
      "0.001", "0.1, epsilon: 1e-40",
      "13:49: optimizer.adam.epsilon: found 1e-40, expected a number above 0 (it is 0 in single precision)"
    ),
    (
      "0.001", "0.1, epsilon: 1e60",
      "13:49: optimizer.adam.epsilon: found 1e60, expected a number above 0 (it is infinite in single precision)"
    ),
    (
      "seed: 3", "regularization: {max_norm: 1e-39}",
      "2:28: regularization.max_norm: found 1e-39, expected a number above 0 (it is 0 in single precision)"
    ),
    (
      "- batch_norm", "- batch_norm: {epsilon: 1e-39}",
      "9:29: model.layers.1.batch_norm.epsilon: found 1e-39, expected a number above 0 (it is 0 in single precision)"
    ),
    (
      "- batch_norm", "- batch_norm: {momentum: 1}",
      "9:30: model.layers.1.batch_norm.momentum: found 1, expected a number from 0 to below 1"
    ),
    (
      "- batch_norm", "- batch_norm: {epsilon: 0}",
      "9:29: model.layers.1.batch_norm.epsilon: found 0, expected a number above 0"
    ),
    (
      "adam: {learning_rate: 0.001}", "sgd: {nesterov: true}",
      "13:29: optimizer.sgd.nesterov: found nesterov without momentum, expected a momentum above 0 (add momentum: 0.9)"
    ),
    (
      "- relu", "- rrelu: {lower: 0.5, upper: 0.1}",
      "10:14: model.layers.2.rrelu: found lower 0.5 above upper 0.1, expected lower at most upper"
    ),
    (
      "bias: false", "bias: false, bias_initializer: ones",
      "8:57: model.layers.0.dense.bias_initializer: found ones, expected no bias_initializer where bias is false"
    ),
    ("keep: 3", "keep: 0", "17:40: checkpoint.keep: found 0, expected an integer from 1 to 1000000"),
    (
      "- relu", "- repeat: {times: 0, layers: [relu]}",
      "10:23: model.layers.2.repeat.times: found 0, expected an integer from 1 to 10000"
    ),
    (
      "- relu", "- repeat: {times: 2, layers: []}",
      "10:34: model.layers.2.repeat.layers: found an empty list, expected at least one layer"
    ),
    // Missing and one too many.
    (
      "name: tiny\nseed: 3\n", "loss: huber\n",
      "11:1: loss: found the key a second time (the first is on line 1), expected every key once"
    ),
    (
      "seed: 3", "seed: 3\nseed: 4",
      "3:1: seed: found the key a second time (the first is on line 2), expected every key once"
    ),
    (
      "units: 16", "\"units\": 16, units: 17",
      "8:28: model.layers.0.dense.units: found the key a second time (the first is on line 8), expected every key once"
    ),
    ("- relu", "- dropout", "10:7: model.layers.2.dropout.rate: found nothing, expected a number from 0 to below 1"),
    ("batch_size: 100, ", "", "15:11: training.batch_size: found nothing, expected an integer from 1 to 16777216"),
    (", steps: 50", "", "15:11: training: found neither steps nor epochs, expected exactly one of steps or epochs"),
    (
      "steps: 50", "steps: 50, epochs: 2",
      "15:51: training.epochs: found both steps and epochs, expected exactly one of steps or epochs"
    ),
    (
      "steps: 50", "steps: 50, gradient_clip: {value: 1, global_norm: 1}",
      "15:77: training.gradient_clip.global_norm: found both global_norm and value, expected exactly one of global_norm or value"
    ),
    ("classes: 4", "", "4:22: data.train.synthetic.classes: found nothing, expected an integer from 2 to 16777216"),
    (
      "0.001}}", "0.001, weight_decay: 0.1}}\nregularization: {l2: 0.1}",
      "13:56: optimizer.adam.weight_decay: found weight_decay beside regularization.l2, expected only one of the two, which are the same"
    ),
    (
      "adam: {learning_rate: 0.001}}", "adamw: {weight_decay: 0.1}}\nregularization: {decoupled: 0.1}",
      "13:35: optimizer.adamw.weight_decay: found weight_decay beside regularization.decoupled, expected only one of the two, which are the same"
    ),
    (
      "{warmup_steps: 5}", "{warmup_steps: 5, end: 2}",
      "14:43: schedule.cosine.end: found 2, expected a number from 0 to 1"
    ),
    (
      "cosine: {warmup_steps: 5}", "piecewise: {boundaries: [10, 5], factors: [1, 1, 1]}",
      "14:41: schedule.piecewise.boundaries.1: found 5 after 10, expected boundaries that grow"
    ),
    (
      "cosine: {warmup_steps: 5}", "piecewise: {boundaries: [10], factors: [1]}",
      "14:51: schedule.piecewise.factors: found 1 factors for 1 boundaries, expected 2, one more than boundaries"
    ),
    // Not YAML, or more of it than is wanted.
    (
      "classes: 4}}", "classes: 4}",
      "5:3: found a mistake in the YAML: did not find expected ',' or '}', while parsing a flow mapping (line 4), expected valid YAML"
    ),
    (
      "  train:", "\ttrain:",
      "4:1: found a mistake in the YAML: found character that cannot start any token, while scanning for the next token (line 4), expected valid YAML (indent with spaces, not tabs)"
    ),
    (
      "name: tiny", "name: &a tiny",
      "1:7: name: found the anchor &a, expected no anchors or aliases: write the value out where it is used"
    ),
    ("name: tiny", "name: !python/object tiny", "1:7: name: found the tag !python/object, expected no tags"),
    ("seed: 3", "? [seed]\n: 3", "2:3: found a list or mapping as a key, expected a word as the key"),
    (
      "seed: 3", "<<: {seed: 3}",
      "2:1: <<: found an unknown key, expected one of name, seed, data, model, loss, optimizer, regularization, schedule, training, evaluation, checkpoint, metrics, logging"
    ),
  ])
  func place(old: String, new: String, expected: String) {
    #expect(messages(configuration(replacing: old, with: new)) == ["tiny.yaml:\(expected)"])
  }

  @Test func severalAtOnceInTheOrderOfTheFile() {
    let yaml = configuration(replacing: "units: 16", with: "units: -1").replacing("shards: 4", with: "shard: 4")
      .replacing("seed: 3", with: "seed: x")
    let found = messages(yaml)
    #expect(found.map { $0.split(separator: " ")[0] } == ["tiny.yaml:2:7:", "tiny.yaml:8:22:", "tiny.yaml:15:29:"])
  }

  @Test func theDescriptionStopsAtTen() throws {
    let layers = (0..<40).map { _ in "    - rellu" }.joined(separator: "\n")
    let yaml = configuration(replacing: "    - relu", with: layers)
    let error = try #require(throws: ConfigurationErrors.self) { try RunConfiguration(yaml: yaml) }
    #expect(error.errors.count == 40)
    let lines = "\(error)".split(separator: "\n")
    #expect(lines.count == 11 && lines.last == "… and 30 more")
  }

  @Test func anErrorHasItsParts() throws {
    let error = try #require(throws: ConfigurationErrors.self) {
      try RunConfiguration(yaml: configuration(replacing: "- relu", with: "- rellu"), file: "a.yaml")
    }
    let first = try #require(error.errors.first)
    #expect(first.file == "a.yaml" && first.line == 10 && first.column == 7 && first.path == "model.layers.2")
    #expect(
      first.found == "the unknown layer rellu" && first.expected.hasPrefix("one of dense, batch_norm, ")
        && first.hint == "did you mean relu?")
  }

  @Test func controlCharactersOfAFileDoNotReachTheTerminal() {
    let yaml = configuration(replacing: "units: 16", with: "units: \"\\e[2J\", \"\\e]0;x\\a\": 1")
    #expect(messages(yaml).count == 2)
    #expect(messages(yaml).allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
  }

  @Test func filesThatCannotBeRead() {
    func message(_ path: String) -> String {
      do throws(ConfigurationErrors) {
        _ = try RunConfiguration(file: path)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message("/nowhere/a.yaml")
        == "/nowhere/a.yaml: found a file that cannot be read: no such file or directory, expected a configuration in YAML"
    )
    #expect(message("/") == "/: found a file that cannot be read: it is a folder, expected a configuration in YAML")
    #expect(message("/dev/zero").contains("it is not a regular file"))
  }
}
