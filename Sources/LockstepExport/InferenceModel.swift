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
  /// What a sample is, and what the last layer gives.
  let (input, output): (Shape, Shape)
  /// Which of its rows are images, flattened or not.
  let images: FlattenedImages

  init(_ model: TrainedModel) throws(RunError) {
    let network = model.network
    do throws(ModelError) {
      layers = try InferenceLayer.layers(of: network.model)
      images = try FlattenedImages(of: network.model)
    } catch {
      throw .input("\(error)")
    }
    (input, output) = (network.model.input, network.output)
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

  /// Numbers that float32 would cost digits that count; a vector of them unless it has another shape.
  init(name: String, shape: [Int]? = nil, precise values: [Double]) {
    (info, self.values) = (TensorInfo(name, shape: shape ?? [values.count], type: .float64), .double(values))
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
    tensors(layout) { layer, role, tensor in layout.arrangement(of: tensor.shape, role, images[layer.path]) }
  }

  /// The same as ONNX's operators read them, which have channels first and kernels as PyTorch has them; rows of
  /// flattened images are in the order of Lockstep.
  func graphTensors(_ layout: TensorLayout) -> [NamedTensor] {
    tensors(layout) { layer, role, tensor in
      switch tensor.shape {
      case .filters, .depthwise: TensorLayout.torch.arrangement(of: tensor.shape, role, .init())
      case .vector(let count) where role == .slope && images[layer.path].areImages:
        TensorArrangement([count, 1, 1])
      case .matrix, .vector: layout.arrangement(of: tensor.shape, role, .init())
      }
    }
  }

  private func tensors(
    _ layout: TensorLayout,
    _ arrangement: (InferenceLayer, ParameterLayout.Role, Tensor) -> TensorArrangement
  ) -> [NamedTensor] {
    layers.flatMap { layer in
      layer.roles.map { role in
        let tensor = tensor(role, of: layer)
        let arrangement = arrangement(layer, role, tensor)
        return NamedTensor(
          name: layout.name(of: role, layer: layer.path), shape: arrangement.shape,
          values: arrangement.arranged(tensor.values))
      }
    }
  }
}
