import LockstepKernels
import LockstepModel

/// A layer of a configuration with where it stands: in the file, and in the network.
struct WrittenLayer {
  let layer: Layer
  /// Path in the network, such as `repeat0.0.dense0`.
  let path: String
  /// Key in the configuration, such as `model.layers.0.repeat.layers.0`.
  let key: String
  /// Units of the value that it reads.
  let inputs: Int
  /// Path of the innermost residual around it.
  let residual: String?

  var isInResidual: Bool { residual != nil }

  var dense: Dense? {
    if case .dense(let dense) = layer { dense } else { nil }
  }

  var activation: Activation? {
    if case .activation(let activation) = layer { activation } else { nil }
  }

  var isBatchNorm: Bool {
    if case .batchNorm = layer { true } else { false }
  }

  /// All layers of a configuration in the order of the way forward. A repetition is written out twice, so that its last
  /// layer meets its first; advice about either is advice about the same line.
  ///
  /// - Parameter locations: what the configuration says where; tells the two ways of writing a residual apart.
  static func all(of configuration: RunConfiguration, _ locations: ConfigurationLocations?) -> [WrittenLayer] {
    var walk = Walk(width: configuration.data.features, locations: locations)
    walk.append(configuration.layers, prefix: "", key: "model.layers", residual: nil)
    return walk.layers
  }

  private struct Walk {
    var width: Int
    let locations: ConfigurationLocations?
    var layers: [WrittenLayer] = []

    mutating func append(_ list: [Layer], prefix: String, key: String, residual: String?) {
      var ordinals: [String: Int] = [:]
      for (index, layer) in list.enumerated() {
        let kind = layer.kind
        let path = "\(prefix)\(kind)\(ordinals[kind, default: 0])"
        ordinals[kind, default: 0] += 1
        append(layer, path: path, key: "\(key).\(index)", residual: residual)
      }
    }

    private mutating func append(_ layer: Layer, path: String, key: String, residual: String?) {
      switch layer {
      case .repeated(let times, let list):
        for iteration in 0..<min(times, 2) {
          append(list, prefix: "\(path).\(iteration).", key: "\(key).repeat.layers", residual: residual)
        }
      case .residual(let list):
        let ways = ["\(key).residual.layers", "\(key).residual"]
        append(list, prefix: "\(path).", key: locations?.written(ways) ?? ways[1], residual: path)
      case .dense, .batchNorm, .activation, .dropout, .alphaDropout:
        layers.append(WrittenLayer(layer: layer, path: path, key: key, inputs: width, residual: residual))
        if case .dense(let dense) = layer { width = dense.units }
      }
    }
  }
}
