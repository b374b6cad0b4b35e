import Foundation
import TestSupport
import Testing

/// What a model's inputs and outputs are, of every file that has it.
@Suite("inspect")
struct InspectTests {
  private static let configuration = """
    data:
      source: {csv: {path: t.csv, target: [price, tax]}}
      standardize: {features: true, targets: true}
      missing: mean
      unknown: ignore
    model: {layers: [{dense: {units: 4}}, tanh, {dense: {units: 2}}]}
    loss: mean_squared_error
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 16, shards: 2, steps: 4}

    """

  private func trained() throws -> (place: Place, checkpoint: String) {
    let place = try Place(Self.configuration)
    let rows = (0..<40).map {
      "\(1_700_000_000 + $0 * 60),\($0 % 3 == 0 ? "" : "\($0)"),\(["b", "a"][$0 % 2]),\($0 * 100),7\n"
    }
    try place.write("time,size,kind,price,tax\n" + rows.joined(), to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    return (place, try #require(try place.checkpoints("run").last))
  }

  @Test func everyFileSaysWhatItsInputsAndOutputsAre() throws {
    let (place, checkpoint) = try trained()
    let files = ["m.safetensors", "m.npz", "m.onnx"]
    for file in files { try place.succeed("export", checkpoint, "--to", file) }
    var said: Set<Data> = []
    for file in [checkpoint] + files {
      let text = try place.succeed("inspect", file).output
      for line in [
        "0  time     number    1.70000e9 ± 692.604", "1  size     number", "2  kind     category  2: a, b",
        "targets      price, standardised: 1950.00 ± 1154.34", "             tax, standardised: 7.00000 ± 1.00000",
        "inputs       4, float64", "missing      mean", "unknown      ignore", "samples      40, trained on",
      ] { #expect(text.contains(line), "\(file): no \(line) in:\n\(text)") }
      let json = try place.succeed("inspect", file, "--json").json
      let preprocessing = try #require(json["preprocessing"] as? [String: Any], "\(file)")
      #expect(preprocessing["target_names"] as? [String] == ["price", "tax"])
      said.insert(try JSONSerialization.data(withJSONObject: preprocessing, options: .sortedKeys))
      #expect((json["metadata"] as? [String: String])?["preprocessing"] != nil)
      let names = (json["tensors"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
      #expect(names.contains { $0.hasSuffix("dense0.weight") || $0.hasSuffix("dense0.kernel") }, "\(file): \(names)")
    }
    #expect(said.count == 1)
  }

  @Test func classesAndManyFeaturesAreShortened() throws {
    let (place, checkpoint) = try PredictionTests.trained()
    let text = try place.succeed("inspect", checkpoint).output
    for line in [
      "0  a        number    ", "1  color    category  3: blue, green, red", "target       label",
      "classes      3: high, low, mid",
    ] {
      #expect(text.contains(line), "no \(line) in:\n\(text)")
    }
    let wide = try Place(
      "data: {train: {npy: {features: x.npy, targets: y.npy}}}\nmodel: {layers: [{dense: {units: 2}}]}\n"
        + "loss: softmax_cross_entropy\noptimizer: sgd\ntraining: {batch_size: 2, shards: 1, steps: 1}\n")
    try wide.write(PredictionTests.array((0..<200).map(Float.init), columns: 100), to: "x.npy")
    try wide.write(PredictionTests.array([0, 1], columns: 1), to: "y.npy")
    try wide.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let features = try wide.succeed("inspect", try #require(try wide.checkpoints("run").last)).output
    #expect(features.contains("\n39  –        number  89.0000\n …  60 more"), "\(features)")
  }

  @Test func filesThatAreNoneAreRefused() throws {
    let place = try Place()
    let cases: [(String, String)] = [
      ("a.onnx", "found bytes that are not an ONNX graph's"), ("a.npz", "found bytes that are not a zip archive's"),
      ("a.safetensors", "a.safetensors: its safetensors header"), ("a.zst", "not a Lockstep checkpoint"),
    ]
    for (name, words) in cases {
      try place.refuse(["inspect", name], [name])
      try place.write("neither one nor the other, but long enough", to: name)
      try place.refuse(["inspect", name], [words])
      try place.write("", to: name)
      try place.refuse(["inspect", name], [name])
    }
    let (other, checkpoint) = try trained()
    try other.succeed("export", checkpoint, "--to", "m.onnx")
    try other.refuse(["inspect", "m.onnx", "--configuration"], ["m.onnx: found no configuration in it"])
  }
}
