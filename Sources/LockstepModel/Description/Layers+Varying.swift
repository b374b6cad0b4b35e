import LockstepKernels

/// These layers with other activations, initializers or BatchNorms, wherever they stand.
extension [Layer] {
  /// Every list of layers, those inside repetitions and residuals first, as `change` makes it.
  private func mapLists(_ change: ([Layer]) -> [Layer]) -> [Layer] {
    change(map { layer in layer.mapInner { $0.mapLists(change) } })
  }

  package func mapWeighted(_ change: (inout any WeightedLayer) -> Void) -> [Layer] {
    mapLists { list in
      list.map { layer in
        guard var weighted = layer.weighted else { return layer }
        change(&weighted)
        return weighted.layer
      }
    }
  }

  package func replacing(activation: Activation) -> [Layer] {
    mapLists { list in
      list.map { if case .activation = $0 { .activation(activation) } else { $0 } }
    }
  }

  /// Every layer with weights whose output an activation receives, in the same list, starts as fits that activation; a
  /// BatchNorm or a dropout may stand between.
  package func pairingInitializers() -> [Layer] {
    mapLists { list in
      var list = list
      for index in list.indices {
        guard var weighted = list[index].weighted else { continue }
        let next = list[(index + 1)...].first { $0.endsAWay }
        guard case .activation(let activation) = next, let initializer = activation.fittingInitializer else { continue }
        weighted.initializer = initializer
        list[index] = weighted.layer
      }
      return list
    }
  }

  /// Without BatchNorms; a layer with weights before one gets the bias that its β was.
  package func removingBatchNorm() -> [Layer] {
    mapLists { list in
      var kept: [Layer] = []
      for layer in list {
        guard case .batchNorm = layer else {
          kept.append(layer)
          continue
        }
        if var weighted = kept.last?.weighted {
          weighted.bias = true
          kept[kept.count - 1] = weighted.layer
        }
      }
      return kept
    }
  }

  /// With BatchNorms of these statistics: those that are there, or else one between every layer with weights and the
  /// activation behind it, which then needs no bias.
  package func setting(_ statistics: BatchNorm.Statistics) -> [Layer] {
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
        if case .activation = layer, var weighted = result.last?.weighted {
          weighted.bias = false
          result[result.count - 1] = weighted.layer
          result.append(.batchNorm(BatchNorm(statistics: statistics)))
        }
        result.append(layer)
      }
      return result
    }
  }
}

extension Layer {
  /// Whether an activation behind this layer no longer belongs to a layer with weights before it.
  fileprivate var endsAWay: Bool {
    switch self {
    case .batchNorm, .dropout, .spatialDropout, .alphaDropout, .maxPool, .averagePool: false
    case .dense, .convolution, .depthwiseConvolution, .globalAveragePool, .flatten, .activation, .repeated, .residual:
      true
    }
  }
}
