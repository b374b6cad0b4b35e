import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Everything that must not depend on threads: the bits of every tensor, of every loss and norm, and the state.
struct TrainedBits: Equatable {
  var tensors: [String: [UInt32]]
  var losses: [UInt64]
  var state: TrainerState

  init(_ trainer: Trainer, _ steps: [StepResult]) {
    tensors = trainer.tensorBits
    losses = steps.flatMap { [$0.loss.bitPattern, ($0.gradientNorm ?? 0).bitPattern, $0.learningRate.bitPattern] }
    state = trainer.state
  }

  /// The first difference in words, nil if there is none.
  func difference(from other: TrainedBits) -> String? {
    if self == other { return nil }
    if let step = losses.indices.first(where: { $0 >= other.losses.count || losses[$0] != other.losses[$0] }) {
      return "\(["loss", "gradient norm", "learning rate"][step % 3]) of step \(step / 3 + 1)"
    }
    for (name, bits) in tensors.sorted(by: { $0.key < $1.key }) where bits != other.tensors[name] {
      return "tensor \(name)"
    }
    return "state \(state) and \(other.state)"
  }
}

extension Trainer {
  /// The bits of every tensor by name.
  var tensorBits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: tensors.map { tensor in
        var bits: [UInt32] = []
        tensor.eachPiece { bits += $0.array.map(\.bitPattern) }
        return (tensor.name, bits)
      })
  }

  /// The memory of a tensor.
  func tensor(_ name: String) throws -> Vector {
    try #require(tensors.first { $0.name == name }, "no tensor \(name) among \(tensors.map(\.name))").values
  }

  /// Takes the tensors and the state of another trainer, as resuming from a checkpoint does.
  func takeOver(from other: Trainer) {
    let saved = other.tensors.map { ($0.name, $0.values.array) }
    for (tensor, (name, values)) in zip(tensors, saved) {
      #expect(tensor.name == name)
      tensor.values.copy(from: values)
    }
    publish()
    resume(from: other.state)
  }
}

/// One configuration whose threads vary.
struct Run: Sendable, CustomTestStringConvertible {
  var name: String
  var model: Model
  var loss: Loss = .softmaxCrossEntropy
  var optimizer = Optimizer.sgd(learningRate: 0.05, momentum: 0.9)
  var options: Trainer.Options
  var data: TestData
  var steps: Int

  var testDescription: String { name }

  func trainer(
    threads: Int, teams: Int? = nil, seed: UInt64? = nil, communicator: (any Communicator)? = nil
  ) throws -> Trainer {
    var options = options
    options.threads = .count(threads)
    options.teams = teams
    options.seed = seed ?? options.seed
    let trainer = try Trainer(
      model, loss: loss, optimizer: optimizer, options: options, communicator: communicator,
      // So small that there are many, as large networks have.
      bucket: 1024)
    try trainer.attach(data)
    return trainer
  }

  func train(threads: Int, teams: Int? = nil, seed: UInt64? = nil) throws -> TrainedBits {
    let trainer = try trainer(threads: threads, teams: teams, seed: seed)
    return TrainedBits(trainer, try (0..<steps).map { _ in try trainer.step() })
  }

  /// Trains on some ranks of so many threads each.
  func train(ranks: Int, threads: Int, teams: Int? = nil) throws -> TrainedBits {
    let bits = try withRanks(ranks) { (communicator) -> TrainedBits? in
      let trainer = try trainer(threads: threads, teams: teams, communicator: communicator)
      guard communicator.rank == 0 else {
        trainer.follow(validation: data)
        return nil
      }
      defer { trainer.dismiss() }
      return TrainedBits(trainer, try (0..<steps).map { _ in try trainer.step() })
    }
    return try #require(bits)
  }

  /// Trains on each number of threads, in as many teams as are chosen, in one and in two, and expects the bits of one
  /// thread.
  func expectSameBits(threads: [Int] = [2, 3, 5, 8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let expected = try train(threads: 1)
    #expect(
      expected.tensors.values.allSatisfy { $0.allSatisfy { Float(bitPattern: $0).isFinite } }, "\(name)",
      sourceLocation: sourceLocation)
    for count in threads {
      for teams in [nil, 1, 2] {
        if let difference = try train(threads: count, teams: teams).difference(from: expected) {
          let place = "on \(count) threads in \(teams.map(String.init) ?? "the chosen") teams"
          Issue.record("\(name): \(place) another \(difference)", sourceLocation: sourceLocation)
        }
      }
    }
    for (ranks, threads) in [(2, 1), (3, 2)] where ranks <= options.shards {
      if let difference = try train(ranks: ranks, threads: threads).difference(from: expected) {
        Issue.record(
          "\(name): on \(ranks) ranks of \(threads) threads another \(difference)", sourceLocation: sourceLocation)
      }
    }
  }
}
