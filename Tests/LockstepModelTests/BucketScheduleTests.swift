import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// When buckets go: no sooner than all that they hold is complete, no later than it is needed.
@Suite struct BucketScheduleTests {
  private static let model = Model(features: 40) {
    Dense(50)
    BatchNorm()
    Residual {
      Dense(60, bias: false)
      PReLU()
      Dense(50)
    }
    Tanh()
    Dense(700)
    Dense(3)
  }

  @Test(arguments: [1, 2, 3, 7])
  func agreesWithTheParametersOfEachStage(blocks: Int) throws {
    let network = try Network(Self.model, seed: 1)
    let layout = network.parameters
    let size = blocks * ParameterLayout.block
    let buckets = stride(from: 0, to: layout.count, by: size).map { $0..<min($0 + size, layout.count) }
    let schedule = BucketSchedule(network, buckets)
    #expect(schedule.departures.sorted() == Array(buckets.indices))
    /// The stages of which a bucket holds parameters.
    func stages(_ bucket: Int) -> [Int] {
      layout.entries.filter { $0.range.overlaps(buckets[bucket]) }.compactMap { entry in
        network.stages.firstIndex { $0.path == entry.layer && $0.content.hasParameters }
      }
    }
    for bucket in buckets.indices {
      let own = stages(bucket)
      #expect(schedule.firstStages[bucket] == own.min())
      for stage in own { #expect(schedule.arrivals[stage] > bucket) }
    }
    for (stage, arrivals) in schedule.arrivals.enumerated() {
      #expect(arrivals == 0 || stages(arrivals - 1).contains(stage), "stage \(stage) waits for more than it needs")
      if network.stages[stage].content.hasParameters { #expect(arrivals > 0) }
    }
    let order = schedule.departures.map { schedule.firstStages[$0] }
    #expect(order == order.sorted(by: >), "the last layers go first")
  }
}
