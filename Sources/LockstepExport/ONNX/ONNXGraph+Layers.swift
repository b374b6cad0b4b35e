import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension ONNXGraph {
  /// Adds the nodes of `layer`, which reads the values `inputs`, the first of them of the shape `shape`. Images have
  /// their channels first.
  mutating func append(
    _ layer: InferenceLayer, _ layout: TensorLayout, inputs: [String], of shape: Shape, into output: String
  ) {
    let operands = inputs + layer.roles.map { layout.name(of: $0, layer: layer.path) }
    switch layer.operation {
    case .dense: append("Gemm", operands, into: output, ["transB": .integer(layout == .torch ? 1 : 0)])
    case .convolution(let window, _): append("Conv", operands, into: output, window.attributes(groups: 1))
    case .depthwiseConvolution(let window, _):
      append("Conv", operands, into: output, window.attributes(groups: window.channels))
    case .maxPool(let window): append("MaxPool", operands, into: output, window.attributes())
    case .averagePool(let window): append("AveragePool", operands, into: output, window.attributes())
    case .globalAveragePool:
      let mean = append("GlobalAveragePool", operands, into: "\(layer.path).mean")
      append("Flatten", [mean], into: output, ["axis": .integer(1)])
    case .flatten: flatten(inputs[0], of: shape, path: layer.path, into: output)
    case .batchNorm(let epsilon):
      append("BatchNormalization", operands, into: output, ["epsilon": .number(epsilon)])
    case .prelu: append("PRelu", operands, into: output)
    case .sum: append("Add", operands, into: output)
    case .custom(let name): preconditionFailure("\(name) has no formula, for which export asks first")
    case .function(let function): append(function, of: inputs[0], path: layer.path, into: output)
    }
  }

  /// Adds the nodes that make a row of numbers of an image, in the order of (row, column, channel).
  private mutating func flatten(_ value: String, of shape: Shape, path: String, into output: String) {
    var value = value
    if shape.positions > 1, shape.channels > 1 {
      value = append("Transpose", [value], into: "\(path).channels_last", ["perm": .integers([0, 2, 3, 1])])
    }
    append("Flatten", [value], into: output, ["axis": .integer(1)])
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

extension ConvolutionShape {
  /// Where a window stands, as ONNX says it. What is outside an image counts for nothing in pooling, which is ONNX's
  /// standard.
  ///
  /// - Parameter groups: of channels that are convolved apart from each other; nil for pooling.
  fileprivate func attributes(groups: Int? = nil) -> [String: ONNXGraph.Attribute] {
    func behind(_ pixels: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ count: Int) -> Int {
      max(0, (count - 1) * stride + (kernel - 1) * dilation + 1 - before - pixels)
    }
    let below = behind(
      image.height, kernel.height, stride.height, dilation.height, padding.height, self.output.height)
    let right = behind(image.width, kernel.width, stride.width, dilation.width, padding.width, self.output.width)
    var attributes: [String: ONNXGraph.Attribute] = [
      "kernel_shape": .integers([kernel.height, kernel.width]),
      "pads": .integers([padding.height, padding.width, below, right]),
      "strides": .integers([stride.height, stride.width]),
    ]
    if let groups {
      attributes["dilations"] = .integers([dilation.height, dilation.width])
      attributes["group"] = .integer(groups)
    }
    return attributes
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

  fileprivate var attributes: [String: ONNXGraph.Attribute] {
    switch self {
    case .leakyReLU(let slope): ["alpha": .number(slope)]
    case .elu(let alpha): ["alpha": .number(alpha)]
    case .selu: ["alpha": .number(1.6732632423543772), "gamma": .number(1.0507009873554805)]
    case .sigmoid, .tanh, .relu, .softplus, .softsign, .erf: [:]
    }
  }
}
