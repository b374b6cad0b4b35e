import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Ten steps of data-parallel runs in PyTorch, in four uneven shards, repeated by the real trainer: two networks with
/// every layer of images between them; gradients of the first step, losses, parameters, running statistics, outputs.
@Suite struct ImageTraceGoldenTests {
  @Test(arguments: ["residual", "flattened"])
  func trace(name: String) throws {
    let file = try Golden.load("images.json")
    let golden = file.networks[name]
    var first: [String: [UInt32]] = [:]
    for threads in [1, 2, 4, 8] {
      let trainer = try trainer(golden, file, model(name, golden), threads: threads)
      let losses = try train(trainer, golden, "\(name), \(threads) threads")
      expectNear(losses, try golden.losses.numbers(), "\(name): losses")
      for (parameter, values) in golden.final.members {
        expectNear(
          try trainer.tensor("model.\(parameter)").array.doubles, try values.numbers(), "\(name): \(parameter)")
      }
      for (layer, statistics) in golden.running.members {
        #expect(Set(statistics.members.keys) == ["mean", "variance"])
        for (statistic, values) in statistics.members {
          expectNear(
            try trainer.tensor("model.\(layer).running_\(statistic)").array.doubles, try values.numbers(),
            "\(name): \(layer) running \(statistic)")
        }
      }
      expectNear(try outputs(trainer, golden), try golden.inference.numbers(), "\(name): outputs in inference")
      if first.isEmpty {
        first = trainer.tensorBits
      } else {
        #expect(trainer.tensorBits == first, "\(name): \(threads) threads")
      }
    }
  }

  /// The networks of make_images.py.
  private func model(_ name: String, _ golden: Golden) throws -> Model {
    let sides = try golden.shape.numbers().map { Int($0) }
    let input = Shape.image(height: sides[0], width: sides[1], channels: sides[2])
    if name == "residual" {
      return Model(input: input) {
        Conv2D(4, kernel: Extent(2, 3), padding: .same, dilation: 2)
        BatchNorm(momentum: 0.9, epsilon: 1e-5)
        PReLU()
        DepthwiseConv2D(kernel: 3)
        ELU()
        MaxPool(2, padding: .same)
        Residual {
          Conv2D(6, kernel: 3, stride: 2, padding: .same, bias: false)
          BatchNorm(momentum: 0.9, epsilon: 1e-5)
        } projection: {
          Conv2D(6, kernel: 1, stride: 2)
        }
        ELU()
        AveragePool(2, stride: 1, padding: .same)
        GlobalAveragePool()
        Dense(3)
      }
    }
    return Model(input: input) {
      Conv2D(5, kernel: 3, stride: Extent(2, 1))
      PReLU()
      AveragePool(2, padding: .same)
      DepthwiseConv2D(kernel: Extent(2, 3), padding: .same, dilation: Extent(1, 2))
      BatchNorm(momentum: 0.9, epsilon: 1e-5)
      ELU()
      MaxPool(2, stride: 1)
      Flatten()
      Dense(3)
    }
  }

  private func trainer(_ golden: Golden, _ file: Golden, _ model: Model, threads: Int) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy,
      optimizer: .sgd(learningRate: try file.learning_rate.number(), momentum: try file.momentum.number()),
      batch: try file.batch.integer(), shards: try file.shards.integer(), threads: threads)
    #expect(Set(golden.initial.members.keys) == Set(trainer.network.parameters.entries.map(\.name)))
    for (name, values) in golden.initial.members { try trainer.tensor("model.\(name)").copy(from: try values.floats()) }
    return trainer
  }

  /// The losses; the gradients of the first step are compared on the way.
  private func train(_ trainer: Trainer, _ golden: Golden, _ what: String) throws -> [Double] {
    let (x, y) = (golden.batches_x.elements, golden.batches_y.elements)
    let rows = try #require(y.first).elements.count
    let data = ScriptedData(
      rows: rows, shape: trainer.network.model.input, task: .classification(classes: 3))
    try trainer.attach(data)
    return try (0..<golden.losses.elements.count).map { step in
      data.prepare(trainer, x: try x[step % x.count].floats(), y: try y[step % y.count].floats())
      let loss = try trainer.step(keepingGradient: step == 0).loss
      if step == 0 {
        for gradient in trainer.gradients {
          expectNear(
            gradient.values.array.doubles, try golden.gradients[gradient.name].numbers(),
            "\(what): gradient of \(gradient.name)")
        }
      }
      return loss
    }
  }

  /// What the trained network makes of the first batch.
  private func outputs(_ trainer: Trainer, _ golden: Golden) throws -> [Double] {
    let predictor = try Predictor(trainer.network.model)
    for tensor in predictor.tensors { tensor.values.copy(from: try trainer.tensor(tensor.name).array) }
    let batch = try #require(golden.batches_x.elements.first)
    let memory = TestMemory()
    let x = memory.matrix(
      try batch.floats(), rows: batch.elements.count, columns: trainer.network.model.features)
    let y = memory.matrix(rows: batch.elements.count, columns: 3)
    predictor.predict(x, into: y)
    return y.array.doubles
  }
}
