import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

/// A trained network for inference: its layers, and the tensors that they read, as Lockstep holds them.
struct InferenceModel {
  /// A tensor's layer, and what it is to it.
  struct Key: Hashable {
    var layer: String
    var role: ParameterLayout.Role
  }

  struct Tensor: Equatable {
    var shape: TensorShape
    /// Row-major.
    var values: [Float]
  }

  var layers: [InferenceLayer]
  var tensors: [Key: Tensor] = [:]
  let features: Int
  let outputs: Int

  init(_ model: TrainedModel) throws(RunError) {
    let network = model.network
    do throws(ModelError) { layers = try InferenceLayer.layers(of: network.model) } catch {
      throw .input("\(error)")
    }
    features = network.model.features
    outputs = network.outputs
    let entries = network.parameters.entries + network.runningStatistics.entries
    for (entry, record) in zip(entries, model.tensors) {
      tensors[Key(layer: entry.layer, role: entry.role)] = Tensor(shape: entry.shape, values: record.values.array)
    }
  }

  /// The tensor of a layer that has one.
  func tensor(_ role: ParameterLayout.Role, of layer: InferenceLayer) -> Tensor {
    tensors[Key(layer: layer.path, role: role)] ?? Tensor(shape: .vector(0), values: [])
  }
}

/// A tensor as it will stand in a file, with its elements.
struct NamedTensor: Equatable {
  /// Row-major.
  enum Values: Equatable {
    case single([Float])
    case double([Double])
  }

  let info: TensorInfo
  let values: Values

  init(name: String, shape: [Int], values: [Float]) {
    (info, self.values) = (TensorInfo(name, shape: shape, type: .float32), .single(values))
  }

  /// A vector of numbers that float32 would cost digits that count.
  init(name: String, precise values: [Double]) {
    (info, self.values) = (TensorInfo(name, shape: [values.count], type: .float64), .double(values))
  }

  var type: ElementType {
    switch values {
    case .single: .float32
    case .double: .float64
    }
  }

  /// The elements as files hold them, little-endian.
  func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
    switch values {
    case .single(let values): try unsafe body(values.span.bytes)
    case .double(let values): try unsafe body(values.span.bytes)
    }
  }
}

extension InferenceModel {
  /// All tensors, layer by layer, as files of `layout` hold them.
  func namedTensors(_ layout: TensorLayout) -> [NamedTensor] {
    layers.flatMap { layer in
      layer.roles.map { role in
        let tensor = tensor(role, of: layer)
        return NamedTensor(
          name: layout.name(of: role, layer: layer.path), shape: layout.shape(tensor.shape.dimensions, of: role),
          values: layout.isTransposed(role) ? tensor.transposed : tensor.values)
      }
    }
  }
}

extension InferenceModel.Tensor {
  /// The elements of a matrix, column by column.
  fileprivate var transposed: [Float] {
    let (rows, columns) = (shape.rows, shape.columns)
    return (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }
}
