import Foundation
import TestSupport
import Testing

/// `lockstep compare` as a command; what it finds is tested with the module that compares.
@Suite("compare") struct CompareTests {
  private static let configuration = """
    data: {train: {csv: {path: data.csv, target: label}}, standardize: true}
    model: {layers: [{dense: {units: 6}}, relu, {dense: {units: 2}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.01}}
    training: {batch_size: 16, shards: 2, threads: 1, steps: 30}

    """

  private func place() throws -> Place {
    let place = try Place(Self.configuration)
    let rows = (0..<90).map { "\($0 % 7),\(($0 * 5) % 11),\($0 % 7 + ($0 * 5) % 11 > 8 ? "yes" : "no")" }
    try place.write("a,b,label\n" + rows.joined(separator: "\n") + "\n", to: "data.csv")
    return place
  }

  private func json(_ text: Data) throws -> Any { try JSONSerialization.jsonObject(with: text) }

  /// The models that are kept are those that were measured: on the fold that each has held out, to the last digit.
  @Test func modelsAreKept() throws {
    let place = try place()
    let words = [
      "compare", "config.yaml", "--vary", "activation=relu,tanh", "--folds", "3", "--output", "c", "--quiet",
    ]
    // Trials that are done without a model are trained again.
    #expect(try Tool.run(words, in: place.folder).status == 0)
    let outcome = try Tool.run(words + ["--keep", "models", "--json", "c.json"], in: place.folder)
    #expect(outcome.status == 0, "\(outcome)")
    let cells = try #require(try json(place.read("c.json")) as? [[String: Any]])
    var seen = 0
    for cell in cells {
      let name = try #require(cell["activation"] as? String)
      let (values, digests) = (cell["values"] as? [Double] ?? [], cell["weights_digests"] as? [String] ?? [])
      for fold in 1...3 {
        let model = "models/\(name)-fold-\(fold).safetensors.zst"
        let found = try place.succeed("evaluate", model, "--json")
        let metrics = try #require(try json(Data(found.output.utf8)) as? [String: Any])
        #expect(metrics["accuracy"] as? Double == values[fold - 1], "\(model): \(found.output)")
        #expect(try place.succeed("inspect", model).output.contains(digests[fold - 1]))
        seen += 1
      }
    }
    #expect(seen == 6)
    try place.succeed("predict", "models/relu-fold-1.safetensors.zst", "--input", "data.csv", "--output", "p.csv")
    // What is done and kept is not done again; what is gone is.
    let before = try place.bytes()
    #expect(try Tool.run(words + ["--keep", "models"], in: place.folder).status == 0)
    #expect(try place.bytes() == before)
    try place.remove("models/tanh-fold-2.safetensors.zst")
    #expect(try Tool.run(words + ["--keep", "models"], in: place.folder).status == 0)
    let name = "models/tanh-fold-2.safetensors.zst"
    #expect(try place.succeed("inspect", name).output.contains("weights"))
  }

  @Test func folderThatIsNone() throws {
    let place = try place()
    try place.write("", to: "file")
    try place.refuse(
      ["compare", "config.yaml", "--vary", "activation=relu,tanh", "--keep", "", "--quiet"],
      ["--keep: found an empty path"])
    let outcome = try Tool.run(
      ["compare", "config.yaml", "--vary", "activation=relu,tanh", "--keep", "file", "--quiet"], in: place.folder)
    #expect(outcome.status == 2 && outcome.errors.contains("file: cannot create the folder"), "\(outcome)")
  }
}
