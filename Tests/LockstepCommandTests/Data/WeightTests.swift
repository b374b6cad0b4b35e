import Foundation
import TestSupport
import Testing

/// Weights of samples and classes, and the average of a network's weights, from the command line.
@Suite("Weights, from the command line")
struct WeightTests {
  private static let configuration = """
    data:
      source: {csv: {path: t.csv, target: y, weight: w}}
      split: {validation: 0.25, seed: 3}
    model: {layers: [{dense: {units: 8}}, batch_norm, tanh, {dense: {units: 2}}]}
    loss: {softmax_cross_entropy: {class_weights: {rare: 4}}}
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 32, shards: 5, epochs: 4, weight_average: {decay: 0.9}}
    checkpoint: {every: {steps: 5}}

    """

  private static func table(weighted: Bool = true) -> String {
    var generator = SeededGenerator(seed: 4)
    return (weighted ? "a,w,b,y\n" : "a,b,y\n")
      + (0..<160).map { row in
        let (a, b) = (generator.normal(1)[0], generator.normal(1)[0])
        let label = a + b > 1 ? "rare" : "often"
        return weighted ? "\(a),\(Double(row % 4) / 2),\(b),\(label)\n" : "\(a),\(b),\(label)\n"
      }.joined()
  }

  private func place() throws -> Place {
    let place = try Place(Self.configuration)
    try place.write(Self.table(), to: "t.csv")
    try place.write(Self.table(weighted: false), to: "plain.csv")
    return place
  }

  @Test func bitsDoNotDependOnThreadsPartsOrResuming() throws {
    let place = try place()
    var digests: Set<String> = []
    for (threads, parts) in [("1", 1), ("2", 2), ("3", 5)] {
      let outcome = try place.succeed(
        "train", "config.yaml", "--output", "run\(threads)", "--threads", threads, "--set",
        "training.accumulate=\(parts)",
        "--quiet", "--json")
      digests.insert(outcome.json["weights_digest"] as? String ?? "?")
    }
    try place.succeed("train", "config.yaml", "--output", "stopped", "--steps", "7", "--quiet")
    let resumed = try place.succeed("resume", "stopped", "--threads", "2", "--quiet", "--json")
    digests.insert(resumed.json["weights_digest"] as? String ?? "?")
    let plain = try place.succeed(
      "train", "config.yaml", "--output", "plain", "--set", "data.source.csv.weight=null", "--set",
      "data.source.csv.ignore=w", "--quiet", "--json")
    #expect(digests.count == 1 && !digests.contains(plain.json["weights_digest"] as? String ?? "?"))
  }

  /// A column of weights is neither looked at nor missed.
  @Test func predictionsAndEvaluationsPassItOver() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write(Self.table().replacing(",1.0,", with: ",heavy,"), to: "odd.csv")
    var (predictions, losses): (Set<Data>, Set<String>) = ([], [])
    for input in ["t.csv", "plain.csv", "odd.csv"] {
      try place.succeed("predict", checkpoint, "--input", input, "--output", "p.csv", "--probabilities")
      predictions.insert(try place.read("p.csv"))
      losses.insert("\(try place.succeed("evaluate", checkpoint, "--data", input, "--json").json["loss"] ?? "")")
    }
    #expect(predictions.count == 1 && losses.count == 1)
    try place.refuse(
      ["train", "config.yaml", "--set", "data.source.csv.path=odd.csv"], ["column \"w\": found \"heavy\""])
  }

  /// The average unless the others are asked for.
  @Test func eitherWeightsMayBeTaken() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    var found: [String: [Data]] = [:]
    for (name, arguments) in [
      ("default", []), ("averaged", ["--weights", "averaged"]), ("raw", ["--weights", "raw"]),
    ] {
      for (command, output) in [
        (["predict", checkpoint, "--input", "t.csv", "--output", "p.csv", "--probabilities"], "p.csv"),
        (["export", checkpoint, "--to", "m.npz", "--overwrite"], "m.npz"),
      ] {
        let outcome = try Tool.run(command + arguments, in: place.folder)
        #expect(outcome.status == 0, "\(outcome)")
        found[name, default: []].append(try place.read(output))
      }
      let outcome = try Tool.run(["evaluate", checkpoint, "--json"] + arguments, in: place.folder)
      found[name, default: []].append(Data(outcome.output.utf8))
    }
    #expect(found["default"] == found["averaged"])
    for (averaged, raw) in zip(found["averaged"] ?? [], found["raw"] ?? []) { #expect(averaged != raw) }
    try place.refuse(["evaluate", checkpoint, "--weights", "mean"], status: 2, ["--weights", "averaged", "raw"])

    try place.succeed(
      "train", "config.yaml", "--output", "plain", "--set", "training.weight_average=null", "--steps", "2", "--quiet")
    let plain = try #require(try place.checkpoints("plain").last)
    for command in [
      ["evaluate", plain], ["predict", plain, "--input", "t.csv", "--output", "q.csv"],
      ["export", plain, "--to", "q.onnx"],
    ] {
      try place.refuse(command + ["--weights", "averaged"], ["found no average of the weights"])
    }
  }

  @Test func checkShowsWhatPartsSave() throws {
    let place = try place()
    func activations(_ parts: Int) throws -> String {
      let text = try place.succeed(
        "check", "config.yaml", "--set", "training.threads=1", "--set", "training.accumulate=\(parts)", "--set",
        "model.layers.0.dense.units=4096"
      ).output
      #expect(text.contains("average"))
      return String(text.split(separator: "\n").first { $0.contains("activations") } ?? "")
    }
    #expect(try activations(1) != activations(5))
    try place.refuse(["check", "config.yaml", "--set", "training.accumulate=6"], ["6 parts of a batch of 5 shards"])
  }
}
