/// The gradient of a function of many numbers by central differences, (f(x + h) − f(x − h)) / 2h.
///
/// With h = 1e-5 · max(1, |x|) in Double the error is about 1e-10 of f's third derivative plus 1e-11 of f's size: a
/// check to 1e-6.
public func centralDifferences(of function: ([Double]) -> Double, at x: [Double]) -> [Double] {
  x.indices.map { index in
    let step = 1e-5 * max(1, abs(x[index]))
    var above = x
    var below = x
    above[index] += step
    below[index] -= step
    return (function(above) - function(below)) / (above[index] - below[index])
  }
}

/// Σ aᵢ bᵢ: the scalar whose gradient a backward pass computes, given dy.
public func dotProduct(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
