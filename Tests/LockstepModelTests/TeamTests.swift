import Dispatch
import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// The members of a team deal out the rows and columns of every value among themselves, and no bit depends on it.
@Suite struct TeamTests {
  /// Every element of every value is one member's, whatever the width: a part of rows and columns each, and the parts
  /// together the whole.
  @Test func partsAreTheWhole() {
    for (members, deal) in (1...9).flatMap({ count in Team.Deal.allCases.map { (count, $0) } }) {
      let seats = Team.seats(members, deal, spins: 0)
      for width in [1, 2, 15, 16, 31, 32, 33, 63, 64, 65, 96, 100, 128, 255, 300, 1024, 2048] {
        for rows in [0, 1, 2, 7, 64] {
          var owners = [Int](repeating: 0, count: rows * width)
          for seat in seats {
            for row in seat.rows(rows, width: width) {
              for column in seat.columns(of: width) { owners[row * width + column] += 1 }
            }
          }
          #expect(owners.allSatisfy { $0 == 1 }, "\(members) members, \(rows) × \(width)")
        }
        #expect(seats.map { $0.across(width) * $0.down(width) } == seats.map { _ in members })
        // Of several parts, each begins with a panel, and none is larger than an eighth more than its share.
        for columns in seats.map({ $0.columns(of: width) }) where seats[0].across(width) > 1 {
          #expect(columns.lowerBound % Team.panel == 0 && !columns.isEmpty)
          #expect(8 * columns.count * seats[0].across(width) <= 9 * width)
        }
      }
    }
  }

  /// A shard's sums of a column are taken by one member; each thing has its turn once.
  @Test func turnsComeOnce() {
    for members in 1...9 {
      let seats = Team.seats(members, spins: 0)
      for count in [0, 1, 3, 8, 13] {
        #expect(seats.flatMap { Array($0.turns(of: count)) }.sorted() == Array(0..<count))
        #expect(seats.flatMap { Array($0.share(of: count)) } == Array(0..<count))
        for width in [10, 64, 300, 1024] {
          let parts = seats[0].across(width)
          let turns = seats.flatMap { seat in seat.turns(of: count, width: width).map { ($0, seat.columns(of: width)) }
          }
          #expect(turns.count == count * parts, "\(members) members, \(count) shards, width \(width)")
          for shard in 0..<count {
            let covered = turns.filter { $0.0 == shard }.map(\.1.count).reduce(0, +)
            #expect(covered == width, "\(members) members, shard \(shard), width \(width)")
          }
        }
      }
    }
  }

  /// What the busiest has to do: of two workers, half of the products each; in a team, weights or values of the others.
  @Test func workIsCounted() throws {
    let network = try Network(Model(features: 64, Dense(128), ReLU(), Dense(32)), seed: 1)
    // Forward and weight gradient of both layers, input gradient of the second.
    let products = 2.0 * 64 * 128 + 3 * 128 * 32
    func work(_ rows: Int, _ members: Int, _ deal: Team.Deal, workers: Int) -> StepWork {
      network.work(rows: rows, shards: 2, members: members, deal, workers: workers, nodes: 1, slots: 1)
    }
    let alone = work(100, 1, .columns, workers: 1)
    #expect(alone.multiplyAdds == 100 * products && alone.foreignBytes == 0 && alone.waits == 0 && alone.teamWaits == 0)
    for deal in Team.Deal.allCases {
      let half = work(100, 2, deal, workers: 2)
      #expect(half.multiplyAdds == 50 * products, "\(deal)")
      #expect(half.foreignBytes > 0 && half.bytes < alone.bytes && half.teamWaits > 0 && half.waits > 0, "\(deal)")
    }
    // By columns each reads half of the weights, by rows all of them; of values it is the other way round.
    let (columns, rows) = (work(100, 2, .columns, workers: 2), work(100, 2, .rows, workers: 2))
    #expect(columns.bytes < rows.bytes && columns.foreignBytes > rows.foreignBytes)
    #expect(work(50, 1, .columns, workers: 2).multiplyAdds == 50 * products)
  }

