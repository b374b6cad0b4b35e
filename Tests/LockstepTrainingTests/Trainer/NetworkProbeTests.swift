import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import Testing

/// A network that is looked into gives what one that only predicts gives.
@Suite struct NetworkProbeTests {
  private static let image = Shape.image(height: 6, width: 5, channels: 2)
  private static let data = TestData(samples: 90, shape: image, task: .classification(classes: 3))

  @Test func outputsAreThePredictorsBits() throws {
    let model = Model(input: Self.image) {
      Conv2D(6, kernel: 3)
      BatchNorm()
      ReLU()
      Dropout(rate: 0.5)
      Flatten()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 16, shards: 2, threads: 1)
    try trainer.attach(Self.data)
    for _ in 0..<5 { try trainer.step() }
    let probe = try NetworkProbe(model, Self.data.task)
    let predictor = try Predictor(model)
    for tensors in [probe.tensors, predictor.tensors] {
      for target in tensors { target.values.copy(from: try trainer.tensor(target.name).array) }
    }
    for numbers in [[0], [3, 89, 3], Array(20..<20 + NetworkProbe.rows)] {
      let expected = try Rows(Self.data, numbers)
      let memory = Arena(count: Arena.aligned(numbers.count * 60) + numbers.count * 3)
      let inputs = memory.matrix(at: 0, rows: numbers.count, columns: 60)
      let outputs = memory.matrix(at: Arena.aligned(numbers.count * 60), rows: numbers.count, columns: 3)
      inputs.elements.copy(from: expected.features.flatMap { $0 })
      predictor.predict(inputs, into: outputs)
      var seen: [Int] = []
      let rows = try probe.look(at: numbers, of: Self.data) { layer, output in
        seen.append(output.columns)
        #expect(layer == seen.count - 1 && output.rows == numbers.count)
      }
      #expect(seen == probe.network.layers.map(\.units))
      #expect(rows.output.elements.hasSameBits(as: outputs.elements), "\(numbers)")
      #expect(rows.input.elements.array == inputs.elements.array)
      #expect(rows.targets.elements.array == expected.targets.flatMap { $0 })
    }
  }
}
