import Foundation
import LockstepModel
import TestSupport
import Testing

@testable import Lockstep
@testable import LockstepExport

/// A model of several labels in ONNX Runtime.
@Suite("Labels in ONNX Runtime", .enabled(if: python, PrivatePython.excuse))
struct LabelExportTests {
  /// One probability a label, each the sigmoid of its own logit, [rows, labels].
  @Test func probabilitiesAreOneALabel() throws {
    try withTemporaryFolder { root in
      let trained = ExportCase(
        name: "labels",
        layers: Model(features: 4) {
          Dense(6)
          Tanh()
          Dense(3)
        }.layers, loss: .meanSquaredError, features: 4, outputs: 3)
      let model = try trained.train(in: "\(root)/run")
      let rows = trained.rows()
      let inference = try InferenceModel(model)
      let graph = ONNXGraph(
        inference, .keras, inference.graphTensors(.keras),
        Surroundings(model.preprocessing, nil, input: inference.input), probabilities: .sigmoid)
      let path = "\(root)/files"
      try Folder.create(path)
      let labels = ExportCase(
        name: "labels", layers: trained.layers, loss: .binaryCrossEntropy, features: 4, outputs: 3)
      let folder = try ExportFolder(path, labels, rows: rows)
      try Data(graph.encoded([:], path)).write(to: URL(filePath: "\(path)/a.onnx"))
      let script = "\(PrivatePython.repository)/Tests/Fixtures/export/run_models.py"
      let result = try PrivatePython.run([script, path], in: PrivatePython.repository)
      try #require(result.status == 0, "\(result.output)")
      let logits = try model.predict(rows).joined().map(Double.init)
      let probabilities = try folder.result("prediction", of: "a.onnx")
      #expect(probabilities.count == rows.count * 3)
      expectClose(actual: probabilities, expected: logits.map { 1 / (1 + exp(-$0)) }, absolute: 1e-6)
    }
  }
}

private let python = PrivatePython.has("numpy", "safetensors", "onnx", "onnxruntime")
