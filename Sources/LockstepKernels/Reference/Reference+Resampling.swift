extension Reference {
  /// The weight of each of `source` elements in element `element` of the `result` that they become, by bilinear
  /// interpolation with antialiasing; they add up to 1. See `ResamplingTaps`.
  package static func resamplingWeights(from source: Int, to result: Int, element: Int) -> [Double] {
    let scale = Double(source) / Double(result)
    let center = (Double(element) + 0.5) * scale
    let weights = (0..<source).map { max(0, 1 - abs(Double($0) + 0.5 - center) / max(1, scale)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
