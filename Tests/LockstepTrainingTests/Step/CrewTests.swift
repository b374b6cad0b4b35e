import LockstepKernels
import LockstepModel
import Testing

@testable import LockstepTraining

/// Who makes the next steps.
@Suite struct CrewTests {
  /// A machine on which a step of each crew takes a time of its own, most often.
  private struct Machine {
    /// Of all workers: in the fast steps, and in every tenth, for which one of them has lost its core.
    var fast = 20e-6
    var slow = 20e-6
    var alone = 35e-6

    /// Seconds until `steps` are made, and how many of them by one thread.
    func make(_ steps: Int, _ crew: inout Crew) -> (seconds: Double, alone: Int) {
      var (seconds, made) = (0.0, 0)
      for step in 0..<steps {
        let taken = crew.isAlone ? alone : step % 10 == 9 ? slow : fast
        if crew.isAlone { made += 1 }
        seconds += taken
        crew.note(seconds: taken, samples: 64)
      }
      return (seconds, made)
    }
  }

  @Test func whereAllHaveCoresNobodyIsAlone() {
    var crew = Crew()
    // A tenth of the steps takes four times as long: 1.3 times the fastest, on average.
    #expect(Machine(slow: 80e-6).make(200_000, &crew).alone == 0)
  }

  @Test func oneThreadTakesOverWhereOthersLoseTheirCores() {
    var crew = Crew()
    let busy = Machine(slow: 4e-3)
    let (seconds, alone) = busy.make(200_000, &crew)
    #expect(crew.isAlone && alone > 195_000)
    // Within a tenth of one thread's speed, all trials of the others in it.
    #expect(seconds < 1.1 * 200_000 * busy.alone)
    // When the others are gone, all workers come back, and stay.
    let idle = Machine()
    #expect(idle.make(400_000, &crew).alone < 400_000)
    #expect(!crew.isAlone && idle.make(200_000, &crew).alone == 0)
  }

  /// Slow steps of all workers, but one thread is slower still: it is tried ever more rarely.
  @Test func oneThreadIsNotPreferredWhereItIsSlower() {
    var crew = Crew()
    let slower = Machine(slow: 400e-6, alone: 100e-6)
    let (seconds, alone) = slower.make(1_000_000, &crew)
    #expect(alone > 0 && Double(alone) * slower.alone < 0.02 * seconds)
  }

  @Test func longStepsAreNotLookedAt() {
    var crew = Crew()
    #expect(Machine(fast: 20e-3, slow: 200e-3, alone: 10e-3).make(2000, &crew).alone == 0)
  }

  /// The last batch of an epoch may have a row: it is fast, but not faster.
  @Test func smallBatchesDoNotMakeOthersSlow() {
    var crew = Crew()
    for step in 0..<100_000 {
      crew.note(seconds: step % 5 == 4 ? 5e-6 : 20e-6, samples: step % 5 == 4 ? 1 : 64)
      #expect(!crew.isAlone)
    }
  }

  /// Steps of all workers and of one thread in turn: the same bits as ever, whatever is kept between steps.
  @Test(arguments: BatchNorm.Statistics.allCases, Precision.allCases)
  func theBitsAreThoseOfAllWorkers(_ statistics: BatchNorm.Statistics, _ precision: Precision) throws {
    let model = Model(features: 12) {
      Dense(96)
      BatchNorm(statistics: statistics)
      PReLU()
      Dense(40)
      Dropout(rate: 0.2)
      Dense(3)
    }
    for (maxNorm, clip) in [(nil, nil), (2.0, GradientClip.globalNorm(0.5))] {
      let run = Run(
        name: "in turn", model: model, optimizer: .adam(learningRate: 0.02),
        options: Trainer.Options(
          batch: 36, shards: 5, seed: 3, regularization: Regularization(maxNorm: maxNorm), clip: clip,
          weightAverage: WeightAverage(decay: 0.9), precision: precision),
        data: TestData(samples: 100, features: 12, task: .classification(classes: 3)), steps: 20)
      let expected = try run.train(threads: 1)
      for threads in [2, 3, 8] {
        let changing = try run.trainer(threads: threads)
        let results = try (0..<run.steps).map { step in
          changing.crew = Crew(isAlone: step % 3 > 0)
          var result = try changing.step(observingLayers: step % 5 == 0, keepingGradient: step % 7 == 0)
          result.layers = nil
          return result
        }
        #expect(TrainedBits(changing, results).difference(from: expected) == nil, "\(threads) threads, \(maxNorm ?? 0)")
        // Whoever looks at layers or gradients looks at all workers'.
        #expect(changing.stepsAlone == (0..<run.steps).count { $0 % 3 > 0 && $0 % 5 > 0 && $0 % 7 > 0 })
      }
    }
    let single = try Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(), batch: 36, threads: 1)
    #expect(single.crew == nil && single.stepsAlone == 0)
  }
}
