import Foundation
import Lockstep
import TestSupport
import Testing

/// What docs/export.md shows is so.
@Suite("docs/export.md")
struct DocumentationTests {
  private static func text() throws -> String {
    try String(contentsOfFile: "\(PrivatePython.repository)/docs/export.md", encoding: .utf8)
  }

  /// The blocks of a language.
  private static func blocks(_ language: String) throws -> [String] {
    try text().components(separatedBy: "```\(language)\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
  }

  @Test(.enabled(if: python, PrivatePython.excuse)) func linesOfPythonRun() throws {
    let blocks = try Self.blocks("python")
    #expect(blocks.count == 4)
    try withTemporaryFolder { folder in
      let trial = ExportCase(
        name: "documented",
        layers: Model(features: 64) {
          Dense(256, bias: false)
          BatchNorm()
          ReLU()
          Dense(10)
        }.layers,
        loss: .softmaxCrossEntropy, features: 64, outputs: 10)
      let model = try trial.train(in: "\(folder)/run")
      try model.export(to: "\(folder)/model.onnx", probabilities: true)
      try model.export(to: "\(folder)/model.safetensors", layout: .torch)
      try model.export(to: "\(folder)/model.npz")
      // PyTorch is too large to be installed for this.
      for block in blocks where !block.contains("torch.nn") || PrivatePython.has("torch") {
        let result = try PrivatePython.run(["-c", block], in: folder)
        #expect(result.status == 0, "\(block)\n\(result.output)")
      }
    }
  }

  /// The example is what would be written of what it says, and the table has every key that ever is.
  @Test func everyKeyOfThePreprocessingIsDocumented() throws {
    let example = try #require(try Self.blocks("json").first)
    let preprocessing = try #require(Preprocessing(example))
    #expect(try JSONValue(parsing: example).text == JSONValue.object(preprocessing.json).text)
    #expect(
      preprocessing.columns.map(\.name) == ["time", "size", "color"] && preprocessing.features == 5
        && preprocessing.targetScales.map(\.deviation) == [31_000, 0.25] && preprocessing.needsPreciseInputs)
    var others = [preprocessing, preprocessing, preprocessing]
    (others[0].isStandardized, others[0].fillsMissing) = (false, false)
    (others[1].targets, others[1].targetScales) = (.classes(["a", "b"]), [])
    (others[2].targets, others[2].targetScales) = (.labels(2), [])
    let rows = try Self.text().split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    for (index, case_) in ([preprocessing] + others).enumerated() {
      for member in case_.json.members {
        #expect(rows.contains { $0.hasPrefix("| `\(member.name)` |") }, "\(index): \(member.name)")
      }
    }
    #expect(others[0].json["means"] == true)
  }
}

private let python = PrivatePython.has("numpy", "safetensors", "onnxruntime")
