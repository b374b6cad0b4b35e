import LockstepDeclarations
import LockstepModel

extension RunConfiguration {
  /// Of an image's side, the share that a position should be computed from before all are averaged.
  private static let fieldShare = 4

  /// What suits rows of features and not images, and averages over positions that have seen little.
  func imageAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    dropoutAdvice(layers) + fieldAdvice(layers)
  }

  /// Beside SELU `selu_dropout` has its say.
  private func dropoutAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    if layers.contains(where: { $0.activation == .selu }) { return [] }
    return layers.compactMap { layer in
      guard case .dropout(let dropout) = layer.layer, layer.place.input.isImage else { return nil }
      return Advice(
        id: "image_dropout", layer: layer.path,
        rule:
          "dropout of single numbers of an image, whose neighbours still say what they said; spatial_dropout drops whole channels",
        source: "Tompson, Goroshin, Jain, LeCun, Bregler 2015, https://arxiv.org/abs/1411.4280", key: layer.key,
        value: "{spatial_dropout: {rate: \(dropout.rate)}}")
    }
  }

  /// Behind `flatten` a dense layer puts together what positions have seen; a mean over them cannot.
  private func fieldAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    guard let last = model.lastImage, let end = last.end, case .globalAveragePool = end.layer else { return [] }
    let (seen, image) = (last.field.extent, last.input)
    guard seen.height * Self.fieldShare < image.height || seen.width * Self.fieldShare < image.width,
      let (key, value) = widening(layers)
    else { return [] }
    return [
      Advice(
        id: "receptive_field", layer: end.path,
        rule:
          "each position that it averages was computed from \(seen.text) pixels of images of \(image.text), so nothing larger is seen; strides, dilations or more layers widen that",
        source: "Luo, Li, Urtasun, Zemel 2016, https://arxiv.org/abs/1701.04128", key: key, value: value)
    ]
  }

  /// Twice the field of all that follows: a stride of the first window that nothing else has to fit, or else the
  /// dilation of the last that keeps its image's size.
  private func widening(_ layers: [WrittenLayer]) -> (key: String, value: String)? {
    func key(_ layer: WrittenLayer, _ name: String) -> String { "\(layer.key).\(layer.layer.word).\(name)" }
    let windows = layers.compactMap { layer in layer.layer.passing.map { (layer, $0) } }.filter { $0.1.kernel != 1 }
    if let (first, _) = windows.first(where: { !$0.0.isInResidual && !$0.0.isRepeated && $0.1.stride == 1 }) {
      return (key(first, "stride"), "2")
    }
    return windows.last { $0.1.padding == .same && $0.1.stride == 1 && $0.1.dilation == 1 }.map {
      (key($0.0, "dilation"), "2")
    }
  }
}

extension Layer {
  /// How a convolution passes over images.
  fileprivate var passing: (kernel: Extent, stride: Extent, padding: Padding, dilation: Extent)? {
    switch self {
    case .convolution(let layer): (layer.kernel, layer.stride, layer.padding, layer.dilation)
    case .depthwiseConvolution(let layer): (layer.kernel, layer.stride, layer.padding, layer.dilation)
    case .dense, .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm, .activation, .dropout,
      .spatialDropout, .alphaDropout, .repeated, .residual:
      nil
    }
  }
}
