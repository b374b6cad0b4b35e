import Foundation
import Lockstep
import TestSupport
import Testing

/// A run that starts from given weights has them, bit for bit, and says what does not fit.
@Suite struct InitialWeightsTests {
  /// 2 features, 3 units, one output, the weights from `file`.
  private static func yaml(_ keys: String) -> String {
    """
    data: {train: {synthetic: {kind: teacher, samples: 64, features: 2, targets: 1}}}
    model: {layers: [{dense: {units: 3, bias: true}}, batch_norm, prelu, {dense: {units: 1, bias: false}}], \(keys)}
    loss: mean_squared_error
    optimizer: sgd
    training: {batch_size: 32, shards: 2, threads: 1, steps: 4}
    checkpoint: {every: {steps: 2}}
    """
  }

  /// A file as PyTorch might have saved it, under names of its own.
  private static func theirs() -> WeightsForgery {
    var file = WeightsForgery()
    file.add("fc.weight", "F64", [3, 2], [1, 2, 3, 4, 5, -0.5].map { (value: Double) in value.bitPattern })
    // 1.5, −2, 0.25: Swift has no Float16 on Intel's Macs.
    file.add("fc.bias", "F16", [3], [0x3E00, 0xC000, 0x3400] as [UInt16])
    file.add("norm.weight", "BF16", [3], [1, 2, -3].map { (value: Float) in UInt16(value.bitPattern >> 16) })
    file.add("norm.bias", [3], [7, 8, 9])
    file.add("norm.running_mean", [3], [0.1, 0.2, 0.3])
    file.add("norm.running_var", [3], [4, 5, 6])
    file.add("norm.num_batches_tracked", "I64", [], [17])
    file.add("act.weight", [3], [0.1, 0.2, 0.3])
    file.add("decoder.bias", [100], [Float](repeating: 1, count: 100))
    return file
  }

  private static let map =
    "map: {fc.weight: dense0.weight, fc.bias: dense0.bias, norm.weight: batch_norm0.gamma, norm.bias: batch_norm0.beta, "
    + "norm.running_mean: batch_norm0.running_mean, norm.running_var: batch_norm0.running_variance, act.weight: prelu0.slope, decoder.bias: null}"

  private func start(_ keys: String, in folder: String) throws -> TrainingRun {
    let path = "\(folder)/config.yaml"
    try Data(Self.yaml(keys).utf8).write(to: URL(filePath: path))
    return try TrainingRun.start(RunConfiguration(file: path), output: "\(folder)/run")
  }

  private func values(_ run: TrainingRun) -> [String: [Float]] {
    Dictionary(run.trainer.tensors.map { ($0.name, $0.values.array) }) { first, _ in first }
  }

  /// Types are converted, matrices turned round, names mapped; what may be missing starts as ever. The path is relative
  /// to the configuration.
  @Test func namesOfOtherPeople() throws {
    try withTemporaryFolder { folder in
      try Self.theirs().write(to: "\(folder)/theirs.safetensors")
      let run = try start("weights: theirs.safetensors, layout: torch, \(Self.map), missing: [dense1]", in: folder)
      let found = values(run)
      #expect(found["model.dense0.weight"] == [1, 3, 5, 2, 4, -0.5])
      #expect(found["model.dense0.bias"] == [1.5, -2, 0.25])
      #expect(found["model.batch_norm0.gamma"] == [1, 2, -3])
      #expect(found["model.batch_norm0.beta"] == [7, 8, 9])
      #expect(found["model.batch_norm0.running_mean"] == [0.1, 0.2, 0.3])
      #expect(found["model.batch_norm0.running_variance"] == [4, 5, 6])
      #expect(found["model.prelu0.slope"] == [0.1, 0.2, 0.3])
      let plain = try TrainingRun.start(RunConfiguration(yaml: Self.yaml("")), output: "\(folder)/plain")
      #expect(found["model.dense1.weight"] == values(plain)["model.dense1.weight"])
      #expect(found["model.dense1.weight"] != [0, 0, 0])
    }
  }

