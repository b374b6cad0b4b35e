import Foundation
import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining
import SwiftProtobuf

/// A network in ONNX's words: nodes between named values, and initializers, the tensors that they read.
///
/// A layer's value has the layer's path for its name, the first one is `features`, the last `output`.
struct ONNXGraph {
  /// What makes probabilities of logits.
  enum Probabilities {
    case softmax
    case sigmoid
  }

  /// Version 17 of the operators, of 2022: `LayerNormalization` and all before it. What reads it needs ONNX Runtime
  /// 1.12 or newer.
  static let operators: Int64 = 17
  /// The version of the format that came with it.
  static let format: Int64 = 8
  /// Protocol buffers hold less than 2 GiB; what is not numbers takes far less than the rest.
  static let mostBytes = 1 << 31 - 1 << 24

  static let float = Onnx_TensorProto.DataType.float.rawValue
  static let double = Onnx_TensorProto.DataType.double.rawValue

  static let features = "features"
  static let output = "output"
  static let probabilities = "probabilities"

  private var graph = Onnx_GraphProto()
  private var scalars: Set<String> = []

  /// - Parameters:
  ///   - tensors: what the layers read, by the names of `layout`.
  ///   - around: what is done before the layers and after them.
  init(
    _ model: InferenceModel, _ layout: TensorLayout, _ tensors: [NamedTensor], _ around: Surroundings,
    probabilities: Probabilities?
  ) {
    graph.name = "lockstep"
    graph.input = [Self.value(Self.features, model.input, type: around.isPrecise ? Self.double : Self.float)]
    let output = Shape.features(model.output.count)
    graph.output = [Self.value(Self.output, output)]
    for tensor in tensors { add(tensor) }

    var values = [0: (name: prepare(around), shape: model.input)]
    func value(_ number: Int) -> (name: String, shape: Shape) { values[number] ?? (Self.features, model.input) }
    for (index, layer) in model.layers.enumerated() {
      let isLast = index == model.layers.count - 1 && around.targets.isEmpty
      let name = isLast ? Self.output : layer.path
      let inputs = layer.inputs.map { value($0).name }
      append(layer, layout, inputs: inputs, of: value(layer.input).shape, into: name)
      values[layer.output] = (name, layer.shape)
    }
    if !around.targets.isEmpty, let last = model.layers.last {
      restoreUnits(of: last.path, around, into: Self.output)
    }
    switch probabilities {
    case nil: return
    case .softmax: append("Softmax", [Self.output], into: Self.probabilities, ["axis": .integer(-1)])
    case .sigmoid: append("Sigmoid", [Self.output], into: Self.probabilities)
    }
    graph.output.append(Self.value(Self.probabilities, output))
  }

  /// The bytes of a file.
  func encoded(_ metadata: [String: String], _ path: String) throws(RunError) -> [UInt8] {
    let bytes = graph.initializer.reduce(0) { $0 + $1.rawData.count }
    guard bytes <= Self.mostBytes else {
      throw .input(
        "\(path): the model's tensors take \(bytes) bytes, and a file of ONNX holds less than 2 GiB; take .safetensors")
    }
    var model = Onnx_ModelProto()
    model.irVersion = Self.format
    model.producerName = "lockstep"
    model.producerVersion = LockstepVersion.current
    var version = Onnx_OperatorSetIdProto()
    // The empty domain is that of ONNX's own operators.
    version.domain = ""
    version.version = Self.operators
    model.opsetImport = [version]
    model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
      var property = Onnx_StringStringEntryProto()
      (property.key, property.value) = (key, value)
      return property
    }
    model.graph = graph
    do { return try model.serializedBytes() } catch { throw .failed("\(path): cannot be encoded: \(error)") }
  }

  // MARK: Parts of a graph

  /// A parameter of an operator.
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case number(Float)
  }

  /// Adds a node of one output.
  ///
  /// - Returns: the name of its value, `output`.
  @discardableResult
  mutating func append(
    _ type: String, _ inputs: [String], into output: String, _ attributes: [String: Attribute] = [:]
  ) -> String {
    var node = Onnx_NodeProto()
    (node.opType, node.name, node.input, node.output) = (type, output, inputs, [output])
    node.attribute = attributes.sorted { $0.key < $1.key }.map { name, value in
      var attribute = Onnx_AttributeProto()
      attribute.name = name
      switch value {
      case .integer(let integer): (attribute.type, attribute.i) = (.int, Int64(integer))
      case .integers(let integers): (attribute.type, attribute.ints) = (.ints, integers.map(Int64.init))
      case .number(let number): (attribute.type, attribute.f) = (.float, number)
      }
      return attribute
    }
    graph.node.append(node)
    return output
  }

  /// The name of a number that nodes read; it is there once.
  mutating func scalar(_ value: Float) -> String {
    let tensor = NamedTensor(name: "scalar.\(value)", shape: [], values: [value])
    if scalars.insert(tensor.info.name).inserted { add(tensor) }
    return tensor.info.name
  }

  mutating func add(_ tensor: NamedTensor) {
    var initializer = Onnx_TensorProto()
    initializer.name = tensor.info.name
    initializer.dims = tensor.info.shape.map(Int64.init)
    initializer.dataType = Int32(tensor.type == .float64 ? Self.double : Self.float)
    initializer.rawData = tensor.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Data($0) } }
    graph.initializer.append(initializer)
  }

  /// [batch, features] or [batch, height, width, channels], batch whatever it is.
  private static func value(_ name: String, _ shape: Shape, type: Int = float) -> Onnx_ValueInfoProto {
    var batch = Onnx_TensorShapeProto.Dimension()
    batch.dimParam = "batch"
    var value = Onnx_ValueInfoProto()
    value.name = name
    value.type.tensorType.elemType = Int32(type)
    value.type.tensorType.shape.dim =
      [batch]
      + shape.sides.map { size in
        var dimension = Onnx_TensorShapeProto.Dimension()
        dimension.dimValue = Int64(size)
        return dimension
      }
    return value
  }
}
