import Libc

/// Activations of one number. Each formula's source stands beside its case of `ActivationFunction`.
extension Reference {
  /// 1 / (1 + e⁻ˣ)
  package static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|)
  package static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// The density of the normal distribution, φ(x) = e^(−x²/2) / √(2π)
  package static func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// The normal distribution function, Φ(x) = erfc(−x / √2) / 2
  package static func normalDistribution(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  /// f(x)
  package static func value(of function: ActivationFunction, at x: Double) -> Double {
    switch function {
    case .sigmoid: sigmoid(x)
    case .tanh: tanh(x)
    case .relu: x > 0 ? x : 0
    case .leakyReLU(let negativeSlope): x > 0 ? x : Double(negativeSlope) * x
    case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
    case .selu: x > 0 ? seluLambda * x : seluLambda * seluAlpha * expm1(x)
    case .softplus: softplus(x)
    case .softsign: x / (1 + abs(x))
    case .gelu: x * normalDistribution(x)
    case .geluTanh: x / 2 * (1 + tanh(geluArgument(x)))
    case .silu: x * sigmoid(x)
    case .mish: x * tanh(softplus(x))
    }
  }

  /// f′(x); at 0 it is the derivative of the negative branch.
  package static func derivative(of function: ActivationFunction, at x: Double) -> Double {
    switch function {
    case .sigmoid:
      // σ′ = σ(x) σ(−x), which does not cancel where σ is near 1.
      return sigmoid(x) * sigmoid(-x)
    case .tanh:
      let hyperbolicCosine = cosh(x)
      return 1 / (hyperbolicCosine * hyperbolicCosine)
    case .relu: return x > 0 ? 1 : 0
    case .leakyReLU(let negativeSlope): return x > 0 ? 1 : Double(negativeSlope)
    case .elu(let alpha): return x > 0 ? 1 : Double(alpha) * exp(x)
    case .selu: return x > 0 ? seluLambda : seluLambda * seluAlpha * exp(x)
    case .softplus: return sigmoid(x)
    case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case .gelu: return normalDistribution(x) + x * normalDensity(x)
    case .geluTanh:
      let t = tanh(geluArgument(x))
      let argumentSlope = (2 / Double.pi).squareRoot() * (1 + 3 * geluCube * x * x)
      return (1 + t) / 2 + x / 2 * (1 - t * t) * argumentSlope
    case .silu: return sigmoid(x) * (1 + x * sigmoid(-x))
    case .mish:
      // d/dx tanh(softplus(x)) = (1 − tanh²) σ(x), as softplus′ = σ.
      let t = tanh(softplus(x))
      return t + x * (1 - t * t) * sigmoid(x)
    }
  }

  /// SELU's constants, the fixed point of mean 0 and variance 1 — Klambauer et al. 2017, appendix A.1
  package static let seluAlpha = 1.6732632423543772
  package static let seluLambda = 1.0507009873554805

  private static let geluCube = 0.044715

  private static func geluArgument(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + geluCube * x * x * x)
  }
}

/// Rectifiers whose slope is learned or drawn.
extension Reference {
  /// PReLU: y = x > 0 ? x : slope · x. `slope` has one value a column, or one for all — He et al. 2015.
  package static func parametricReLU(_ x: [Double], slope: [Double], columns: Int) -> [Double] {
    x.indices.map { x[$0] > 0 ? x[$0] : slope[slope.count == 1 ? 0 : $0 % columns] * x[$0] }
  }

  /// The gradients of `parametricReLU`: dx = dy · (x > 0 ? 1 : slope), and Σ dy · min(x, 0) over what shares a slope.
  package static func parametricReLUBackward(
    _ x: [Double], slope: [Double], dy: [Double], columns: Int
  ) -> (dx: [Double], slope: [Double]) {
    var dx = dy
    var dSlope = [Double](repeating: 0, count: slope.count)
    for index in x.indices where !(x[index] > 0) {
      let owner = slope.count == 1 ? 0 : index % columns
      dx[index] = dy[index] * slope[owner]
      dSlope[owner] += dy[index] * x[index]
    }
    return (dx, dSlope)
  }

  /// RReLU in training with the factors given: y = x > 0 ? x : factor · x, and the slope of y — Xu et al. 2015.
  package static func randomizedReLU(_ x: [Double], factors: [Double]) -> (y: [Double], slope: [Double]) {
    let slope = x.indices.map { x[$0] > 0 ? 1 : factors[$0] }
    return (x.indices.map { slope[$0] * x[$0] }, slope)
  }

  /// Dropout with the draws given: a unit whose draw is below `rate` becomes 0, the others grow by 1 / (1 − rate) —
  /// Srivastava et al. 2014.
  package static func dropout(_ x: [Double], draws: [Double], rate: Double) -> (y: [Double], slope: [Double]) {
    let slope = draws.map { $0 < rate ? 0 : 1 / (1 - rate) }
    return (x.indices.map { slope[$0] * x[$0] }, slope)
  }

  /// AlphaDropout with the draws given: a dropped unit becomes −λα; then a · value + b with
  /// a = ((1 − rate)(1 + rate λ²α²))^−½ and b = a · rate · λα, which keeps mean 0 and variance 1 — Klambauer et al.
  /// 2017, section 3.
  package static func alphaDropout(_ x: [Double], draws: [Double], rate: Double) -> (y: [Double], slope: [Double]) {
    let limit = seluLambda * seluAlpha
    let a = 1 / ((1 - rate) * (1 + rate * limit * limit)).squareRoot()
    let b = a * rate * limit
    return (x.indices.map { a * (draws[$0] < rate ? -limit : x[$0]) + b }, draws.map { $0 < rate ? 0 : a })
  }
}
