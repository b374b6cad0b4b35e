import LockstepKernels
import TestSupport
import Testing

/// Kernels against PyTorch's float64 values in `activations.json`.
@Suite struct ActivationGoldenTests {
  let memory = TestMemory()

  static let functions: [String: ActivationFunction] = [
    "sigmoid": .sigmoid, "tanh": .tanh, "relu": .relu, "leaky_relu(0.01)": .leakyReLU(negativeSlope: 0.01),
    "leaky_relu(0.2)": .leakyReLU(negativeSlope: 0.2), "leaky_relu(0.3)": .leakyReLU(negativeSlope: 0.3),
    "rrelu_inference(1/8,1/3)": .leakyReLU(negativeSlope: (1 / 8 + 1 / 3) / 2), "elu(1.0)": .elu(alpha: 1),
    "elu(0.5)": .elu(alpha: 0.5), "selu": .selu, "softplus": .softplus, "softsign": .softsign, "gelu": .gelu,
    "gelu_tanh": .geluTanh, "silu": .silu, "mish": .mish,
  ]

  @Test func everyFunctionOfTheFileIsTested() throws {
    let golden = try Golden.load("activations.json").functions.members.keys
    #expect(Set(golden) == Set(Self.functions.keys).union(["prelu(0.25)"]))
  }

  @Test(arguments: functions.keys.sorted()) func valueAndDerivative(_ name: String) throws {
    let golden = try Golden.load("activations.json")
    let function = try #require(Self.functions[name])
    let x = memory.vector(try golden.x.floats())
    let y = memory.vector(count: x.count)
    function.forward(x, into: y)
    expectClose(actual: y.array, expected: try golden.functions[name].y.numbers(), name)
    let dx = memory.vector(count: x.count, filledWith: 1)
    function.backward(x: x, y: y, dy: dx, into: dx)
    expectClose(actual: dx.array, expected: try golden.functions[name].dy_dx.numbers(), name + "′")
  }

  @Test func parametricReLU() throws {
    let golden = try Golden.load("activations.json")
    let values = try golden.x.floats()
    let x = memory.matrix(values, rows: values.count, columns: 1)
    let slope = memory.vector([0.25])
    let y = memory.matrix(rows: values.count, columns: 1)
    LockstepKernels.parametricReLU(x, slope: slope, into: y)
    expectClose(actual: y.array, expected: try golden.functions["prelu(0.25)"].y.numbers(), "prelu")
    let dx = memory.matrix(rows: values.count, columns: 1, filledWith: 1)
    parametricReLUBackward(x: x, slope: slope, dy: dx, into: dx)
    expectClose(actual: dx.array, expected: try golden.functions["prelu(0.25)"].dy_dx.numbers(), "prelu′")
  }

  @Test(arguments: functions.keys.sorted()) func reference(_ name: String) throws {
    let golden = try Golden.load("activations.json")
    let function = try #require(Self.functions[name])
    let x = try golden.x.numbers()
    // The parameters are float32 where PyTorch's are not.
    expectClose(
      actual: x.map { Reference.value(of: function, at: $0) }, expected: try golden.functions[name].y.numbers(),
      absolute: 1e-12, relative: 1e-7, name)
    expectClose(
      actual: x.map { Reference.derivative(of: function, at: $0) },
      expected: try golden.functions[name].dy_dx.numbers(),
      absolute: 1e-12, relative: 1e-7, name + "′")
  }
}
