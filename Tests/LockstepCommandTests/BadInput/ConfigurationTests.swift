import TestSupport
import Testing

/// Every kind of mistake that a configuration can hold: where it stands, what was found, what is expected, the nearest
/// name or what to do.
@Suite("Bad input: configurations")
struct BadConfigurationTests {
  /// A mistake in the text of a configuration, and what must be said of it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var words: [String]
    var testDescription: String { new }
  }

  @Test(arguments: [
    // Unknown keys and names, with the nearest valid one.
    Mistake(
      old: "shards: 4", new: "shard: 4",
      words: [
        "config.yaml:18:28: training.shard: found an unknown key", "expected one of batch_size, shards",
        "did you mean shards?",
      ]),
    Mistake(
      old: "units: 12", new: "unit: 12", words: ["config.yaml:8:15: model.layers.0.dense.unit", "did you mean units?"]),
    Mistake(
      old: "- prelu", new: "- perlu", words: ["config.yaml:13:7", "the unknown layer perlu", "did you mean prelu?"]),
    Mistake(old: "adam:", new: "adm:", words: ["config.yaml:16:13: optimizer.adm", "did you mean adam?"]),
    Mistake(
      old: "loss: softmax_cross_entropy", new: "loss: softmax",
      words: ["config.yaml:15:7: loss: found the unknown loss softmax"]),
    Mistake(old: "cosine", new: "cosin", words: ["config.yaml:17:12", "did you mean cosine?"]),
    Mistake(old: "evaluation:", new: "evalution:", words: ["config.yaml:19:1: evalution", "did you mean evaluation?"]),
    Mistake(
      old: "digest_every", new: "layer_every",
      words: ["metrics.layer_every: found an unknown key", "did you mean layers_every?"]),
    Mistake(
      old: "digest_every: {steps: 5}", new: "layers_every: {steps: 0}", words: ["metrics.layers_every.steps: found 0"]),
    Mistake(
      old: "model:\n", new: "model:\n  initialization: {lsuv: {tolerance: 0}}\n",
      words: ["config.yaml:7:38: model.initialization.lsuv.tolerance: found 0, expected a number between 0 and 1"]),
    // Wrong types.
    Mistake(
      old: "units: 12", new: "units: twelve",
      words: ["config.yaml:8:22: model.layers.0.dense.units: found twelve, expected an integer"]),
    Mistake(old: "seed: 3", new: "seed: [3]", words: ["config.yaml:2:7: seed: found a list, expected an integer"]),
    Mistake(
      old: "bias: false", new: "bias: 2",
      words: ["config.yaml:8:56: model.layers.0.dense.bias: found 2, expected true or false"]),
    Mistake(
      old: "rate: 0.2", new: "rate: 1.0",
      words: ["config.yaml:11:23: model.layers.3.dropout.rate: found 1.0, expected a number from 0 to below 1"]),
    Mistake(old: "  layers:\n", new: "  layers: [\n", words: ["config.yaml:8:5: found a mistake in the YAML"]),
    // Zero and negative sizes.
    Mistake(
      old: "units: 12", new: "units: 0",
      words: ["config.yaml:8:22: model.layers.0.dense.units: found 0, expected an integer from 1"]),
    Mistake(
      old: "batch_size: 32", new: "batch_size: -32", words: ["config.yaml:18:24: training.batch_size: found -32"]),
    Mistake(old: "shards: 4", new: "shards: 0", words: ["config.yaml:18:36: training.shards: found 0"]),
    Mistake(old: "samples: 200", new: "samples: 0", words: ["config.yaml:4:62: data.train.synthetic.samples: found 0"]),
    Mistake(old: "epochs: 3", new: "epochs: 0", words: ["training.epochs: found 0"]),
    Mistake(
      old: "learning_rate: 0.01", new: "learning_rate: -1",
      words: ["config.yaml:16:35: optimizer.adam.learning_rate: found -1"]),
    // Parts that do not fit each other.
    Mistake(
      old: "batch_size: 32", new: "batch_size: 3",
      words: ["training.shards: found 3 rows a batch for 4 shards", "set training.shards to at most 3"]),
    Mistake(
      old: "batch_size: 32", new: "batch_size: 7",
      words: ["of which some get a single row", "at least 2 rows a shard", "batch_norm: {statistics: batch}"]),
    Mistake(
      old: "samples: 200", new: "samples: 197",
      words: ["5 rows for 4 shards in the last batch of an epoch", "set training.drop_last to true"]),
    Mistake(
      old: "- dense: {units: 3}", new: "- dense: {units: 5}",
      words: ["config.yaml:14:22: model.layers.6.dense.units: found 5 units at the end of the model, expected 3"]),
    Mistake(
      old: "warmup_steps: 4", new: "warmup_steps: 21",
      words: [
        "config.yaml:17:35: schedule.cosine.warmup_steps: found 21 steps of warm-up in a run of 21 steps",
        "training.epochs",
      ]),
    Mistake(
      old: "{cosine: {warmup_steps: 4}}", new: "{piecewise: {boundaries: [5, 30], factors: [1, 0.1, 0.01]}}",
      words: ["schedule.piecewise.boundaries.1: found a boundary at step 30 in a run of 21 steps"]),
    Mistake(
      old: "{cosine: {warmup_steps: 4}}", new: "{step: {every: 50}}",
      words: ["schedule.step.every", "a run of 21 steps"]),
    Mistake(old: "epochs: 3", new: "epochs: 3, steps: 9", words: ["found both steps and epochs"]),
    Mistake(
      old: "loss: softmax_cross_entropy\n", new: "", words: ["config.yaml:1:1: loss: found nothing, expected a loss"]),
  ])
  func isRefused(mistake: Mistake) throws {
    let text = Configurations.full.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
    try #require(text != Configurations.full)
    let place = try Place(text)
    for command in ["train", "check"] { try place.refuse([command, "config.yaml"], mistake.words) }
  }

  @Test(arguments: [
    ("training.shard=4", ["--set training.shard=4: training.shard: found an unknown key", "did you mean shards?"]),
    ("nothing.like.this=1", ["--set nothing.like.this=1: nothing", "expected one of name, seed, data"]),
    (
      "training.batch_size=many",
      ["--set training.batch_size=many: training.batch_size: found many, expected an integer"]
    ),
    ("training.batch_size", ["found no key and value", "such as training.batch_size=256"]),
    ("=3", ["found no key and value"]),
    ("model.layers.9.dense.units=3", ["found the index 9, expected an index from 0 to 6"]),
    ("training..shards=3", ["expected keys joined by single dots"]),
    ("seed=[1", ["--set seed=[1", "mistake in the YAML"]),
  ])
  func overrideIsRefused(override: String, words: [String]) throws {
    for command in ["train", "check", "scale"] {
      try Place().refuse([command, "config.yaml", "--set", override], words)
    }
  }

  @Test func everyMistakeIsToldAtOnce() throws {
    let text = Configurations.full.replacing("units: 12", with: "units: 0").replacing("- prelu", with: "- perlu")
    try Place(text).refuse(["train", "config.yaml"], ["config.yaml:8:22", "config.yaml:13:7", "2 errors"])
  }

  @Test func aFileThatCannotBeReadIsNamed() throws {
    let place = try Place()
    try place.refuse(
      ["train", "missing.yaml"],
      ["missing.yaml: found a file that cannot be read: no such file", "a configuration in YAML"])
    try place.refuse(["train", "."], ["it is a folder"])
    try place.write("", to: "empty.yaml")
    try place.refuse(["train", "empty.yaml"], ["empty.yaml:1:1: found an empty file"])
    try place.write(.init([0xFF, 0xFE, 0]), to: "binary.yaml")
    try place.refuse(["check", "binary.yaml"], ["binary.yaml:1:1: found bytes that are not UTF-8 text"])
  }

  /// Sizes that no machine has, and sizes that this process may not have: an error, never an end in the middle of an
  /// allocation.
  @Test func sizesBeyondTheMachineAreRefused() throws {
    let place = try Place()
    let wide = ["--set", "model.layers.0.dense.units=16777216", "--set", "model.layers.4.dense.units=1000"]
    let words = ["MiB of memory", "MiB activations", "Take a smaller training.batch_size"]
    // `check` tells and does not refuse: the run may be meant for another machine.
    let check = try Tool.run(["check", "config.yaml"] + wide, in: place.folder)
    #expect(check.status == 0)
    if check.errors.contains("train will refuse") {
      for command in ["train", "scale"] { try place.refuse([command, "config.yaml"] + wide, words) }
    }
    try place.refuse(
      [
        "train", "config.yaml", "--set", "model.layers.0.dense.units=16777216", "--set",
        "model.layers.4.dense.units=16777216",
      ],
      ["model.layers.4.dense.units: found 16777216 × 16777216 weights, expected at most 2³⁴"])
    try place.refuse(
      ["train", "config.yaml", "--set", "training.batch_size=16777217"], ["expected an integer from 1 to 16777216"])
  }

  @Test func sizesBeyondTheLimitOfTheShellAreRefused() throws {
    let place = try Place()
    func limited(_ arguments: String) throws -> (output: String, status: Int32) {
      try runProgram("/bin/sh", ["-c", "cd \(place.folder); ulimit -v 4000000; exec \(Tool.path) \(arguments) 2>&1"])
    }
    // A build for a sanitizer needs more addresses than that for itself.
    guard try limited("--version").status == 0 else { return }
    let refused = try limited("train config.yaml --set model.layers.0.dense.units=4000000")
    #expect(refused.status == 2)
    #expect(refused.output.contains("MiB of memory"), "\(refused.output)")
    #expect(try limited("train config.yaml --steps 1").status == 0)
  }
}
