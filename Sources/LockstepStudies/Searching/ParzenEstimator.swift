import LockstepKernels

/// A density over the unit cube that is high where points lie: the mean of a kernel about each of them, and of a wide
/// one about the middle, the prior — Parzen 1962, "On estimation of a probability density function and mode",
/// https://doi.org/10.1214/aoms/1177704472
///
/// A kernel is the product of one for each axis: of an interval a normal density, cut off at its ends, of a list
/// Aitchison and Aitken's (1976, https://doi.org/10.1093/biomet/63.3.413). With n points, k = n + 1 kernels: the
/// deviation of an interval's kernel is the distance to the farther of its point's two neighbours on that axis, or to
/// the only one, clipped to 1 / min(100, k + 1) … 1, and the prior's is 1; a list's has the mass (1 + 1/k) / (1 + K/k)
/// at its point's value, (1/k) / (1 + K/k) at each other of K, and the prior's 1/K. These are the choices of Optuna 5;
/// Watanabe 2023, "Tree-structured Parzen estimator", https://arxiv.org/abs/2304.11127, compares them with others.
struct ParzenEstimator {
  /// An axis of the cube.
  enum Axis: Equatable {
    case interval
    /// So many values, each an equal part of the axis.
    case list(Int)
  }

  private let axes: [Axis]
  /// Of the kernels, the prior's the last.
  private let centers: [[Double]]
  /// Of each kernel on each axis; not used where that is a list.
  private let deviations: [[Double]]

  /// - Parameter points: of the cube, a coordinate in 0 ..< 1 for each axis.
  init(_ points: [[Double]], axes: [Axis]) {
    self.axes = axes
    centers = points + [axes.map { _ in 0.5 }]
    let columns = axes.indices.map { axis in Self.deviations(points.map { $0[axis] }) }
    deviations = points.indices.map { point in columns.map { $0[point] } } + [axes.map { _ in 1 }]
  }

  private static func deviations(_ coordinates: [Double]) -> [Double] {
    let order = coordinates.indices.sorted { (coordinates[$0], $0) < (coordinates[$1], $1) }
    // One that is alone has the ends of the interval in the place of neighbours.
    let ends: [Double?] = coordinates.count == 1 ? [0, 1] : [nil, nil]
    let sorted = [ends[0]] + order.map { coordinates[$0] } + [ends[1]]
    let least = 1 / Double(min(100, coordinates.count + 2))
    var deviations = coordinates
    for (place, index) in order.enumerated() {
      let gaps = [sorted[place], sorted[place + 2]].compactMap { $0.map { abs($0 - coordinates[index]) } }
      deviations[index] = min(max(gaps.max() ?? 1, least), 1)
    }
    return deviations
  }

  /// The logarithm of the density, which counts the values of a list instead of measuring its axis.
  func logDensity(at point: [Double]) -> Double {
    let terms = centers.indices.map { logKernel($0, at: point) }
    let most = terms.max() ?? 0
    return most + Scalar.log(terms.reduce(0) { $0 + Scalar.exp($1 - most) } / Double(terms.count))
  }

  private func logKernel(_ kernel: Int, at point: [Double]) -> Double {
    axes.indices.reduce(0) { sum, axis in
      switch axes[axis] {
      case .interval:
        let (center, deviation) = (centers[kernel][axis], deviations[kernel][axis])
        let distance = (point[axis] - center) / deviation
        let mass = Self.cumulative((1 - center) / deviation) - Self.cumulative(-center / deviation)
        return sum - distance * distance / 2 - Scalar.log(deviation * mass) - Self.logRootTwoPi
      case .list(let count):
        return sum + Scalar.log(mass(at: Self.value(point[axis], of: count), of: count, kernel, axis))
      }
    }
  }

  /// A point of this density, coordinates of lists in the middle of their values.
  ///
  /// - Parameters:
  ///   - kernel: uniform in 0 ..< 1, by which a kernel is chosen.
  ///   - shares: uniform in 0 ..< 1, one for each axis.
  func draw(kernel: Double, shares: [Double]) -> [Double] {
    let kernel = Self.value(kernel, of: centers.count)
    return axes.indices.map { axis in
      switch axes[axis] {
      case .interval: quantile(shares[axis], kernel, axis)
      case .list(let count): (Double(drawn(shares[axis], of: count, kernel, axis)) + 0.5) / Double(count)
      }
    }
  }

  /// Which of `count` values a coordinate stands for.
  static func value(_ coordinate: Double, of count: Int) -> Int { min(count - 1, Int(coordinate * Double(count))) }

  /// What a kernel gives one of the values of a list.
  private func mass(at value: Int, of count: Int, _ kernel: Int, _ axis: Int) -> Double {
    if kernel == centers.count - 1 { return 1 / Double(count) }
    let share = 1 / Double(centers.count)
    let own = value == Self.value(centers[kernel][axis], of: count) ? 1.0 : 0
    return (own + share) / (1 + Double(count) * share)
  }

  private func drawn(_ share: Double, of count: Int, _ kernel: Int, _ axis: Int) -> Int {
    var (value, left) = (0, share - mass(at: 0, of: count, kernel, axis))
    while left >= 0, value < count - 1 {
      value += 1
      left -= mass(at: value, of: count, kernel, axis)
    }
    return value
  }

  /// Where the normal distribution that is cut off at 0 and 1 has the share below, by halving.
  private func quantile(_ share: Double, _ kernel: Int, _ axis: Int) -> Double {
    let (center, deviation) = (centers[kernel][axis], deviations[kernel][axis])
    let (least, most) = (Self.cumulative(-center / deviation), Self.cumulative((1 - center) / deviation))
    let wanted = least + share * (most - least)
    var (low, high) = (0.0, 1.0)
    for _ in 0..<53 {
      let middle = (low + high) / 2
      if Self.cumulative((middle - center) / deviation) <= wanted { low = middle } else { high = middle }
    }
    return low
  }

  /// ln √(2π)
  private static let logRootTwoPi = 0.9189385332046727

  /// Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …) — Marsaglia 2004, "Evaluating the normal distribution",
  /// https://doi.org/10.18637/jss.v011.i04 Beyond 8 it is 0 or 1 to 10⁻¹⁵.
  static func cumulative(_ x: Double) -> Double {
    if abs(x) > 8 { return x < 0 ? 0 : 1 }
    var (term, sum, divisor) = (x, x, 1.0)
    while true {
      divisor += 2
      term *= x * x / divisor
      if sum + term == sum { break }
      sum += term
    }
    return 0.5 + sum * Scalar.exp(-x * x / 2 - logRootTwoPi)
  }
}
