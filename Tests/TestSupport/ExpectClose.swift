import Testing

/// Expects |a − b| ≤ absolute + relative · |b| for every element, and equal counts. A NaN is close to a NaN only, an
/// infinity to itself only. On failure it names the worst element.
///
/// The defaults fit a kernel in float32, whose rounding is 6e-8 relative an operation: 1e-5 leaves room for a hundred
/// of them.
public func expectClose(
  actual: [Float], expected: [Double], absolute: Double = 1e-6, relative: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual: actual.map(Double.init), expected: expected, absolute: absolute, relative: relative, what,
    sourceLocation: sourceLocation)
}

/// The same for values that are Double themselves.
public func expectClose(
  actual: [Double], expected: [Double], absolute: Double = 1e-6, relative: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  var worst: (index: Int, excess: Double)?
  for index in expected.indices {
    let excess = excess(actual[index], expected[index], absolute: absolute, relative: relative)
    if excess > max(1, worst?.excess ?? 0) { worst = (index, excess) }
  }
  guard let worst else { return }
  Issue.record(
    """
    \(what): element \(worst.index) of \(expected.count) is \(actual[worst.index]), expected \(expected[worst.index]), \
    \(worst.excess) times the tolerance of \(absolute) + \(relative) · |expected|
    """, sourceLocation: sourceLocation)
}

/// One number.
public func expectClose(
  actual: Double, expected: Double, absolute: Double = 1e-6, relative: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual: [actual], expected: [expected], absolute: absolute, relative: relative, what, sourceLocation: sourceLocation
  )
}

/// Expects equal bits: −0 differs from 0, and a NaN equals a NaN of the same bits.
public func expectSameBits(
  _ actual: [Float], _ expected: [Float], _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  for index in expected.indices where actual[index].bitPattern != expected[index].bitPattern {
    Issue.record(
      "\(what): element \(index) of \(expected.count) is \(actual[index]), expected the bits of \(expected[index])",
      sourceLocation: sourceLocation)
    return
  }
}

/// The error as a multiple of the tolerance.
private func excess(_ actual: Double, _ expected: Double, absolute: Double, relative: Double) -> Double {
  if expected.isNaN || actual.isNaN { return expected.isNaN && actual.isNaN ? 0 : .infinity }
  if expected.isInfinite || actual.isInfinite { return expected == actual ? 0 : .infinity }
  let tolerance = absolute + relative * abs(expected)
  let error = abs(actual - expected)
  return error <= tolerance ? 0 : error / tolerance
}
