import LockstepKernels
import LockstepModel
import LockstepTraining

/// These layers with other activations, initializers or BatchNorms, wherever they stand.
extension [Layer] {
  /// Every list of layers, those inside repetitions and residuals first, as `change` makes it.
  private func mapLists(_ change: ([Layer]) -> [Layer]) -> [Layer] {
    change(
      map { layer in
        switch layer {
        case .repeated(let times, let layers): .repeated(times: times, layers.mapLists(change))
        case .residual(let layers): .residual(layers.mapLists(change))
        case .dense, .batchNorm, .activation, .dropout, .alphaDropout: layer
        }
      })
  }

  func mapDense(_ change: (inout Dense) -> Void) -> [Layer] {
    mapLists { list in
      list.map { layer in
        guard case .dense(var dense) = layer else { return layer }
        change(&dense)
        return .dense(dense)
      }
    }
  }

  func replacing(activation: Activation) -> [Layer] {
    mapLists { list in
      list.map { if case .activation = $0 { .activation(activation) } else { $0 } }
    }
  }

  /// Every dense layer whose output an activation receives, in the same list, starts as fits that activation; a
  /// BatchNorm or a dropout may stand between.
  func pairingInitializers() -> [Layer] {
    mapLists { list in
      var list = list
      for index in list.indices {
        guard case .dense(var dense) = list[index] else { continue }
        let next = list[(index + 1)...].first { $0.endsAWay }
        guard case .activation(let activation) = next, let initializer = activation.fittingInitializer else { continue }
        dense.initializer = initializer
        list[index] = .dense(dense)
      }
      return list
    }
  }

  /// Without BatchNorms; a dense layer before one gets the bias that its β was.
  func removingBatchNorm() -> [Layer] {
    mapLists { list in
      var kept: [Layer] = []
      for layer in list {
        guard case .batchNorm = layer else {
          kept.append(layer)
          continue
        }
        if case .dense(var dense) = kept.last {
          dense.bias = true
          kept[kept.count - 1] = .dense(dense)
        }
      }
      return kept
    }
  }

  /// With BatchNorms of these statistics: those that are there, or else one between every dense layer and the
  /// activation behind it, which then needs no bias.
  func setting(_ statistics: BatchNorm.Statistics) -> [Layer] {
    let changed = mapLists { list in
      list.map { layer in
        guard case .batchNorm(var norm) = layer else { return layer }
        norm.statistics = statistics
        return .batchNorm(norm)
      }
    }
    return changed.contains(where: { $0.hasShardStatistics || $0.hasBatchStatistics })
      ? changed : changed.insertingBatchNorm(statistics)
  }

  private func insertingBatchNorm(_ statistics: BatchNorm.Statistics) -> [Layer] {
    mapLists { list in
      var result: [Layer] = []
      for layer in list {
        if case .activation = layer, case .dense(var dense) = result.last {
          dense.bias = false
          result[result.count - 1] = .dense(dense)
          result.append(.batchNorm(BatchNorm(statistics: statistics)))
        }
        result.append(layer)
      }
      return result
    }
  }
}

extension Layer {
  /// Whether an activation behind this layer no longer belongs to a dense layer before it.
  fileprivate var endsAWay: Bool {
    switch self {
    case .batchNorm, .dropout, .alphaDropout: false
    case .dense, .activation, .repeated, .residual: true
    }
  }
}
