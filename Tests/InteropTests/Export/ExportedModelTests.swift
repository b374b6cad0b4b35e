import Foundation
import Lockstep
import TestSupport
import Testing

/// Exported models compute elsewhere what they compute here: in ONNX Runtime, and in NumPy with the tensors of the
/// files.
@Suite("Exported models in ONNX Runtime and NumPy", .enabled(if: python, PrivatePython.excuse))
struct ExportedModelTests {
  private static let script = "\(PrivatePython.repository)/Tests/Fixtures/export/run_models.py"

  @Test func everyLayer() throws { try check([.everyLayer]) }

  @Test func everyFunction() throws { try check([.everyFunction]) }

  @Test func randomModels() throws { try check((1...24).map { .random(seed: $0) }) }

  @Test func everyImageLayer() throws {
    var standardized = ExportCase.everyImageLayer
    standardized.isStandardized = true
    try check([.everyImageLayer, standardized, .globalAverage, .flattenedOutput])
  }

  @Test func randomModelsOfImages() throws { try check((1...32).map { .randomImages(seed: $0) }) }

  /// Exports every case in every format, and compares what comes out of each with `TrainedModel.predict`.
  private func check(_ trials: [ExportCase]) throws {
    try withTemporaryFolder { root in
      var folders: [ExportFolder] = []
      var models: [TrainedModel] = []
      for (index, trial) in trials.enumerated() {
        let path = "\(root)/\(index)"
        let model = try trial.train(in: "\(root)/run\(index)")
        try Folder.create(path)
        folders.append(try ExportFolder(path, trial, rows: trial.rows()))
        models.append(model)
        let hasProbabilities = [.softmaxCrossEntropy, .binaryCrossEntropy].contains(trial.loss)
        for layout in TensorLayout.allCases {
          for folding in [false, true] {
            let name = "\(path)/\(layout.rawValue)\(folding ? "-folded" : "")"
            try model.export(to: "\(name).safetensors", layout: layout, foldingBatchNorm: folding)
            try model.export(
              to: "\(name).onnx", layout: layout, foldingBatchNorm: folding, probabilities: hasProbabilities)
          }
        }
        try model.export(to: "\(path)/plain.npz")
      }
      try run(folders)
      for (index, trial) in trials.enumerated() {
        let expected = try models[index].predict(folders[index].rows).joined().map(Double.init)
        let scale = expected.map(abs).max() ?? 1
        let outputs = try folders[index].result("output", of: "keras.safetensors")
        let range = outputs.map(abs).max() ?? 1
        for name in Self.files {
          let what = "\(trial.name), \(name)"
          expectClose(
            actual: try folders[index].result("prediction", of: name), expected: expected, absolute: 1e-6 * scale, what)
          // Before softmax and sigmoid, where small differences show.
          expectClose(
            actual: try folders[index].result("output", of: name), expected: outputs, absolute: 2e-6 * range, what)
        }
      }
    }
  }

  private static let files =
    ["keras", "keras-folded", "torch", "torch-folded"].flatMap { ["\($0).onnx", "\($0).safetensors"] } + ["plain.npz"]

  @Test func standardizationIsInTheGraph() throws {
    try withTemporaryFolder { root in
      let trial = ExportCase.everyLayer
      let model = try trial.train(in: "\(root)/run")
      let standardization = TrainedModel.Standardization(
        mean: [1, -2, 2000, 0, 0.5, -7], deviation: [2, 0.5, 4, 1, 0.01, 3])
      let rows = trial.rows()
      let raw = rows.map { row in
        row.indices.map { Float(Double(row[$0]) * standardization.deviation[$0] + standardization.mean[$0]) }
      }
      let path = "\(root)/files"
      try Folder.create(path)
      let folder = try ExportFolder(path, trial, rows: raw, npz: .torch)
      try model.export(to: "\(path)/a.onnx", probabilities: true, standardization: standardization)
      try model.export(to: "\(path)/a.safetensors", standardization: standardization)
      try model.export(to: "\(path)/a.npz", layout: .torch, standardization: standardization)
      try run([folder])
      let standardized = raw.map { row in
        row.indices.map { Float((Double(row[$0]) - standardization.mean[$0]) / standardization.deviation[$0]) }
      }
      let expected = try model.predict(standardized).joined().map(Double.init)
      for name in ["a.onnx", "a.safetensors", "a.npz"] {
        expectClose(
          actual: try folder.result("prediction", of: name), expected: expected, absolute: 1e-6, name)
      }
    }
  }

  /// What a model's own data was put through is in its graph: numbers come as the file had them, a category as zeros
  /// and a one.
  @Test func preprocessingOfAFileIsInTheGraph() throws {
    try withTemporaryFolder { root in
      var generator = SeededGenerator(seed: 3)
      let samples = (0..<64).map { index in
        (year: 2000 + 4 * generator.normal(1)[0], colour: index % 3, size: Float(index))
      }
      let colours = ["blue", "green", "red"]
      let lines = samples.map { "\($0.year),\(colours[$0.colour]),\($0.size),\($0.size > 30 ? "large" : "small")" }
      let text = (["year,colour,size,label"] + lines).joined(separator: "\n") + "\n"
      try Data(text.utf8).write(to: URL(filePath: "\(root)/table.csv"))
      let yaml = """
        data: {source: {csv: {path: \(root)/table.csv, target: label}}, standardize: true}
        model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: 2}}]}
        loss: softmax_cross_entropy
        optimizer: {adam: {learning_rate: 0.03}}
        training: {batch_size: 32, shards: 2, threads: 1, steps: 6}
        """
      let summary = try TrainingRun.start(RunConfiguration(yaml: yaml), output: "\(root)/run").train()
      let model = try TrainedModel(checkpoint: summary.json["checkpoint"]?.string ?? "")
      let path = "\(root)/files"
      try Folder.create(path)
      let trial = ExportCase(
        name: "table", layers: model.configuration.layers, loss: .softmaxCrossEntropy, features: 5, outputs: 2)
      let inputs = samples.map { sample in
        [sample.year] + (0..<3).map { $0 == sample.colour ? 1 : 0 } + [sample.size]
      }
      let folder = try ExportFolder(path, trial, rows: inputs)
      try model.export(to: "\(path)/a.onnx", probabilities: true)
      try model.export(to: "\(path)/a.npz")
      try run([folder])
      let expected = try model.predict(samples.map { [$0.year, Float($0.colour), $0.size] }).joined().map(Double.init)
      for name in ["a.onnx", "a.npz"] {
        expectClose(actual: try folder.result("prediction", of: name), expected: expected, absolute: 1e-6, name)
      }
    }
  }

  private func run(_ folders: [ExportFolder]) throws {
    let result = try PrivatePython.run([Self.script] + folders.map(\.path), in: PrivatePython.repository)
    try #require(result.status == 0, "\(result.output)")
  }
}

private let python = PrivatePython.has("numpy", "safetensors", "onnx", "onnxruntime")
