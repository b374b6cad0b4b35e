import LockstepKernels

/// A layer with weights among the stages of a network.
package struct DenseLayer: Sendable {
  /// Path such as `repeat0.3.dense0`.
  package let path: String
  /// Its place in the forward pass.
  package let stage: Int
  /// Its weight among the parameters.
  package let weight: ParameterLayout.Entry
  /// Numbers of its signal, a row.
  package let units: Int
  /// The value by which its signal goes on; see `LayerKind.signals`.
  let signal: Int
}

extension Network {
  /// The layers with weights in the order of the forward pass.
  package var denseLayers: [DenseLayer] {
    LayerKind.signals(stages.map(\.content.layer)).compactMap { place, signal in
      guard let weight = stages[place].content.weight,
        let entry = parameters.entries.first(where: { $0.place == weight })
      else { return nil }
      let wiring = stages[signal].wiring
      return DenseLayer(
        path: stages[place].path, stage: place, weight: entry, units: wiring.outputShape.count, signal: wiring.output)
    }
  }
}

extension WorkerMemory {
  /// A part of the forward pass: the stages `range`, the last of which leaves the activation off that it would apply at
  /// once. What a dense layer at its end gives is then x W + b; when the pass goes on, that stage comes again.
  ///
  /// The values of the stages before stand in the memory. When it is done, so is every member of the team.
  package func forward(_ pass: Pass, stages range: Range<Int>, _ exchange: Exchange) {
    team.synchronize()
    defer { team.synchronize() }
    for index in range {
      var operation = network.stages[index].operation
      if index == range.upperBound - 1 { operation.wiring.activation = nil }
      operation.forward(self, pass, exchange)
    }
  }

  /// Σ a² over what the rows of `shard` have of the layer's signal.
  package func signalSquares(of layer: DenseLayer, _ shard: ShardMemory) -> Double {
    shard.value(layer.signal).elements.sumOfSquares
  }

  /// What `stage` has given to the rows of `shard`, all numbers together.
  package func outputMoments(of stage: Int, _ shard: ShardMemory) -> ScalarMoments {
    shard.value(network.stages[stage].wiring.output).elements.moments
  }
}
