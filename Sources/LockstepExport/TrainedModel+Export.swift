import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What `TrainedModel.export` has written.
public struct ExportReceipt: Sendable, Equatable {
  /// Of the file, as it was given.
  public let path: String
  /// By the ending of `path`.
  public let format: ExportFormat
  /// How tensors are called and lie in the file.
  public let layout: TensorLayout
  /// How many tensors the file holds, those of a standardization included.
  public let tensors: Int
  /// How many numbers these tensors have together.
  public let numbers: Int
  /// BatchNorm layers of the model, and how many of them went into the dense layers and convolutions before them.
  public let batchNorms: (found: Int, folded: Int)

  public static func == (a: ExportReceipt, b: ExportReceipt) -> Bool {
    (a.path, a.format, a.layout, a.tensors, a.numbers) == (b.path, b.format, b.layout, b.tensors, b.numbers)
      && a.batchNorms == b.batchNorms
  }
}

extension TrainedModel {
  /// Writes the model for other tools: its tensors, and in ONNX the graph that computes with them.
  ///
  /// ```swift
  /// try TrainedModel(checkpoint: path).export(to: "model.onnx", foldingBatchNorm: true, probabilities: true)
  /// ```
  /// What a model does in inference is all there: repetitions unrolled, RReLU with its mean slope, dropout left out. An
  /// ONNX graph has the input `features` [batch, features], of images [batch, height, width, channels], and the output
  /// `output` [batch, units]: logits of classes or labels, targets of a regression in the units of the files.
  /// `features` are float64 where float32 would cost them digits that count (`Preprocessing.needsPreciseInputs`). What
  /// inputs and outputs are called stands in the metadata `preprocessing`, as in a checkpoint.
  ///
  /// - Parameters:
  ///   - path: ends in `.safetensors`, `.onnx` or `.npz`, which says the format.
  ///   - layout: how tensors are called and lie.
  ///   - foldingBatchNorm: whether a BatchNorm directly behind a dense layer or a convolution becomes part of it;
  ///     outputs stay the same but for rounding.
  ///   - probabilities: whether an ONNX graph has a second output, `probabilities` [batch, units]: softmax of the
  ///     first, or sigmoid, a label each.
  ///   - standardization: of the features; nil for that of the model's training data, if there was one. It becomes part
  ///     of an ONNX graph; other files hold its `standardization.mean` and `standardization.deviation`.
  ///   - overwriting: whether a file that stands there may go.
  /// - Throws: `RunError.input` where the file may not be written or cannot hold what is asked for, such as an
  ///   activation of a program's own in a graph; `RunError.failed`
  ///   where the disk is full.
  @discardableResult
  public func export(
    to path: String, layout: TensorLayout = .keras, foldingBatchNorm: Bool = false, probabilities: Bool = false,
    standardization: Standardization? = nil, overwriting: Bool = false
  ) throws(RunError) -> ExportReceipt {
    let format = try Self.check(path, overwriting: overwriting)
    let activation = probabilities ? try self.probabilities(in: format, path) : nil
    var model = try InferenceModel(self)
    if format == .onnx { try checkFormulas(of: model, path) }
    // A graph flattens images in the order of Lockstep, whatever the layout of its tensors.
    if layout == .torch, format != .onnx, let conflict = model.images.conflict {
      throw .input("\(path): \(conflict); take --layout keras")
    }
    try standardization?.check(features: model.input.count)
    let around = Surroundings(preprocessing, standardization, input: model.input)
    let batchNorms =
      foldingBatchNorm ? withFloatingPointEnvironment { model.foldBatchNorms() } : (model.batchNorms, 0)
    // A graph computes in double precision what tensors alone can only have in them.
    let takesUnits = format != .onnx && withFloatingPointEnvironment { model.takeUnits(around.targets) }
    var tensors = format == .onnx ? model.graphTensors(layout) : model.namedTensors(layout)
    // A graph adds what surrounds its layers.
    let named = tensors
    tensors += around.tensors(format == .onnx ? .keras : layout)
    if !takesUnits { tensors += around.targetTensors(channels: layout == .torch ? model.images.output : 1) }
    var metadata = [
      "layout": layout.rawValue, "step": String(step), "weights_digest": weightsDigest,
      "lockstep_version": LockstepVersion.current, Preprocessing.key: preprocessingText,
    ]
    if takesUnits { metadata[TensorLayout.unitsKey] = TensorLayout.unitsInLastLayer }
    if weights == .averaged { metadata["weights"] = weights.rawValue }
    switch format {
    case .safetensors: try TensorFile.writeSafetensors(tensors, metadata, to: path)
    case .npz:
      try TensorFile.writeNPZ(tensors, text: (ExportedFile.preprocessingMember, preprocessingText), to: path)
    case .onnx:
      let graph = ONNXGraph(model, layout, named, around, probabilities: activation)
      try TensorFile.write(graph.encoded(metadata, path), to: path)
    }
    return ExportReceipt(
      path: path, format: format, layout: layout, tensors: tensors.count,
      numbers: tensors.reduce(0) { $0 + $1.info.count }, batchNorms: batchNorms)
  }

  /// The format of the file `path`, if it may be written.
  private static func check(_ path: String, overwriting: Bool) throws(RunError) -> ExportFormat {
    let format = try ExportFormat(endingOf: path)
    let item: Folder.Item
    do throws(FileError) { item = try Folder.item(at: path) } catch { throw .input("\(error)") }
    switch item {
    case .missing: break
    case .file where overwriting: break
    case .file: throw .input("\(path): there is such a file already. Choose another, or say --overwrite.")
    case .folder, .other: throw .input("\(path): found a folder or a device, expected the path of a file")
    }
    return format
  }

  /// Throws where a layer computes what no formula says.
  private func checkFormulas(of model: InferenceModel, _ path: String) throws(RunError) {
    for layer in model.layers {
      guard case .custom(let name) = layer.operation else { continue }
      throw .input(
        "\(path): layer \(layer.path) is \(name), an activation of a program's own, of which ONNX knows no formula; take .safetensors or .npz, which hold tensors alone"
      )
    }
  }

  /// What makes probabilities of the outputs.
  private func probabilities(in format: ExportFormat, _ path: String) throws(RunError) -> ONNXGraph.Probabilities {
    guard format == .onnx else {
      throw .input(
        "\(path): probabilities are an output of a graph, and .\(format.rawValue) holds tensors alone; take .onnx")
    }
    switch configuration.loss.targets {
    case .classes: return .softmax
    case .labels: return .sigmoid
    case .numbers:
      throw .input(
        "\(path): the model was trained by \(configuration.loss.name), and its outputs are no logits: it has no probabilities"
      )
    }
  }
}

extension InferenceModel {
  fileprivate var batchNorms: Int {
    layers.count { if case .batchNorm = $0.operation { true } else { false } }
  }
}
