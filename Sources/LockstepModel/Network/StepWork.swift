/// What the busiest worker of a step has to do, counted: the model by which the fastest way to share a step is chosen.
/// Nothing of it touches a bit.
package struct StepWork: Sendable, Equatable {
  /// Multiply-adds of its products.
  package var multiplyAdds = 0.0
  /// Bytes that it takes from another core's cache or from memory, or leaves there: weights, which all have read and
  /// one has updated, gradients that are summed over shards, and what the other members of its team have written of
  /// each value.
  package var bytes = 0.0
  /// How often it waits for the others of its team.
  package var teamWaits = 0
  /// How often for all.
  package var waits = 0

  /// Seconds on a processor of which a core makes `multiplyAddsPerSecond` and moves `bytesPerSecond`.
  ///
  /// - Parameters:
  ///   - members: of its team.
  ///   - workers: of all teams.
  package func seconds(members: Int, workers: Int, _ costs: Costs = Costs()) -> Double {
    multiplyAdds / costs.multiplyAddsPerSecond + bytes / costs.bytesPerSecond
      + Double(teamWaits) * costs.wait(members) + Double(waits) * costs.wait(workers)
  }

  /// What work takes on a core of the servers that this was measured on.
  package struct Costs: Sendable {
    /// In layers of middling size, a large one having twice as many.
    var multiplyAddsPerSecond = 4e10
    var bytesPerSecond = 1e10
    /// Two workers at a barrier, and each further one.
    var firstWait = 0.7e-6
    var furtherWait = 0.1e-6

    package init() {}

    func wait(_ workers: Int) -> Double { workers == 1 ? 0 : firstWait + furtherWait * Double(workers - 2) }
  }
}

extension Network {
  /// What a step is to the busiest member of a team.
  ///
  /// - Parameters:
  ///   - rows: of the batch that are the team's.
  ///   - members: of the team.
  ///   - workers: of all teams.
  ///   - nodes: gradients that are summed in the end.
  ///   - slots: of the optimizer.
  package func work(rows: Int, members: Int, workers: Int, nodes: Int, slots: Int) -> StepWork {
    var work = StepWork()
    let seat = Team.seats(members, spins: 0)[members - 1]
    // What all members but one have written of what each of them reads.
    let foreign = Double(members - 1) / Double(members)
    for product in products {
      let (inputs, units) = (product.inputs, product.units)
      let forward = Double(seat.rows(rows, width: units).count * seat.columns(of: units).count)
      let backward = Double(seat.rows(rows, width: inputs).count * seat.columns(of: inputs).count)
      let gradient = Double(seat.rows(inputs, width: units).count * seat.columns(of: units).count)
      work.multiplyAdds += forward * Double(inputs)
      work.bytes += Double(inputs * seat.columns(of: units).count) + foreign * Double(rows * inputs)
      work.teamWaits += 1
      if product.hasWeightGradient {
        work.multiplyAdds += gradient * Double(rows)
        work.bytes += gradient + Double(inputs * units * (nodes + 1)) / Double(workers)
        work.teamWaits += 1
      }
      if product.hasInputGradient {
        work.multiplyAdds += backward * Double(units)
        work.bytes += Double(units * seat.columns(of: inputs).count) + foreign * Double(rows * units)
      }
    }
    // Parameter and slots are read and written.
    work.bytes += Double(parameters.trainedElements * 2 * (1 + slots)) / Double(workers)
    work.bytes *= Double(MemoryLayout<Float>.stride)
    work.teamWaits = members == 1 ? 0 : work.teamWaits + 4
    work.waits = workers == 1 ? 0 : 3
    return work
  }
}
