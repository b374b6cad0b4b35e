/// What the busiest worker of a step has to do, counted: the model by which the fastest way to share a step is chosen.
/// Nothing of it touches a bit.
package struct StepWork: Sendable, Equatable {
  /// Multiply-adds of its products.
  package var multiplyAdds = 0.0
  /// Bytes that it takes from memory or a far cache, or leaves there, one after the other: weights, gradients and what
  /// is updated.
  package var bytes = 0.0
  /// Bytes of values that other members of its team have written a moment ago.
  package var foreignBytes = 0.0
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
      + foreignBytes / costs.foreignBytesPerSecond + Double(teamWaits) * costs.wait(members) + Double(waits)
      * costs.wait(workers)
  }

  /// What work takes on a core of the servers that this was measured on.
  package struct Costs: Sendable {
    /// In layers of middling size; large ones have twice as many.
    var multiplyAddsPerSecond = 5e10
    var bytesPerSecond = 1.5e10
    var foreignBytesPerSecond = 2e10
    /// Two workers at a barrier, and each further one.
    var firstWait = 0.5e-6
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
  ///   - shards: that they are cut into.
  ///   - members: of the team.
  ///   - deal: what they deal out.
  ///   - workers: of all teams.
  ///   - nodes: gradients that are summed in the end.
  ///   - slots: of the optimizer.
  package func work(
    rows: Int, shards: Int, members: Int, _ deal: Team.Deal, workers: Int, nodes: Int, slots: Int
  ) -> StepWork {
    var work = StepWork()
    // Parts are cut upwards, so the last is the largest.
    let seat = Team.seats(members, deal, spins: 0)[members - 1]
    // What all members but one have written of what each of them reads.
    let foreign = Double(members - 1) / Double(members)
    func part(_ rows: Int, _ shape: Shape) -> (rows: Double, columns: Double) {
      (Double(seat.rows(rows, shape: shape).count), Double(seat.columns(of: shape).count))
    }
    for product in products {
      // What a row has of the value that is read, and of that which is given.
      let (read, given, all) = (Double(product.input.count), Double(product.output.count), Double(rows))
      let (forward, backward) = (part(rows, product.output), part(rows, product.input))
      // Of one output's sum over what is read; a member that has some columns of a matrix has as much of the weight.
      let (sum, weights) = (product.forwardMultiplyAdds / given, Double(product.weight.count))
      work.multiplyAdds += forward.rows * forward.columns * sum
      work.bytes += weights * forward.columns / given
      let readsForeign = seat.across(product.output) > 1 || seat.across(product.input) > 1
      if readsForeign { work.foreignBytes += foreign * forward.rows * read }
      if product.hasWeightGradient {
        let gradient = part(product.inputs, .features(product.units))
        let share = gradient.rows * gradient.columns
        work.multiplyAdds += share * all * Double(product.positions)
        work.bytes += share + weights * Double(nodes + 1) / Double(workers)
        let dealsRows = seat.down(product.output) > 1
        work.foreignBytes +=
          foreign * all
          * (gradient.rows / Double(product.inputs) * read
            + (dealsRows ? gradient.columns / Double(product.units) * given : 0))
      }
      if product.hasInputGradient {
        work.multiplyAdds += backward.rows * backward.columns * product.forwardMultiplyAdds / read
        work.bytes += weights * backward.columns / read
        if readsForeign { work.foreignBytes += foreign * backward.rows * given }
      }
      if members > 1 { work.teamWaits += readsForeign ? 2 : 1 }
    }
    for stage in stages {
      let shape = stage.wiring.outputShape
      guard stage.content.batchNorm != nil, seat.down(shape) > 1 else { continue }
      // Sums are taken by channels and shards, in five passes of reading: some members wait for others.
      let turns = Double(Array(seat.turns(of: shards, shape: shape)).count)
      let parts = Double(seat.summedChannels(of: shape).count) * Double(shape.positions)
      let most = max(turns, (Double(shards) / Double(seat.down(shape))).rounded(.up))
      work.bytes += 5 * Double(rows) * parts * most / Double(shards)
      work.teamWaits += 4
    }
    // Parameter and slots are read and written.
    work.bytes += Double(parameters.trainedElements * 2 * (1 + slots)) / Double(workers)
    work.bytes *= Double(MemoryLayout<Float>.stride)
    work.foreignBytes *= Double(MemoryLayout<Float>.stride)
    work.teamWaits += members == 1 ? 0 : 4
    work.waits = workers == 1 ? 0 : 3
    return work
  }
}