  /// Layers of every kind at widths that are dealt by columns, by rows and by both.
  static let models: [(name: String, model: Model)] = [
    ("dense", Model(features: 40, Dense(300), ReLU(), Dense(64, bias: false), Dense(2048), Tanh(), Dense(3))),
    ("narrow", Model(features: 5, Dense(7), ELU(), Dense(20), GELU(), Dense(1), Sigmoid())),
    ("norms", Model(features: 33, BatchNorm(), Dense(100), BatchNorm(), ReLU(), Dense(256), BatchNorm(), Dense(2))),
    (
      "batch",
      Model(
        features: 9, Dense(100), BatchNorm(statistics: .batch), SELU(), Dense(128), BatchNorm(statistics: .batch),
        Dense(4))
    ),
    (
      "slopes",
      Model(
        features: 64, Dense(130), PReLU(), Dense(256), PReLU(slopes: .shared), PReLU(slopes: .shared), Dense(33),
        PReLU())
    ),
    (
      "random",
      Model(
        features: 12, Dropout(rate: 0.2), Dense(96), RReLU(), Dense(256), AlphaDropout(rate: 0.1), Dense(100),
        Dropout(rate: 0.5), Dense(2))
    ),
    (
      "residual",
      Model(
        features: 64, residual(Dense(200), ReLU(), Dense(64)), residual(BatchNorm(), residual(Dense(64), GELU())),
        Dense(5))
    ),
    (
      "images",
      Model(
        input: .image(height: 6, width: 5, channels: 3),
        layers: [
          Conv2D(33, kernel: 3, padding: .same).layer, BatchNorm().layer, ReLU().layer,
          residual(
            [Conv2D(40, kernel: 3, stride: 2, padding: .same), BatchNorm(), PReLU()],
            projection: [Conv2D(40, kernel: 1, stride: 2)]),
          DepthwiseConv2D(kernel: 2, padding: .same).layer, SELU().layer, SpatialDropout(rate: 0.3).layer,
          MaxPool(2, stride: 1).layer, PReLU(slopes: .shared).layer, Flatten().layer, Dense(70).layer, ReLU().layer,
          Dense(3).layer,
        ])
    ),
    (
      "pooled",
      Model(
        input: .image(height: 4, width: 4, channels: 2),
        layers: [
          Conv2D(64, kernel: 2).layer, BatchNorm(statistics: .batch).layer, AveragePool(2, stride: 1).layer,
          Flatten().layer, BatchNorm(statistics: .batch).layer, Dense(128).layer, Dense(2).layer,
        ])
    ),
    (
      "global",
      Model(
        input: .image(height: 4, width: 4, channels: 2),
        layers: [
          Conv2D(128, kernel: 2).layer, ReLU().layer, GlobalAveragePool().layer,
          PReLU().layer, Dense(2).layer,
        ])
    ),
  ]

  @Test(arguments: models.indices) func bitsDoNotDependOnTheTeam(_ index: Int) throws {
    let (name, model) = TeamTests.models[index]
    for (shards, rows, microBatches) in [(1, 19, 1), (3, 50, 1), (5, 61, 2)] {
      if microBatches > 1, ["batch", "pooled"].contains(name) { continue }
      let alone = try bits(model, rows, shards, teams: 1, members: 1, .columns, microBatches)
      for members in [2, 3, 4, 5, 8] {
        for deal in Team.Deal.allCases {
          let together = try bits(model, rows, shards, teams: 1, members: members, deal, microBatches)
          #expect(alone == together, "\(name), \(shards) shards on a team of \(members) that deals \(deal)")
        }
      }
      if shards > 1, microBatches == 1 {
        let teams = try bits(model, rows, shards, teams: 2, members: 3, .rows, microBatches)
        #expect(alone == teams, "\(name), \(shards) shards on two teams of 3")
      }
    }
  }

  /// Outputs in training and inference, losses, gradients and running statistics, as each member works at its part.
  private func bits(
    _ model: Model, _ rows: Int, _ shards: Int, teams: Int, members: Int, _ deal: Team.Deal,
    _ microBatches: Int
  ) throws -> [[UInt32]] {
    let trial = try NetworkTrial(
      model, rows: rows, shards: shards, workers: teams, members: members, deal: deal, microBatches: microBatches)
    var generator = SeededGenerator(seed: UInt64(rows))
    trial.scramble(&generator)
    let (x, y) = (generator.normal(rows * model.features), generator.normal(rows * trial.network.outputs))
    let (shardRows, loss, outputCount) = (trial.shards, trial.loss, trial.network.outputs)
    let outputs = Slots<Float>(repeating: .nan, count: 2 * rows * outputCount)
    for (turn, mode) in [Pass.Mode.inference, .training].enumerated() {
      let pass = Pass(mode: mode, step: 3, batchRows: rows)
      trial.eachWorker { memory, exchange in
        for index in 0..<memory.microBatchCount {
          memory.begin(microBatch: index) { shardRows[$0] }
          for shard in memory.shards {
            for row in memory.share(of: shard) {
              let place = shard.firstRow + row
              shard.input.row(row).copy(from: Array(x[place * model.features..<(place + 1) * model.features]))
              let width = shard.targets.columns
              shard.targets.row(row).copy(from: Array(y[place * width..<(place + 1) * width]))
            }
          }
          memory.forward(pass, exchange)
          for shard in memory.ownShards() {
            _ = loss.evaluate(
              output: shard.output, targets: shard.targets, batchRows: rows,
              gradient: mode == .training ? shard.outputGradient : nil)
            let values = shard.output.array
            let start = (turn * rows + shard.firstRow) * outputCount
            for (offset, value) in values.enumerated() { outputs[start + offset] = value }
          }
          if mode == .training { memory.backward(pass, exchange) }
        }
        if mode == .training { exchange.noteMagnitudes(of: memory) }
        exchange.synchronize()
        if mode == .training { memory.foldRunningStatistics(exchange) }
      }
    }
    let gradients = trial.network.parameters.entries.map {
      trial.workspace.exchanges[0].reduce($0.range).array.map(\.bitPattern)
    }
    let largest = trial.workspace.exchanges[0].largestSummedGradient
    let seen = gradients.joined().map { Float(bitPattern: $0).magnitude }.max() ?? 0
    #expect(largest >= Double(seen), "a gradient larger than was noted")
    return [(0..<outputs.count).map { outputs[$0].bitPattern }] + gradients
      + trial.network.runningStatistics.entries.map { trial.running.vector($0).array.map(\.bitPattern) }
  }
}
