import Lockstep
import LockstepKernels

extension Layer {
  /// As `numpy_model.py` reads it.
  var json: JSONValue {
    switch self {
    case .dense: ["kind": "dense"]
    case .batchNorm(let norm): ["kind": "batch_norm", "epsilon": .number(Double(norm.epsilon))]
    case .activation(.rrelu(let lower, let upper)):
      ["kind": "rrelu", "slope": .number((Double(lower) + Double(upper)) / 2)]
    case .activation(.function(let function)): ["kind": .string(function.name), "formula": function.formula.json]
    case .activation(.prelu): ["kind": "prelu"]
    case .activation(.custom(let named)): ["kind": .string(named.name)]
    case .dropout: ["kind": "dropout"]
    case .alphaDropout: ["kind": "alpha_dropout"]
    case .repeated(let times, let layers):
      ["kind": "repeat", "times": .integer(times), "layers": .array(layers.map(\.json))]
    case .residual(let layers, let projection):
      ["kind": "residual", "layers": .array(layers.map(\.json)), "projection": .array(projection.map(\.json))]
    case .convolution(let one):
      ["kind": "conv2d", "stride": one.stride.json, "padding": one.padding.json, "dilation": one.dilation.json]
    case .depthwiseConvolution(let one):
      [
        "kind": "depthwise_conv2d", "stride": one.stride.json, "padding": one.padding.json,
        "dilation": one.dilation.json,
      ]
    case .maxPool(let pool):
      [
        "kind": "max_pool", "size": pool.size.json, "stride": (pool.stride ?? pool.size).json,
        "padding": pool.padding.json,
      ]
    case .averagePool(let pool):
      [
        "kind": "average_pool", "size": pool.size.json, "stride": (pool.stride ?? pool.size).json,
        "padding": pool.padding.json,
      ]
    case .globalAveragePool, .flatten, .spatialDropout: ["kind": .string(declared.name)]
    }
  }
}

extension Extent {
  fileprivate var json: JSONValue { [.integer(height), .integer(width)] }
}

extension Padding {
  fileprivate var json: JSONValue { .string(rawValue) }
}

extension Formula {
  /// As `numpy_model.py` reads it: `x`, a number, or an operation before its arguments.
  fileprivate var json: JSONValue {
    switch self {
    case .x: "x"
    case .number(let number): .number(Double(number))
    case .sum(let a, let b): ["sum", a.json, b.json]
    case .product(let a, let b): ["product", a.json, b.json]
    case .minimum(let a, let b): ["minimum", a.json, b.json]
    case .maximum(let a, let b): ["maximum", a.json, b.json]
    case .apply(.leakyReLU(let slope), let a): ["leaky_relu", a.json, .number(Double(slope))]
    case .apply(.elu(let alpha), let a): ["elu", a.json, .number(Double(alpha))]
    case .apply(.sigmoid, let a): ["sigmoid", a.json]
    case .apply(.tanh, let a): ["tanh", a.json]
    case .apply(.relu, let a): ["relu", a.json]
    case .apply(.selu, let a): ["selu", a.json]
    case .apply(.softplus, let a): ["softplus", a.json]
    case .apply(.softsign, let a): ["softsign", a.json]
    case .apply(.erf, let a): ["erf", a.json]
    }
  }
}