  /// Beside Keras's names those of checkpoints do, which exports of earlier versions have; and either may stand for one
  /// tensor alone.
  @Test func namesOfCheckpoints() throws {
    let shapes: [(name: String, keras: String, shape: [Int])] = [
      ("dense0.weight", "dense0.kernel", [2, 3]), ("dense0.bias", "dense0.bias", [3]),
      ("batch_norm0.gamma", "batch_norm0.gamma", [3]), ("batch_norm0.beta", "batch_norm0.beta", [3]),
      ("batch_norm0.running_mean", "batch_norm0.moving_mean", [3]),
      ("batch_norm0.running_variance", "batch_norm0.moving_variance", [3]), ("prelu0.slope", "prelu0.alpha", [3]),
      ("dense1.weight", "dense1.kernel", [3, 1]),
    ]
    for takesKeras in [{ (_: Int) in true }, { (_: Int) in false }, { (index: Int) in index % 2 == 0 }] {
      try withTemporaryFolder { folder in
        var (file, expected) = (WeightsForgery(), [String: [Float]]())
        for (index, tensor) in shapes.enumerated() {
          let values = (0..<tensor.shape.reduce(1, *)).map { Float(10 * index + $0 + 1) }
          file.add(takesKeras(index) ? tensor.keras : tensor.name, tensor.shape, values)
          expected["model.\(tensor.name)"] = values
        }
        try file.write(to: "\(folder)/w.safetensors")
        let found = values(try start("weights: w.safetensors", in: folder))
        for (name, values) in expected { #expect(found[name] == values, "\(name)") }
        file.add("dense0.kernel", [2, 3], [1, 2, 3, 4, 5, 6])
        file.add("dense0.weight", [2, 3], [1, 2, 3, 4, 5, 6])
        try? file.write(to: "\(folder)/w.safetensors")
        #expect(throws: RunError.self) { try start("weights: w.safetensors", in: folder) }
      }
    }
  }

  /// What is exported comes back, whatever the layout, without a map; what was done to the features is left aside.
  @Test(arguments: TensorLayout.allCases, [ExportCase.everyLayer, .everyImageLayer])
  func exportedModels(layout: TensorLayout, trial: ExportCase) throws {
    try withTemporaryFolder { folder in
      let model = try trial.train(in: "\(folder)/first")
      let path = "\(folder)/model.safetensors"
      let features = model.configuration.model.features
      let standardization = TrainedModel.Standardization(
        mean: [Double](repeating: 2, count: features), deviation: [Double](repeating: 3, count: features))
      try model.export(to: path, layout: layout, standardization: standardization)
      var configuration = model.configuration
      configuration.weights = InitialWeights(path: path, layout: layout)
      let run = try TrainingRun.start(configuration, output: "\(folder)/second")
      let found = values(run)
      #expect(model.tensors.count > 40)
      for tensor in model.tensors { expectSameBits(found[tensor.name] ?? [], tensor.values.array, tensor.name) }
    }
  }

  /// Axes of kernels, and behind them the numbers of a flattened image, as PyTorch has them: every element says where
  /// it belongs, row, column and channel a digit each.
  @Test func axesOfPyTorch() throws {
    try withTemporaryFolder { folder in
      var trial = ExportCase(
        name: "axes",
        layers: Model(input: .image(height: 3, width: 3, channels: 2)) {
          Conv2D(3, kernel: Extent(1, 2), bias: false)
          DepthwiseConv2D(kernel: Extent(2, 1), bias: false)
          Flatten()
          PReLU()
          Dense(2, bias: false)
        }.layers, loss: .meanSquaredError, input: .image(height: 3, width: 3, channels: 2), outputs: 2)
      trial.isStandardized = true
      var configuration = try trial.train(in: "\(folder)/first").configuration
      var file = WeightsForgery()
      /// Numbers of axes in the order of the file; `digits` says which digit is whose.
      func numbers(_ sizes: [Int], _ digits: [Float]) -> [Float] {
        zip(sizes, digits).reduce([0]) { sums, axis in
          sums.flatMap { sum in (0..<axis.0).map { sum + Float($0) * axis.1 } }
        }
      }
      file.add("conv2d0.weight", [3, 2, 1, 2], numbers([3, 2, 1, 2], [1, 10, 1000, 100]))
      file.add("depthwise_conv2d0.weight", [3, 1, 2, 1], numbers([3, 1, 2, 1], [1, 0, 100, 10]))
      file.add("prelu0.weight", [12], numbers([3, 2, 2], [1, 100, 10]))
      file.add("dense0.weight", [2, 12], numbers([2, 3, 2, 2], [1, 10, 1000, 100]))
      try file.write(to: "\(folder)/w.safetensors")
      configuration.weights = InitialWeights(path: "\(folder)/w.safetensors", layout: .torch)
      let found = values(try TrainingRun.start(configuration, output: "\(folder)/second"))
      #expect(found["model.conv2d0.weight"] == numbers([1, 2, 2, 3], [1000, 100, 10, 1]))
      #expect(found["model.depthwise_conv2d0.weight"] == numbers([2, 1, 3], [100, 10, 1]))
      #expect(found["model.prelu0.slope"] == numbers([2, 2, 3], [100, 10, 1]))
      #expect(found["model.dense0.weight"] == numbers([2, 2, 3, 2], [1000, 100, 10, 1]))
    }
  }

  /// Beside Keras's shapes those of checkpoints, where there are fewer axes.
  @Test func shapesOfCheckpoints() throws {
    try withTemporaryFolder { folder in
      let trial = ExportCase.everyImageLayer
      let model = try trial.train(in: "\(folder)/first")
      var file = WeightsForgery()
      let entries = model.network.parameters.entries + model.network.runningStatistics.entries
      for (entry, tensor) in zip(entries, model.tensors) {
        file.add(entry.name, entry.shape.dimensions, tensor.values.array)
      }
      try file.write(to: "\(folder)/w.safetensors")
      var configuration = model.configuration
      configuration.weights = InitialWeights(path: "\(folder)/w.safetensors")
      let found = values(try TrainingRun.start(configuration, output: "\(folder)/second"))
      for tensor in model.tensors { expectSameBits(found[tensor.name] ?? [], tensor.values.array, tensor.name) }
      configuration.weights = InitialWeights(path: "\(folder)/w.safetensors", layout: .torch)
      let message = try message { _ = try TrainingRun.start(configuration, output: "\(folder)/third") }
      #expect(
        message.contains("\"conv2d0.weight\" has shape [3, 3, 3, 6], and conv2d0.weight needs [6, 3, 3, 3]"),
        "\(message)")
    }
  }

