import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What a step takes at every size of a sweep, and what its matrix products alone take.
struct SweepResult {
  struct Point {
    var size: Int
    /// Of a step's products.
    var multiplyAdds: Double
    /// Of one step.
    var seconds: Double
    /// Of its products alone, a shard a worker, on as many workers as have a core.
    var products: Double
    /// Workers that have a core of their own.
    var cores: Int

    var nanosecondsPerMultiplyAdd: Double { seconds / multiplyAdds * 1e9 }
    var share: Double { products / seconds }
  }

  var sweep: Sweep
  /// In order.
  var points: [Point] = []
  /// Sizes that cannot be measured here, and why.
  var skipped: [(size: Int, reason: String)] = []

  /// Multiply-adds a second and core of the products at their best: the rate whose cost is a straight line.
  var bestRate: Double { points.map { $0.multiplyAdds / $0.products / Double($0.cores) }.max() ?? .nan }

  /// Seconds of a step at the best rate.
  func straight(_ point: Point) -> Double { point.multiplyAdds / bestRate / Double(point.cores) }

  /// - Parameters:
  ///   - turns: of each size, of which the best counts.
  ///   - seconds: of a turn.
  static func measure(_ sweep: Sweep, turns: Int, seconds: Double) throws -> SweepResult {
    var result = SweepResult(sweep: sweep)
    for group in sweep.inTurn ? [sweep.places] : sweep.places.map({ [$0] }) {
      var contestants: [Contestant] = []
      for place in group {
        Machine.note("\(sweep.name) \(place.size)")
        do {
          contestants.append(try Contestant(place))
        } catch RunError.input(let reason) {
          // Such as more memory than there is.
          result.skipped.append((place.size, reason))
        }
      }
      for _ in 0..<turns {
        for index in contestants.indices { try contestants[index].take(seconds: seconds) }
      }
      result.points += contestants.map(\.point)
    }
    return result
  }

  var json: JSONValue {
    [
      "name": .string(sweep.name), "axis": .string(sweep.axis), "subject": .string(sweep.subject),
      "points": .array(
        points.map {
          [
            "size": .integer($0.size), "multiply_adds": .number($0.multiplyAdds), "step_seconds": .number($0.seconds),
            "product_seconds": .number($0.products), "ns_per_multiply_add": .number($0.nanosecondsPerMultiplyAdd),
            "ceiling_share": .number($0.share),
          ]
        }),
      "skipped": .array(skipped.map { ["size": .integer($0.size), "reason": .string($0.reason)] }),
    ]
  }
}

/// One size, being measured.
private struct Contestant {
  private let place: Sweep.Place
  private let batch: Int
  private let multiplyAdds: Double
  private let cores: Int
  private let ceiling: MatmulCeiling
  private var steps: StepTurns
  private var products = Double.infinity

  init(_ place: Sweep.Place) throws {
    let workload = try place.workload()
    self.place = place
    batch = workload.batch
    guard place.threads <= workload.shards else {
      throw RunError.input("\(workload.shards) shards keep no more threads busy")
    }
    steps = try StepTurns(workload, threads: place.threads)
    let network = steps.trainer.network
    multiplyAdds = network.multiplyAddsPerSample * Double(batch)
    cores = min(steps.trainer.threads, Processor.availableCores)
    ceiling = try MatmulCeiling(
      network, batch: batch, shards: cores, TeamPlan(workers: cores, shards: cores, teams: cores))
  }

  mutating func take(seconds: Double) throws {
    try steps.take(seconds: seconds)
    products = min(products, try Double(batch) / ceiling.measure(seconds: seconds))
  }

  var point: SweepResult.Point {
    SweepResult.Point(
      size: place.size, multiplyAdds: multiplyAdds, seconds: steps.best.seconds, products: products, cores: cores)
  }
}
