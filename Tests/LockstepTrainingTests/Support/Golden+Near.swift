import TestSupport
import Testing

/// ‖a − b‖ ≤ 10⁻⁴ ‖b‖: tens of steps of float32 against float64, whose roundings the steps carry on.
func expectNear(
  _ actual: [Double], _ expected: [Double], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let difference = zip(actual, expected).map { $0 - $1 }
  let error = (dotProduct(difference, difference) / dotProduct(expected, expected)).squareRoot()
  #expect(error <= 1e-4, "\(what): relative error \(error)", sourceLocation: sourceLocation)
}
