import LockstepKernels
import Testing

@testable import LockstepModel

/// A ceiling makes the products of a step, each once, dealt as in a step, and no other.
@Suite struct WorkerProductsTests {
  /// From values and gradients of 1, with the weight of layer l all w: what the products leave in memory says which of
  /// them were made. A dense layer of n inputs makes n · w · input; its weight gradient is rows · input · gradient.
  @Test func everyProductIsMadeOnce() throws {
    for (name, model, hasInput) in [
      ("plain", Model(features: 5, Dense(7), ReLU(), Dense(3)), [false, true]),
      ("norm", Model(features: 5, BatchNorm(), Dense(7), Tanh(), Dense(3)), [true, true]),
      ("frozen", Model(features: 5, Dense(7).frozen(), ELU(), Dense(3), Dense(4)), [false, false, true]),
    ] {
      let trial = try NetworkTrial(model, rows: 11, shards: 3)
      let layers = trial.network.denseLayers
      let products = WorkerProducts(trial.workspace.workers[0])
      products.prepare()
      for layer in layers { trial.parameters.vector(layer.weight).fill(2) }
      let shardRows = trial.shards
      products.multiply(in: .float32) { shardRows[$0] }

      let all = trial.workspace.workers[0].all
      // Values pass on where the next layer reads them; behind a BatchNorm stands the 1 that was there.
      var (input, expected): (Double, [Double]) = (1, [])
      for layer in layers {
        expected.append(input)
        input = 2 * Double(layer.weight.shape.rows) * input
        let wiring = trial.network.stages[layer.stage].wiring
        #expect(all.value(wiring.output).elements.array.allSatisfy { Double($0) == input }, "\(name), \(layer.path)")
      }
      // Backward each input gradient is 2 · units times the output's; none is made where nobody reads it.
      var gradient = 1.0
      for (index, layer) in layers.enumerated().reversed() {
        let found = trial.workspace.exchanges[0].reduce(layer.weight.range).array
        let value = layer.weight.training.isTrainable ? 11 * expected[index] * gradient : 0
        #expect(found.allSatisfy { Double($0) == value }, "\(name), \(layer.path)")
        if hasInput[index] { gradient *= 2 * Double(layer.units) }
      }
      let wirings = layers.map { trial.network.stages[$0.stage].wiring }
      #expect(wirings.map(\.needsInputGradient) == hasInput)
      let first = try #require(wirings.first { $0.needsInputGradient })
      let last = all.valueGradient(first.inputGradient, width: first.inputShape.count).elements.array
      #expect(last.allSatisfy { Double($0) == gradient }, "\(name): \(last)")
    }
  }

  /// However workers deal, the parts are the whole: each makes its own, one after the other.
  @Test func partsAreTheWhole() throws {
    let model = Model(features: 40, Dense(300), ReLU(), Dense(64), SELU(), Dense(3))
    for (members, deal, microBatches) in [(1, Team.Deal.columns, 1), (3, .columns, 1), (4, .rows, 1), (1, .columns, 2)]
    {
      let trial = try NetworkTrial(
        model, rows: 50, shards: 5, workers: 2, members: members, deal: deal, microBatches: microBatches)
      for worker in trial.workspace.workers { WorkerProducts(worker).prepare() }
      WorkerProducts.spread(trial.parameters, of: trial.network)
      let shardRows = trial.shards
      // Members do not wait: what one reads another may still have to write. The second time it stands there.
      for _ in 0..<2 {
        for worker in trial.workspace.workers { WorkerProducts(worker).multiply(in: .float32) { shardRows[$0] } }
      }
      for (worker, memory) in trial.workspace.workers.enumerated() {
        for (index, value) in [(1, 40.0 / 300), (2, 40.0 / 64), (3, 40.0 / 3)] {
          let found = memory.all.value(index).elements.array
          #expect(
            found.allSatisfy { abs(Double($0) - value) < 1e-5 * value },
            "\(members) members deal \(deal), worker \(worker), value \(index)")
        }
      }
    }
  }

  /// A ceiling repeats its products thousands of times: nothing grows or fades.
  @Test func gradientsStayAsTheyAre() throws {
    let layers = (0..<30).flatMap { [Dense($0 % 3 == 0 ? 96 : 17).layer, SELU().layer] } + [Dense(2).layer]
    let trial = try NetworkTrial(Model(features: 9, layers: layers), rows: 8, shards: 2)
    let products = WorkerProducts(trial.workspace.workers[0])
    products.prepare()
    WorkerProducts.spread(trial.parameters, of: trial.network)
    let shardRows = trial.shards
    for _ in 0..<200 { products.multiply(in: .float32) { shardRows[$0] } }
    let all = trial.workspace.workers[0].all
    for buffer in 0..<trial.network.gradientBuffers {
      let found = all.valueGradient(buffer, width: 2).elements.array
      #expect(found.allSatisfy { abs($0 - 1) < 0.05 }, "\(found)")
    }
  }
}
