import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension ONNXGraph {
  /// Adds the nodes of `layer`, which reads the values `inputs`.
  mutating func append(_ layer: InferenceLayer, _ layout: TensorLayout, inputs: [String], into output: String) {
    let tensors = layer.roles.map { layout.name(of: $0, layer: layer.path) }
    switch layer.operation {
    case .dense:
      append("Gemm", inputs + tensors, into: output, ["transB": .integer(layout.isTransposed(.weight) ? 1 : 0)])
    case .batchNorm(let epsilon):
      append("BatchNormalization", inputs + tensors, into: output, ["epsilon": .number(epsilon)])
    case .prelu: append("PRelu", inputs + tensors, into: output)
    case .sum: append("Add", inputs, into: output)
    case .function(let function): append(function, of: inputs[0], path: layer.path, into: output)
    }
  }

  /// Adds the nodes of an activation: one, where ONNX has an operator for it, else those of its formula.
  private mutating func append(_ function: ActivationFunction, of x: String, path: String, into output: String) {
    switch function {
    case .sigmoid: append("Sigmoid", [x], into: output)
    case .tanh: append("Tanh", [x], into: output)
    case .relu: append("Relu", [x], into: output)
    case .leakyReLU(let slope): append("LeakyRelu", [x], into: output, ["alpha": .number(slope)])
    case .elu(let alpha): append("Elu", [x], into: output, ["alpha": .number(alpha)])
    case .selu:
      append("Selu", [x], into: output, ["alpha": .number(1.6732632423543772), "gamma": .number(1.0507009873554805)])
    case .softplus: append("Softplus", [x], into: output)
    case .softsign: append("Softsign", [x], into: output)
    case .gelu: appendGELU(x, path, into: output)
    case .geluTanh: appendGELUTanh(x, path, into: output)
    case .silu:
      let sigmoid = append("Sigmoid", [x], into: "\(path).sigmoid")
      append("Mul", [x, sigmoid], into: output)
    case .mish:
      let softplus = append("Softplus", [x], into: "\(path).softplus")
      let tanh = append("Tanh", [softplus], into: "\(path).tanh")
      append("Mul", [x, tanh], into: output)
    }
  }

  /// x · (1 + erf(x / √2)) / 2
  private mutating func appendGELU(_ x: String, _ path: String, into output: String) {
    let scaled = append("Mul", [x, scalar(Float((0.5).squareRoot()))], into: "\(path).scaled")
    let erf = append("Erf", [scaled], into: "\(path).erf")
    appendHalf(of: x, timesOnePlus: erf, path, into: output)
  }

  /// x · (1 + tanh(√(2/π) · x · (1 + 0.044715 x²))) / 2
  private mutating func appendGELUTanh(_ x: String, _ path: String, into output: String) {
    let square = append("Mul", [x, x], into: "\(path).square")
    let part = append("Mul", [square, scalar(0.044715)], into: "\(path).part")
    let sum = append("Add", [part, scalar(1)], into: "\(path).sum")
    let product = append("Mul", [x, sum], into: "\(path).product")
    let argument = append("Mul", [product, scalar(Float((2 / Double.pi).squareRoot()))], into: "\(path).argument")
    let tanh = append("Tanh", [argument], into: "\(path).tanh")
    appendHalf(of: x, timesOnePlus: tanh, path, into: output)
  }

  /// x / 2 · (1 + factor)
  private mutating func appendHalf(
    of x: String, timesOnePlus factor: String, _ path: String, into output: String
  ) {
    let half = append("Mul", [x, scalar(0.5)], into: "\(path).half")
    let sum = append("Add", [factor, scalar(1)], into: "\(path).one_plus")
    append("Mul", [half, sum], into: output)
  }
}