  /// The file counts at the start alone; after that the checkpoint holds what came of it.
  @Test func runsGoOnWithoutTheFile() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/theirs.safetensors"
      let keys = "weights: theirs.safetensors, layout: torch, \(Self.map), missing: [dense1]"
      try Self.theirs().write(to: path)
      let whole = try start(keys, in: folder).train()
      let configuration = try RunConfiguration(file: "\(folder)/config.yaml")
      #expect(configuration.weights?.path == path)
      _ = try TrainingRun.start(configuration, output: "\(folder)/parts", upTo: 2).train()
      try FileManager.default.removeItem(atPath: path)
      let rest = try TrainingRun.resume("\(folder)/parts").train()
      #expect(rest.json["weights_digest"] == whole.json["weights_digest"])
      let digest = try CheckpointFile.read(rest.json["checkpoint"]?.string ?? "").metadata["initial_weights_digest"]
      #expect(digest?.count == 64)
      // What decides which numbers go where may not change.
      #expect(throws: RunError.self) {
        try TrainingRun.resume("\(folder)/parts", overrides: [ConfigurationOverride("model.missing=[dense1, prelu0]")])
      }
      // A run that begins needs it.
      #expect(throws: RunError.self) { try TrainingRun.start(configuration, output: "\(folder)/other") }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    }
  }

  @Test(arguments: [
    ("", ["tensor \"fc.weight\" of shape [3, 2] is not part of the model; map it, or map it to null", "and "]),
    ("\(map)", ["dense1.weight is missing: there is no tensor \"dense1.weight\"", "missing: [dense1.weight]"]),
    ("\(map), missing: [dense2]", ["missing speaks of dense2, and the model has no such tensor or layer"]),
    (
      map.replacing("prelu0.slope", with: "prelu0.slop") + ", missing: [dense1]",
      [
        "map speaks of prelu0.slop, and the model has no such tensor (did you mean prelu0.slope?)",
        "prelu0.slope is missing",
      ]
    ),
    (
      map.replacing("act.weight:", with: "act.weights:") + ", missing: [dense1]",
      ["map speaks of \"act.weights\", and there is no such tensor", "\"act.weight\" of shape [3] is not part"]
    ),
    (
      map.replacing("fc.bias: dense0.bias", with: "fc.bias: dense1.weight"),
      ["tensor \"fc.bias\" has shape [3], and dense1.weight needs [1, 3]", "dense0.bias is missing"]
    ),
    (
      map.replacing("norm.bias: batch_norm0.beta", with: "norm.bias: dense0.bias") + ", missing: [dense1, batch_norm0]",
      ["tensors \"fc.bias\" and \"norm.bias\" are both dense0.bias"]
    ),
  ])
  func whatDoesNotFitIsNamed(keys: String, words: [String]) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/theirs.safetensors"
      try Self.theirs().write(to: path)
      let all = "weights: theirs.safetensors, layout: torch" + (keys.isEmpty ? "" : ", \(keys)")
      let message = try message { _ = try start(all, in: folder) }
      #expect(message.hasPrefix("\(path): cannot start from these weights: "))
      for word in words { #expect(message.contains(word), "no \(word) in: \(message)") }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run"))
      // `lockstep check` says the same.
      let configuration = try RunConfiguration(file: "\(folder)/config.yaml")
      #expect(try self.message { _ = try RunEstimate(configuration) } == message)
    }
  }

  @Test func damagedFiles() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/theirs.safetensors"
      let keys = "weights: theirs.safetensors, layout: torch, \(Self.map), missing: [dense1]"
      #expect(try message { _ = try start(keys, in: folder) }.contains("no such file or directory"))
      for (magic, words) in [
        ("PK\u{3}\u{4}", "found a zip archive, as .npz"), ("\u{28}", "its safetensors header has"),
      ] {
        try Data(magic.utf8 + [UInt8](repeating: 0xFF, count: 40)).write(to: URL(filePath: path))
        #expect(try message { _ = try start(keys, in: folder) }.contains(words))
      }
      try Data([0x28, 0xB5, 0x2F, 0xFD] + [UInt8](repeating: 0, count: 40)).write(to: URL(filePath: path))
      #expect(try message { _ = try start(keys, in: folder) }.contains("lockstep export CHECKPOINT --to"))
      try Data("{}".utf8).write(to: URL(filePath: path))
      #expect(try message { _ = try start(keys, in: folder) }.contains("it ends within its header or its tensors"))
      var file = Self.theirs()
      file.tensors[3].bytes = [0, 0, 0, 0, 0, 0, 0xC0, 0x7F, 0, 0, 0, 0]
      try file.write(to: path)
      #expect(try message { _ = try start(keys, in: folder) }.contains("tensor \"norm.bias\" holds nan at element 1"))
      try Self.theirs().write(to: path)
      let bytes = try Data(contentsOf: URL(filePath: path))
      try bytes.dropLast().write(to: URL(filePath: path))
      #expect(try message { _ = try start(keys, in: folder) }.contains("bytes follow its safetensors header"))
      file = Self.theirs()
      file.tensors[7].type = "I32"
      try file.write(to: path)
      #expect(
        try message { _ = try start(keys, in: folder) }.contains("has elements I32, expected F32, F64, F16 or BF16"))
    }
  }

  private func message(_ body: () throws -> Void) throws -> String {
    do {
      try body()
      return ""
    } catch let error as RunError {
      return "\(error)"
    }
  }
}
