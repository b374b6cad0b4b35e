import Lockstep

/// Points of the square [-1, 1]², of which three rings around 0 are the classes. Any of them is computed from its
/// number, so that their count costs no memory.
struct Rings: Dataset {
  let count: Int
  let features = 2
  let task = LearningTask.classification(classes: 3)
  /// Goes into checkpoints, and is compared where one goes on.
  var fingerprint: String { "rings \(count)" }

  /// Workers call it at the same time, each for rows of its own.
  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    for row in indices.indices {
      let (a, b) = (place(indices[row], 0.754_877_666_2), place(indices[row], 0.569_840_291))
      let distance = (a * a + b * b).squareRoot()
      (x[row, 0], x[row, 1]) = (a, b)
      y[row, 0] = distance < 0.5 ? 0 : distance < 0.9 ? 1 : 2
    }
  }

  private func place(_ index: Int, _ ratio: Double) -> Float {
    let turns = Double(index) * ratio
    return Float(2 * (turns - turns.rounded(.down)) - 1)
  }
}

let (train, validation) = try Rings(count: 4_000).split(validation: 0.25, seed: 1)

let model = Model(features: 2) {
  Dense(32)
  ReLU()
  Dense(32)
  ReLU()
  Dense(3)
}

func makeTrainer(threads: Int) throws -> Trainer {
  let trainer = try Trainer(
    model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), batch: 100, threads: threads)
  try trainer.attach(train)
  return trainer
}

// The half of it on one thread, then a file.
let first = try makeTrainer(threads: 1)
for _ in 0..<300 { try first.step() }
try first.save(to: "rings.safetensors.zst")
print("saved after step \(first.state.step): loss \(try first.evaluate(on: validation).loss)")

// The rest on two, which may be another day or another machine.
let second = try makeTrainer(threads: 2)
try second.load(from: "rings.safetensors.zst")
for try await step in second.steps(over: train).prefix(300) where step.step.isMultiple(of: 100) {
  print("step \(step.step): loss \(step.loss)")
}
let found = try second.evaluate(on: validation, measuring: [.f1])
print("accuracy \(found[.accuracy] ?? .nan), F1 \(found[.f1] ?? .nan)")
try second.save(to: "rings.safetensors.zst")

// Whoever never stops has the same bits.
let whole = try makeTrainer(threads: 2)
for _ in 0..<600 { try whole.step() }
print("same bits as without stopping: \(weightsDigest(of: whole.tensors) == weightsDigest(of: second.tensors))")
