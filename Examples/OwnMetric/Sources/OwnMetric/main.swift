import Lockstep

/// Cohen's kappa: how much more often predictions agree with the classes than by chance, (pₒ − pₑ) / (1 − pₑ) —
/// Cohen 1960, https://doi.org/10.1177/001316446002000104
struct Kappa: CustomMetric {
  let name = "kappa"
  private var counts: [[Double]]

  init(classes: Int) { counts = Array(repeating: Array(repeating: 0, count: classes), count: classes) }

  mutating func add(outputs: Matrix, targets: Matrix) {
    for row in 0..<outputs.rows {
      let logits = outputs.row(row).array
      counts[Int(targets[row, 0])][logits.indices.max { logits[$0] < logits[$1] } ?? 0] += 1
    }
  }

  var value: Double {
    let all = counts.joined().reduce(0, +)
    let observed = counts.indices.reduce(0) { $0 + counts[$1][$1] } / all
    let expected = counts.indices.reduce(0) { sum, k in
      sum + counts[k].reduce(0, +) * counts.reduce(0) { $0 + $1[k] } / (all * all)
    }
    return (observed - expected) / (1 - expected)
  }
}

/// Says what each evaluation has found, and pauses the run where that is enough.
struct Watch: RunCallback {
  let enough: Double

  func receive(_ event: RunEvent, of run: TrainingRun) {
    switch event {
    case .evaluated(let step, let metrics):
      print("step \(step): " + metrics.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
      if metrics.contains(where: { $0.name == "kappa" && $0.value >= enough }) { run.pause() }
    case .stoppedEarly(let step, let reason): print("step \(step): \(reason)")
    default: break
    }
  }
}

let clusters = try SyntheticSpecification(
  kind: .gaussianClusters(separation: 0.5), samples: 5_000, features: 16, task: .classification(classes: 4)
).makeDataset(runSeed: 1)
let (train, validation) = try clusters.split(validation: 0.2, seed: 1)

let model = Model(features: 16) {
  Dense(32, bias: false)
  BatchNorm()
  ReLU()
  Dense(4)
}

var run = try Run(
  model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 5e-3), options: .init(batch: 100),
  length: .epochs(40), on: train, validation: validation, name: "clusters")
run.settings.training.earlyStopping = EarlyStopping(metric: .loss, patience: 1, minimumDelta: 0.005)
run.settings.checkpoint.keepBest = .init(metric: .loss)
run.metrics = [Kappa(classes: 4)]

// It ends where kappa is enough, whenever that is …
run.callbacks = [Watch(enough: 0.6)]
let paused = try run.train(in: "runs/clusters")
print("\(paused.end) after step \(paused.steps)")

// … and goes on where nothing more is asked of it, until it gets no better.
run.callbacks = [Watch(enough: 1)]
let done = try run.train(in: "runs/clusters")
print("\(done.end) after step \(done.steps): kappa \(done.validation("kappa") ?? .nan)")
