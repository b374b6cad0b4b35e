import LockstepKernels
import LockstepModel

/// The readers of a configuration's parts. Each takes a field and gives the typed value, or nil after reporting why
/// not.
package enum Decode {}

extension Decode {
  /// Repetitions are written out when the model is built; more layers than this are a slip of the keyboard.
  static let maximumLayers = 10_000

  static func layers(_ field: Field) -> [Layer]? {
    guard let items = field.list("a list of layers", hint: "each layer on a line of its own, after a dash") else {
      return nil
    }
    if items.isEmpty { field.report(found: "an empty list", expected: "at least one layer") }
    let layers = items.compactMap(layer)
    return layers.count == items.count && !items.isEmpty ? layers : nil
  }

  /// How many layers the list makes when every repetition is written out.
  static func count(_ layers: [Layer]) -> Int {
    layers.reduce(0) { sum, layer in
      let own: Int =
        switch layer {
        case .repeated(let times, let inner):
          // Both factors are bounded, the product is too.
          min(count(inner), maximumLayers + 1) * times
        case .residual(let inner): count(inner)
        default: 1
        }
      return min(sum + own, maximumLayers + 1)
    }
  }

  private static func layer(_ field: Field) -> Layer? { field.named("layer", layerKinds) }

  static var layerKinds: [Kind<Layer>] {
    [
      Kind("dense", main: "units") { .dense(dense(&$0)) },
      Kind("batch_norm") { .batchNorm(batchNorm(&$0)) },
      Kind("dropout", main: "rate") {
        .dropout(Dropout(rate: $0.required("rate", NumberRule.belowOne.text)?.number(.belowOne) ?? 0))
      },
      Kind("alpha_dropout", main: "rate") {
        .alphaDropout(AlphaDropout(rate: $0.required("rate", NumberRule.belowOne.text)?.number(.belowOne) ?? 0))
      },
      Kind("repeat") { fields in
        let times = fields.requiredInteger("times", .times)
        return .repeated(times: times, fields.required("layers", "a list of layers").flatMap(layers) ?? [])
      },
      Kind("residual", reading: residual),
    ]
      + activationKinds.map { kind in
        Kind(kind.name, main: kind.main) { field in kind.read(field).map { .activation($0) } }
      }
  }

  /// A list of layers; also `{layers: […]}`, as `repeat` has it.
  private static func residual(_ field: Field) -> Layer? {
    if case .list = field.node.content { return layers(field).map { .residual($0) } }
    return field.mapping("a list of layers") {
      .residual($0.required("layers", "a list of layers").flatMap(layers) ?? [])
    }
  }

  private static func dense(_ fields: inout Fields) -> Dense {
    var dense = Dense(fields.requiredInteger("units", .size))
    dense.initializer = fields.optional("initializer").flatMap(initializer) ?? dense.initializer
    dense.bias = fields.flag("bias", default: dense.bias)
    if let field = fields.optional("bias_initializer") {
      if !dense.bias { field.report(expected: "no bias_initializer where bias is false") }
      dense.biasInitializer = initializer(field) ?? dense.biasInitializer
    }
    return dense
  }

  private static func batchNorm(_ fields: inout Fields) -> BatchNorm {
    let defaults = BatchNorm()
    return BatchNorm(
      statistics: fields.word("statistics", default: defaults.statistics),
      momentum: fields.number("momentum", .belowOne, default: defaults.momentum),
      epsilon: fields.number("epsilon", .positiveSingle, default: defaults.epsilon))
  }
}

// MARK: Activations

extension Decode {
  package static func activation(_ field: Field) -> Activation? { field.named("activation", activationKinds) }

  private static var activationKinds: [Kind<Activation>] {
    functionKinds.map { kind in
      Kind(kind.name, main: kind.main) { field in kind.read(field).map { .function($0) } }
    } + [
      Kind("rrelu", reading: rrelu),
      Kind("prelu", main: "initial") { fields in
        guard case .prelu(let initial, let slopes) = Activation.prelu else { return .prelu }
        return .prelu(
          initial: fields.number("initial", .finite, default: initial), slopes: fields.word("slopes", default: slopes))
      },
    ]
  }

  /// Activations that are a fixed function of one number: a layer's, or a teacher's.
  static var functionKinds: [Kind<ActivationFunction>] {
    [
      Kind("sigmoid", .sigmoid),
      Kind("tanh", .tanh),
      Kind("relu", .relu),
      Kind("leaky_relu", main: "negative_slope") {
        .leakyReLU(negativeSlope: $0.number("negative_slope", .nonNegative, default: LeakyReLU().negativeSlope))
      },
      Kind("elu", main: "alpha") { .elu(alpha: $0.number("alpha", .positive, default: ELU().alpha)) },
      Kind("selu", .selu),
      Kind("softplus", .softplus),
      Kind("softsign", .softsign),
      Kind("gelu", .gelu),
      Kind("gelu_tanh", .geluTanh),
      Kind("silu", .silu),
      Kind("mish", .mish),
    ]
  }

  private static func rrelu(_ field: Field) -> Activation? {
    field.mapping(Kind<Activation>.braces("rrelu")) { fields in
      let defaults = RReLU()
      let lower = fields.number("lower", .nonNegative, default: defaults.lower)
      let upper = fields.number("upper", .nonNegative, default: defaults.upper)
      if lower > upper {
        field.report(found: "lower \(lower) above upper \(upper)", expected: "lower at most upper")
      }
      return .rrelu(lower: lower, upper: upper)
    }
  }
}
