import LockstepConfiguration
import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

/// A section's key one level too high, and a section with nothing in it, are one mistake each, and one error.
@Suite struct StrayKeysTests {
  private static let data = """
    data:
      train: {synthetic: {kind: gaussian_clusters, samples: 1000, features: 8, classes: 4}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 200, features: 8, classes: 4}}
    """
  private static let training = "training: {batch_size: 100, shards: 4, steps: 50}"
  private static let checkpoint = "checkpoint: {every: {steps: 10}, keep: 3}"
  private static let optimizer = "optimizer: {adam: {learning_rate: 0.001}}"

  @Test(arguments: [
    // The section is empty, and its keys stand beside it.
    (
      data, "data:\nsource: {csv: {path: x.csv, target: y}}",
      "4:1: source: found it beside data, expected it in data (indent it below data:)"
    ),
    (
      data, "data:\nsource:\ncsv:\n  path: x.csv\nsplit: {validation: 0.2}\nstandardize: true",
      "4:1: source: found it, csv, split and standardize beside data, expected them in data (indent them below data:)"
    ),
    (
      "model:\n  layers:", "model:\nlayers:",
      "7:1: layers: found it beside model, expected it in model (indent it below model:)"
    ),
    (
      training, "training:\nbatch_size: 100\nsteps: 50",
      "16:1: batch_size: found it and steps beside training, expected them in training (indent them below training:)"
    ),
    (
      optimizer, "optimizer:\nadam:\n  learning_rate: 0.1",
      "14:1: adam: found it beside optimizer, expected it in optimizer (indent it below optimizer:)"
    ),
    (
      "loss: softmax", "loss:\nsoftmax_cross_entropy:\n# ",
      "13:1: softmax_cross_entropy: found it beside loss, expected it in loss (indent it below loss:)"
    ),
    // Of several sections that have such a key, the one before it is meant.
    (
      checkpoint, "checkpoint:\nevery: {steps: 10}\nkeep: 3",
      "18:1: every: found it and keep beside checkpoint, expected them in checkpoint (indent them below checkpoint:)"
    ),
    (
      checkpoint, "checkpoint: {keep: 2}\nmetrics:\nevery: {steps: 10}",
      "19:1: every: found it beside metrics, expected it in metrics (indent it below metrics:)"
    ),
    // Deeper.
    (
      data,
      "data:\n  train:\n  synthetic: {kind: gaussian_clusters, samples: 1000, features: 8, classes: 4}\nevaluation: null\n#",
      "5:3: data.synthetic: found it beside train, expected it in train (indent it below train:)"
    ),
    (
      checkpoint, "checkpoint:\n  every:\n  steps: 10",
      "19:3: checkpoint.steps: found it beside every, expected it in every (indent it below every:)"
    ),
    (
      training, "training:\n  batch_size: 100\n  steps: 50\n  early_stopping:\n  patience: 3",
      "19:3: training.patience: found it beside early_stopping, expected it in early_stopping (indent it below early_stopping:)"
    ),
    // The section has other keys already.
    (
      training, "training: {batch_size: 100}\nshards: 4\nsteps: 50",
      "16:1: shards: found it and steps beside training, expected them in training (indent them below training:)"
    ),
    (
      "seed: 3", "seed: 3\nshards: 2",
      "3:1: shards: found an unknown key, expected one of name, seed, data, model, loss, optimizer, regularization, schedule, training, evaluation, checkpoint, metrics, logging (it stands in training already)"
    ),
    (
      "seed: 3", "seed: 3\nepochs: 2",
      "3:1: epochs: found an unknown key, expected one of name, seed, data, model, loss, optimizer, regularization, schedule, training, evaluation, checkpoint, metrics, logging (write training: {epochs: 2})"
    ),
    // The section's own name is missing.
    (
      training, "batch_size: 100\nsteps: 50",
      "15:1: batch_size: found it and steps without training, expected them in training (write training: above them, and indent them below)"
    ),
    (
      "model:\n  layers:", "layers:",
      "6:1: layers: found it without model, expected it in model (write model: above it, and indent it below)"
    ),
    // Nothing at all.
    (training, "training:", "15:10: training: found nothing, expected batch_size and steps or epochs"),
    (training, "training: {}", "15:11: training: found nothing, expected batch_size and steps or epochs"),
    (training, "training: null", "15:11: training: found nothing, expected batch_size and steps or epochs"),
    (training, "", "1:1: training: found nothing, expected {batch_size: …, steps: …} or epochs"),
    (
      data, "data: null\nevaluation: null\n#",
      "3:7: data.train: found nothing, expected a data source, such as {synthetic: {…}}"
    ),
    (
      optimizer, "optimizer:",
      "13:11: optimizer: found nothing, expected an optimizer, one of \(Optimizer.catalogue.names.joined(separator: ", "))"
    ),
    ("- relu", "- repeat", "10:7: model.layers.2.repeat: found nothing, expected times and layers"),
  ])
  func isOneError(old: String, new: String, expected: String) {
    var yaml = configuration(replacing: old, with: new)
    // The section that stands twice now.
    if new.contains("evaluation:") { yaml = yaml.replacing("\nevaluation: {every: {epochs: 1}}", with: "") }
    #expect(messages(yaml) == ["tiny.yaml:\(expected)"])
  }

  @Test func onTheCommandLine() {
    #expect(
      messages(validConfiguration, set: ["drop_last=true"]) == [
        "--set drop_last=true: drop_last: found it beside training, expected it in training (--set training.drop_last=…)"
      ])
  }

  /// What else is wrong is said as well, in a section that was read twice as in any other.
  @Test func theRestIsReadAllTheSame() {
    let yaml = configuration(replacing: Self.training, with: "training:\nbatch_size: -1\nsteps: 50")
    #expect(
      messages(yaml) == [
        "tiny.yaml:16:1: batch_size: found it and steps beside training, expected them in training (indent them below training:)",
        "tiny.yaml:16:13: training.batch_size: found -1, expected an integer from 1 to 16777216",
      ])
    let unknown = configuration(replacing: "seed: 3", with: "sed: 3\ndrop_last: true").replacing(
      "units: 16", with: "units: 0")
    #expect(
      messages(unknown).map { $0.split(separator: " ")[1] } == ["sed:", "drop_last:", "model.layers.0.dense.units:"])
  }
}
