import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension ONNXGraph {
  /// Adds the nodes of `layer`, which reads the values `inputs`. A value is a row of numbers: what knows channels or
  /// positions has no place among them.
  mutating func append(
    _ layer: InferenceLayer, _ layout: TensorLayout, inputs: [String], into output: String
  ) throws(RunError) {
    let tensors = layer.roles.map { layout.name(of: $0, layer: layer.path) }
    switch layer.operation {
    case .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool: throw ofImages(layer)
    case .batchNorm where layer.shape.positions > 1, .prelu where layer.shape.positions > 1: throw ofImages(layer)
    case .dense:
      append("Gemm", inputs + tensors, into: output, ["transB": .integer(layout.isTransposed(.weight) ? 1 : 0)])
    case .batchNorm(let epsilon):
      append("BatchNormalization", inputs + tensors, into: output, ["epsilon": .number(epsilon)])
    case .flatten: append("Identity", inputs, into: output)
    case .prelu: append("PRelu", inputs + tensors, into: output)
    case .sum: append("Add", inputs, into: output)
    case .function(let function): append(function, of: inputs[0], path: layer.path, into: output)
    }
  }

  private func ofImages(_ layer: InferenceLayer) -> RunError {
    .input("\(layer.path): found a layer of images, which ONNX files are not written of; take .safetensors or .npz")
  }

  /// Adds the nodes of a function's formula.
  ///
  /// The last value has the name `output`, those before it the layer's path and a number.
  private mutating func append(_ function: ActivationFunction, of x: String, path: String, into output: String) {
    var parts = 0
    append(function.formula, of: x, path: path, &parts, into: output)
  }

  /// - Parameter output: the name of its value; nil for one among several.
  /// - Returns: the name of its value.
  @discardableResult
  private mutating func append(
    _ formula: Formula, of x: String, path: String, _ parts: inout Int, into output: String? = nil
  ) -> String {
    func name(_ parts: inout Int) -> String {
      if let output { return output }
      parts += 1
      return "\(path).part\(parts)"
    }
    func two(_ type: String, _ a: Formula, _ b: Formula, _ graph: inout ONNXGraph, _ parts: inout Int) -> String {
      let inputs = [
        graph.append(a, of: x, path: path, &parts), graph.append(b, of: x, path: path, &parts),
      ]
      return graph.append(type, inputs, into: name(&parts))
    }
    switch formula {
    case .x: return x
    case .number(let number): return scalar(number)
    case .sum(let a, let b): return two("Add", a, b, &self, &parts)
    case .product(let a, let b): return two("Mul", a, b, &self, &parts)
    case .minimum(let a, let b): return two("Min", a, b, &self, &parts)
    case .maximum(let a, let b): return two("Max", a, b, &self, &parts)
    case .apply(let operation, let argument):
      let input = append(argument, of: x, path: path, &parts)
      return append(operation.onnx, [input], into: name(&parts), operation.attributes)
    }
  }
}

extension Formula.Operation {
  /// ONNX's name of it.
  fileprivate var onnx: String {
    switch self {
    case .sigmoid: "Sigmoid"
    case .tanh: "Tanh"
    case .relu: "Relu"
    case .leakyReLU: "LeakyRelu"
    case .elu: "Elu"
    case .selu: "Selu"
    case .softplus: "Softplus"
    case .softsign: "Softsign"
    case .erf: "Erf"
    }
  }

  fileprivate var attributes: KeyValuePairs<String, ONNXGraph.Attribute> {
    switch self {
    case .leakyReLU(let slope): ["alpha": .number(slope)]
    case .elu(let alpha): ["alpha": .number(alpha)]
    case .selu: ["alpha": .number(1.6732632423543772), "gamma": .number(1.0507009873554805)]
    case .sigmoid, .tanh, .relu, .softplus, .softsign, .erf: [:]
    }
  }
}
