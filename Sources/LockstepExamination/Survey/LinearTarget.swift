import LockstepFormats

extension DataSurvey {
  /// Inputs of which a linear function is looked for, at most.
  private static let most = 256
  /// What such a function leaves of a target's squares at most: hardly a measurement is as exact.
  private static let left = 1e-6

  /// A check for where a linear function of the columns gives a target that is a number, such as the total beside its
  /// parts: fitted to every other sample by least squares, and held against the rest. Nil where there is none.
  func linear() -> Check? {
    guard case .regression = set.task, set.features <= Self.most, rows >= 8 * set.features else { return nil }
    let learned = Array(stride(from: 0, to: rows, by: 2))
    let held = Array(stride(from: 1, to: rows, by: 2))
    func line(_ input: Int, of samples: [Int]) -> [Double] {
      let scale = moments[input].deviation > 0 ? 1 / moments[input].deviation : 0
      return samples.map { (Double(inputs[$0, input]) - moments[input].mean) * scale }
    }
    let fit = LeastSquares((0..<set.features).map { line($0, of: learned) })
    let scales = Self.moments(of: targets)
    for (target, scale) in scales.enumerated() where scale.deviation > 0 {
      func value(_ row: Int) -> Double { (Double(targets[row, target]) - scale.mean) / scale.deviation }
      let (constant, weights) = fit.weights(for: learned.map(value))
      var rest = held.map { value($0) - constant }
      for (input, weight) in weights.enumerated() where weight != 0 {
        for (place, number) in line(input, of: held).enumerated() { rest[place] -= weight * number }
      }
      let left = rest.reduce(0) { $0 + $1 * $1 } / held.reduce(0) { $0 + value($1) * value($1) }
      if left < Self.left { return linear(weights, left: left) }
    }
    return nil
  }

  /// - Parameter weights: of each input in deviations.
  private func linear(_ weights: [Double], left: Double) -> Check {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    func size(_ column: InputColumn) -> Double { column.inputs.reduce(0) { max($0, weights[$1].magnitude) } }
    let parts = columns.filter { size($0) > 1e-2 * largest }
    // What a part counts in its own unit.
    let counts = parts.map { $0.isCategory ? 0 : size($0) / (moments[$0.inputs[0]].deviation * $0.unit) }
    let isSum = parts.count > 1 && (counts.min() ?? 0) > 0.99 * (counts.max() ?? 1)
    let figures = [Check.Figure("explained", 1 - left), Check.Figure("column", nil)]
    return Check(
      .tellingColumn, isSum ? .fault : .noted, figures,
      isSum
        ? "Added and subtracted, \(parts.titles) give the target, to a thousandth of its deviation."
        : "A linear function of \(parts.titles) gives the target, to a thousandth of its deviation.",
      remedy:
        "Ask whether the target is computed from them, or one of them from the target: what is not known when the model will be asked has to be left out, and what is known needs no network."
    )
  }
}

/// A linear function of some variables that leaves the least squares, by making each perpendicular to those before it
/// (Gram, Schmidt; twice, so that rounding leaves nothing — Giraud, Langou, Rozložník 2005). What is made of those
/// before is left out.
private struct LeastSquares {
  /// Perpendicular to each other and of unit length; empty for what is made of those before.
  private var basis: [[Double]] = []
  /// Of each variable: what it has of each of the basis, its own length last.
  private var shares: [[Double]] = []

  /// - Parameter variables: a line of samples each.
  init(_ variables: [[Double]]) {
    let count = variables.first?.count ?? 0
    basis.append([Double](repeating: 1 / Double(count).squareRoot(), count: count))
    shares.append([1])
    for variable in variables {
      let before = Self.product(variable, variable).squareRoot()
      var (rest, share) = (variable, [Double](repeating: 0, count: basis.count))
      for _ in 0..<2 {
        for (place, line) in basis.enumerated() where !line.isEmpty {
          let part = Self.product(rest, line)
          share[place] += part
          for sample in rest.indices { rest[sample] -= part * line[sample] }
        }
      }
      let length = Self.product(rest, rest).squareRoot()
      let isNew = length > 1e-6 * before
      basis.append(isNew ? rest.map { $0 / length } : [])
      shares.append(share + [length])
    }
  }

  /// What is best for these values: a constant, and what each variable is multiplied by.
  func weights(for values: [Double]) -> (constant: Double, of: [Double]) {
    var weights = basis.map { $0.isEmpty ? 0 : Self.product($0, values) }
    for place in weights.indices.reversed() where !basis[place].isEmpty {
      weights[place] /= shares[place][place]
      for earlier in 0..<place { weights[earlier] -= weights[place] * shares[place][earlier] }
    }
    let constant = weights[0] / Double(values.count).squareRoot()
    return (constant, Array(weights.dropFirst()))
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
