import Foundation
import TestSupport
import Testing

/// What a run writes about itself, read by TensorBoard and pandas.
struct WatchingTests {
  /// Checkpoints stay at the steps of the histograms; the first moment of Adam with β₁ = 0 is the gradient.
  private static let configuration = """
    data:
      train: {synthetic: {kind: friedman, samples: 160, features: 5}}
      validation: {synthetic: {kind: friedman, samples: 70, features: 5}}
    model: {layers: [{dense: {units: 8, bias: false}}, batch_norm, tanh, {dense: {units: 1}}]}
    loss: huber
    optimizer: {adam: {learning_rate: 0.05, beta1: 0}}
    training: {batch_size: 32, shards: 4, threads: 2, steps: 20, gradient_clip: {global_norm: 1000}}
    evaluation: {every: {steps: 4}}
    checkpoint: {every: {steps: 5}, keep: 9}
    metrics: {every: {steps: 3}, layers_every: {steps: 4}}
    logging: {tensorboard: {histograms_every: {steps: 5}}}

    """

  /// A run that has come to step 13, and of which the power cut has left the checkpoint of step 10.
  private func interrupted(_ place: Place) throws {
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "13", "--quiet")
    try place.remove("run/checkpoints/step-00000013.safetensors.zst")
  }

  private func python(_ arguments: [String], in place: Place, _ expected: String) throws {
    let (output, status) = try PrivatePython.run(arguments, in: place.folder)
    #expect(status == 0 && output.hasSuffix("\(expected)\n"), "\(output)")
  }

  /// Scalars are those of the log, histograms those of the checkpoints' tensors.
  @Test(
    .enabled(
      if: PrivatePython.has("tensorboard", "safetensors", "ruamel.yaml") && program("zstd") != nil, PrivatePython.excuse
    ),
    arguments: [1, 2])
  func tensorBoardReadsTheEvents(threads: Int) throws {
    let script = "\(PrivatePython.repository)/Tests/Fixtures/tensorboard/read_events.py"
    let place = try Place(Self.configuration.replacing("threads: 2", with: "threads: \(threads)"))
    try place.succeed("train", "config.yaml", "--output", "whole", "--quiet")
    try interrupted(place)
    try place.succeed("resume", "run", "--quiet")
    // Of training 7 figures, of two dense layers 3 each; of validation 3 under two names each; 5 tensors and their
    // gradients at 4 steps.
    for run in ["whole", "run"] { try python([script, run], in: place, "13 + 6 scalars, 40 histograms") }
  }

  /// Of images too: 6 figures of training, 3 each of the convolution and the dense layer, and the dead channels of
  /// ReLU; 2 of validation under two names each.
  @Test(
    .enabled(
      if: PrivatePython.has("tensorboard", "safetensors", "ruamel.yaml") && program("zstd") != nil, PrivatePython.excuse
    ))
  func tensorBoardReadsTheEventsOfImages() throws {
    let script = "\(PrivatePython.repository)/Tests/Fixtures/tensorboard/read_events.py"
    let images = "{kind: shapes, samples: 160, height: 17, width: 16, channels: 3, classes: 3}"
    let place = try Place(
      Self.configuration.replacing("{kind: friedman, samples: 160, features: 5}", with: images)
        .replacing("{kind: friedman, samples: 70, features: 5}", with: images.replacing("160", with: "70"))
        .replacing(
          "{dense: {units: 8, bias: false}}, batch_norm, tanh, {dense: {units: 1}}",
          with: "{conv2d: {filters: 4, kernel: 3}}, batch_norm, relu, {max_pool: 2}, flatten, {dense: {units: 3}}"
        )
        .replacing("loss: huber", with: "loss: softmax_cross_entropy"))
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try python([script, "run"], in: place, "13 + 4 scalars, 40 histograms")
  }

  /// What has been read of steps that come again is forgotten, by a TensorBoard that stays open too.
  @Test(.enabled(if: PrivatePython.has("tensorboard"), PrivatePython.excuse))
  func anOpenTensorBoardGoesOn() throws {
    let place = try Place(Self.configuration)
    try interrupted(place)
    try place.copy("run/tensorboard", to: "open")
    try place.succeed("resume", "run", "--quiet")
    let script = """
      import os, shutil
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator("open/train", size_guidance={"scalars": 0, "histograms": 0})
      def steps(tag, kind): return [event.step for event in kind(tag)]
      events.Reload()
      assert steps("epoch_loss", events.Scalars) == [3, 6, 9, 12]
      # What the run has made of the folder since.
      for name in os.listdir("run/tensorboard/train"): shutil.copyfile(f"run/tensorboard/train/{name}", f"open/train/{name}")
      events.Reload()
      assert steps("epoch_loss", events.Scalars) == [3, 6, 9, 12, 15, 18, 20], steps("epoch_loss", events.Scalars)
      assert steps("weights/dense0.weight", events.Histograms) == [5, 10, 15, 20]
      print("once")
      """
    try python(["-c", script], in: place, "once")
  }

  @Test(.enabled(if: PrivatePython.has("pandas"), PrivatePython.excuse))
  func pandasReadsTheTable() throws {
    let place = try Place(Self.configuration)
    try interrupted(place)
    try place.succeed("resume", "run", "--quiet")
    let script = """
      import json, pandas
      table = pandas.read_csv("run/metrics.csv", float_precision="round_trip").set_index("step")
      assert table.index.dtype == "int64" and table["samples"].dtype == "int64", table.dtypes
      assert (table.drop(columns=["epoch", "samples"]).dtypes == "float64").all(), table.dtypes
      count = 0
      for line in map(json.loads, open("run/metrics.jsonl")):
          if line["event"] not in ("train", "validation"): continue
          prefix = "validation_" if line["event"] == "validation" else ""
          for name, value in line.items():
              if name in ("event", "step") or value is None: continue
              assert table.loc[line["step"], prefix + name] == value, (line, name)
              count += name != "epoch"
      assert table.drop(columns=["epoch", "samples"]).count().sum() == count > 40, count
      print("equal")

      """
    try python(["-c", script], in: place, "equal")
  }
}
