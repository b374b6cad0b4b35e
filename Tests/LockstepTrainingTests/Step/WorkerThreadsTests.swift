import Dispatch
import LockstepKernels
import LockstepModel
import LockstepTraining
import Synchronization
import Testing

/// Threads are taken all at once or not at all, whoever else asks meanwhile.
@Suite struct WorkerThreadsTests {
  @Test func noMoreThanThereAre() throws {
    let budget = WorkerThreads.Budget(most: 10)
    let first = try WorkerThreads(workers: 7, of: budget)
    // The first worker has its caller's thread: 6 are taken, and 4 are left.
    #expect(throws: TrainingError.self) { try WorkerThreads(workers: 6, of: budget) }
    let second = try WorkerThreads(workers: 5, of: budget)
    #expect(throws: TrainingError.self) { try WorkerThreads(workers: 2, of: budget) }
    _ = try WorkerThreads(workers: 1, of: budget)
    withExtendedLifetime((first, second)) {}
  }

  /// A system that gives fewer is said to, and what was taken is given back.
  @Test func noMoreThanTheSystemGives() throws {
    #expect(ThreadSupply.granted(5) == 5 && ThreadSupply.granted(0) == 0)
    let budget = WorkerThreads.Budget(most: 10)
    for _ in 0..<5 {
      let error = #expect(throws: TrainingError.self) {
        try WorkerThreads(workers: 8, of: budget) { min($0, 3) }
      }
      #expect(
        "\(try #require(error))".contains(
          "found 8 threads, which takes 10 beside that of the process, but the system gives 3"))
    }
    _ = try WorkerThreads(workers: 11, of: budget) { $0 }
  }

  @Test func givenBack() throws {
    let budget = WorkerThreads.Budget(most: 10)
    for _ in 0..<100 { _ = try WorkerThreads(workers: 11, of: budget) }
  }

  /// Many that ask at once: the sum of what they hold never exceeds what there is, and at the end all is there again.
  @Test func manyAtOnce() throws {
    let most = 40
    let budget = WorkerThreads.Budget(most: most)
    let held = Atomic(0)
    let exceeded = Atomic(0)
    let granted = Atomic(0)
    let refused = Atomic(0)
    let group = DispatchGroup()
    for maker in 0..<16 {
      DispatchQueue(label: "maker").async(group: group) {
        // What it has been given it keeps while it asks for more.
        var kept: [WorkerThreads] = []
        func giveBack() {
          held.subtract(kept.reduce(0) { $0 + $1.workers - 1 }, ordering: .sequentiallyConsistent)
          kept.removeAll()
        }
        defer { giveBack() }
        for round in 0..<3000 {
          if round % 4 == 0 { giveBack() }
          let workers = 2 + (maker * 7 + round * 13) % most
          guard let threads = try? WorkerThreads(workers: workers, of: budget) else {
            refused.add(1, ordering: .relaxed)
            continue
          }
          if held.add(workers - 1, ordering: .sequentiallyConsistent).newValue > most {
            exceeded.add(1, ordering: .relaxed)
          }
          granted.add(1, ordering: .relaxed)
          kept.append(threads)
        }
      }
    }
    group.wait()
    #expect(exceeded.load(ordering: .relaxed) == 0)
    #expect(granted.load(ordering: .relaxed) > 0 && refused.load(ordering: .relaxed) > 0)
    _ = try WorkerThreads(workers: most + 1, of: budget)
  }

  private static let model = Model(features: 3) { Dense(2) }

  private static func trainer(threads: Int, classWeights: [Float]? = nil) throws -> Trainer {
    try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
      options: .init(batch: 64, shards: 64, threads: .count(threads), classWeights: classWeights))
  }

  /// Trainers made at the same time train; none waits for threads that another has.
  @Test func trainersAtOnce() {
    let trained = Atomic(0)
    let data = TestData(samples: 64, features: 3, task: .classification(classes: 2))
    let group = DispatchGroup()
    // 60 threads at most: the suites beside this one take some of the process's as well.
    for _ in 0..<4 {
      DispatchQueue(label: "maker").async(group: group) {
        for _ in 0..<5 {
          guard let trainer = try? Self.trainer(threads: 16), (try? trainer.attach(data)) != nil,
            (try? trainer.step()) != nil
          else { continue }
          trained.add(1, ordering: .relaxed)
        }
      }
    }
    group.wait()
    #expect(trained.load(ordering: .relaxed) == 20)
  }

  /// Where making a trainer fails later on, what it had taken is there again.
  @Test func givenBackByAFailure() throws {
    for _ in 0..<100 {
      #expect(throws: TrainingError.self) { try Self.trainer(threads: 8, classWeights: [1, 2, 3]) }
    }
    _ = try Self.trainer(threads: 8)
  }
}
