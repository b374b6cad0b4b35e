import Lockstep

/// max(0, x)² — So et al. 2021, https://arxiv.org/abs/2109.08668
struct SquaredReLU: CustomActivation {
  let name = "squared_relu"
  func value(at x: Float) -> Float { x > 0 ? x * x : 0 }
  func derivative(at x: Float) -> Float { x > 0 ? 2 * x : 0 }
}

/// The pinball loss, which is smallest where a share `quantile` of the targets is below the output — Koenker, Bassett
/// 1978, https://doi.org/10.2307/1913643
struct Pinball: CustomLoss {
  let quantile: Float
  var name: String { "pinball_\(Int(100 * quantile))" }
  let targets = LossTargets.numbers

  func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
    let missing = targets[0] - outputs[0]
    return Double(missing > 0 ? quantile * missing : (quantile - 1) * missing)
  }

  func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
    gradient[0] = targets[0] > outputs[0] ? -quantile : 1 - quantile
  }
}

/// The share of targets that are at most the output.
struct Coverage: CustomMetric {
  let name = "coverage"
  private var covered = 0
  private var rows = 0

  mutating func add(outputs: Matrix, targets: Matrix) {
    for row in 0..<outputs.rows where targets[row, 0] <= outputs[row, 0] { covered += 1 }
    rows += outputs.rows
  }

  var value: Double { Double(covered) / Double(rows) }
}

let all = try SyntheticSpecification(
  kind: .friedman(noise: 1), samples: 12_000, features: 10, task: .regression(targets: 1)
).makeDataset(runSeed: 1)
let (train, validation) = try all.split(validation: 0.25, seed: 1)

let model = Model(features: 10) {
  Dense(32, initializer: .heNormal)
  SquaredReLU()
  Dense(1)
}

func trainer(_ quantile: Float, threads: Int) throws -> Trainer {
  let trainer = try Trainer(
    model, loss: .custom(Pinball(quantile: quantile)), optimizer: .adam(learningRate: 1e-2),
    options: .init(batch: 100, threads: .count(threads), schedule: .cosine(), horizon: 1_000))
  try trainer.attach(train)
  return trainer
}

for quantile in [0.1, 0.5, 0.9] as [Float] {
  let trainer = try trainer(quantile, threads: 2)
  for _ in 0..<1_000 { try trainer.step() }
  let found = try trainer.evaluate(on: validation, adding: [Coverage()])
  print("\(trainer.loss.name): \(100 * (found["coverage"] ?? .nan)) % of the targets are at most the output")
}

// A checkpoint knows the functions by their names, and takes them from the program again.
let first = try trainer(0.9, threads: 2)
for _ in 0..<500 { try first.step() }
try first.save(to: "quantile.safetensors.zst")
let second = try trainer(0.9, threads: 1)
try second.load(from: "quantile.safetensors.zst")
for _ in 0..<500 {
  try first.step()
  try second.step()
}
print("the same bits: \(weightsDigest(of: first.tensors) == weightsDigest(of: second.tensors))")

let trained = try TrainedModel(checkpoint: "quantile.safetensors.zst", activations: [SquaredReLU()])
print("\(trained.configuration.loss.name) after \(trained.step) steps")
do { _ = try TrainedModel(checkpoint: "quantile.safetensors.zst") } catch { print(error) }
