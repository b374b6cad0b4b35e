/// A function of one number in operations that every tool has: what stands for it in an exported graph.
package indirect enum Formula: Sendable, Equatable {
  /// The number itself.
  case x
  case number(Float)
  case sum(Formula, Formula)
  case product(Formula, Formula)
  case minimum(Formula, Formula)
  case maximum(Formula, Formula)
  case apply(Operation, Formula)

  /// What tools have a word for.
  package enum Operation: Sendable, Equatable {
    case sigmoid
    case tanh
    case relu
    case leakyReLU(negativeSlope: Float)
    case elu(alpha: Float)
    case selu
    case softplus
    case softsign
    /// The error function.
    case erf
  }
}

extension Formula {
  static func + (a: Formula, b: Float) -> Formula { .sum(a, .number(b)) }
  static func * (a: Formula, b: Float) -> Formula { .product(a, .number(b)) }
  static func * (a: Formula, b: Formula) -> Formula { .product(a, b) }
}
