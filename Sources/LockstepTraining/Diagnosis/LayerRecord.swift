import LockstepKernels
import LockstepModel

/// Gathers what is seen of one layer.
final class LayerRecord {
  let layer: NetworkLayer
  /// In bfloat16: how far it is from float32.
  let rounding: RoundingRecord?
  private let values: UnitStatistics
  private let rank: RankRecord
  private var saturated = 0
  private var gradientSquares = 0.0
  private var gradientElements = 0
  private var gradients = 0
  /// Of an image, by channel.
  private var channelSaturated: [Int]
  private var channelSquares: [Double]

  init(_ layer: NetworkLayer, _ rounding: RoundingRecord?) {
    (self.layer, self.rounding) = (layer, rounding)
    values = UnitStatistics(units: layer.units)
    rank = RankRecord(units: layer.units)
    channelSaturated = layer.isImage ? Array(repeating: 0, count: layer.shape.channels) : []
    channelSquares = layer.isImage ? Array(repeating: 0, count: layer.shape.channels) : []
  }

  /// Whether a gradient has come to it, whatever its size.
  var hasGradient: Bool { gradients > 0 }

  /// The largest value of each unit, or of each channel of an image.
  var maxima: [Float] { layer.isImage ? values.maxima(channels: layer.shape.channels) : values.maxima }

  func add(output: Matrix) {
    values.add(output)
    rank.add(output: output)
    rounding?.compare(output: output)
    if let bounds = layer.kind.steep {
      saturated += output.elements.count(below: bounds.lowerBound, orAbove: bounds.upperBound)
      if layer.isImage { output.split(columns: layer.shape.channels).addOutside(bounds, to: &channelSaturated) }
    }
  }

  func add(gradient: Matrix) {
    rounding?.compare(gradient: gradient)
    gradientSquares += gradient.elements.sumOfSquares
    if layer.isImage { gradient.split(columns: layer.shape.channels).addSquares(to: &channelSquares) }
    gradientElements += gradient.count
    gradients += 1
  }

  /// - Parameters:
  ///   - arguments: the largest value of each unit, or channel, that the layer reads, where that is a layer's.
  ///   - update: of the layer's weight.
  func summary(arguments: [Float]?, update: WeightUpdate?) -> Diagnosis.Layer {
    let rms = values.rootMeanSquare
    let isFinite = rms.isFinite
    let distribution = isFinite ? values.distribution : nil
    let elements = Double(values.rows * layer.units)
    // Only a weight and the gradient of what it gives enter products.
    let operands = layer.kind.isWeighted ? rounding : nil
    let histogram = distribution?.histogram(bins: Diagnosis.bins)
    return Diagnosis.Layer(
      name: layer.path, kind: layer.kind.name, shape: layer.shape, mean: finite(values.mean),
      stddev: finite(values.meanDeviation), rms: finite(rms), rank: isFinite ? rank.ratio() : nil,
      quantiles: distribution.map { distribution in Diagnosis.quantiles.map(distribution.quantile) } ?? [],
      histogram: histogram.map { Diagnosis.Histogram(low: $0.low, high: $0.high, shares: $0.shares) },
      saturated: isFinite && layer.kind.steep != nil ? Double(saturated) / elements : nil,
      dead: isFinite && layer.kind.isRectifier
        ? arguments.map { Double($0.count { $0 <= 0 }) / Double($0.count) } : nil,
      gradientNorm: gradients > 0 ? finite((gradientSquares / Double(gradients)).squareRoot()) : nil,
      gradientRMS: gradients > 0 ? finite((gradientSquares / Double(gradientElements)).squareRoot()) : nil,
      updateRatio: update?.ratio.flatMap(finite), updateLost: update?.lost,
      updateHidden: operands == nil ? nil : update?.hidden, signalRounding: rounding?.signal.flatMap(finite),
      gradientRounding: rounding?.gradient.flatMap(finite), gradientFlushed: operands?.flushed,
      channels: channels(isFinite && layer.kind.isRectifier ? arguments : nil))
  }

  /// - Parameter arguments: of a rectifier, the largest of each channel.
  private func channels(_ arguments: [Float]?) -> [Diagnosis.Channel] {
    guard layer.isImage else { return [] }
    let positions = Double(layer.shape.positions)
    return values.rootMeanSquares(channels: layer.shape.channels).enumerated().map { channel, rms in
      let gradientRMS = (channelSquares[channel] * Double(layer.shape.channels) / Double(gradientElements)).squareRoot()
      let saturated = Double(channelSaturated[channel]) / (Double(values.rows) * positions)
      return Diagnosis.Channel(
        rms: finite(rms), gradientRMS: gradients > 0 ? finite(gradientRMS) : nil,
        saturated: rms.isFinite && layer.kind.steep != nil ? saturated : nil,
        isDead: arguments.map { $0[channel] <= 0 })
    }
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}

extension LayerKind {
  /// The outputs between which |f′| is at least 5 % of its maximum; nil for what does not saturate.
  fileprivate var steep: ClosedRange<Float>? {
    guard case .function(let function) = self, case .saturating(_, let steep) = function.bend else { return nil }
    return steep
  }
}
