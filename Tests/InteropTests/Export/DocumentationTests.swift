import Foundation
import Lockstep
import TestSupport
import Testing

/// The lines of Python that docs/export.md shows do what it says.
@Suite("docs/export.md", .enabled(if: python, PrivatePython.excuse))
struct DocumentationTests {
  @Test func linesOfPythonRun() throws {
    let text = try String(contentsOfFile: "\(PrivatePython.repository)/docs/export.md", encoding: .utf8)
    let blocks = text.components(separatedBy: "```python\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
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
}

private let python = PrivatePython.has("numpy", "safetensors", "onnxruntime")
