import LockstepKernels
import LockstepModel

/// A layer of a configuration with its places in the file and in the network.
struct WrittenLayer {
  /// Where it stands in the network.
  let place: PlacedLayer
  /// Key in the configuration, such as `model.layers.0.repeat.layers.0`.
  let key: String

  var layer: Layer { place.layer }
  /// Path in the network, such as `repeat0.0.dense0`.
  var path: String { place.path }
  /// Path of the innermost residual around it.
  var residual: String? { place.residual }
  /// The shape of its weight, if it has one.
  var weight: TensorShape? { place.parameters.first { $0.role == .weight }?.shape }

  var isInResidual: Bool { residual != nil }
  var isRepeated: Bool { place.key.steps.contains(.repeated) }

  /// Whether it is the first of a residual's projection, which reads not what the layer before gives but what the
  /// residual's layers have read.
  var beginsProjection: Bool {
    guard let entry = place.key.steps.lastIndex(of: .projection) else { return false }
    return place.key.steps[(entry + 1)...].allSatisfy { $0 == .layer(0) || $0 == .repeated || $0 == .residual }
  }

  /// Positions of what it reads: 1, or an image's.
  var positions: Int { place.input.positions }

  /// It, where it has weights.
  var weighted: (any WeightedLayer)? { layer.weighted }

  var activation: Activation? {
    if case .activation(let activation) = layer { activation } else { nil }
  }

  var isBatchNorm: Bool {
    if case .batchNorm = layer { true } else { false }
  }

  /// All layers of a configuration in the order of the forward pass. A repetition is written out twice, so that its
  /// last layer meets its first; advice about either is advice about the same line.
  ///
  /// - Parameter locations: what the configuration says where; tells the two ways of writing a residual apart.
  static func all(of configuration: RunConfiguration, _ locations: ConfigurationLocations?) -> [WrittenLayer] {
    var layers: [WrittenLayer] = []
    // Where shapes do not go together, advice ends; checking the configuration says so.
    _ = try? configuration.model.walk(repetitions: 2) { step in
      guard case .layer(let place) = step else { return }
      let key = locations?.path(of: place.key) ?? place.key.path { "\($0).residual" }
      layers.append(WrittenLayer(place: place, key: key))
    }
    return layers
  }
}
