import LockstepConfiguration
import LockstepFormats
import LockstepReport

/// What statistics over a shard cost in accuracy, and statistics over the batch in time.
struct ShardStatistics: Experiment {
  let name = "shards"
  let title = "BatchNorm's statistics over shards of 2 to 512 rows, and over the batch"

  private static let base = """
    data:
      train:      {synthetic: {kind: gaussian_clusters, samples: 20480, features: 32, classes: 10, separation: 0.5}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 10000, features: 32, classes: 10, separation: 0.5}}
    model:
      layers:
        - repeat: {times: 3, layers: [{dense: {units: 128, initializer: he_normal, bias: false}}, {batch_norm: {statistics: shard}}, relu]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.003}}
    training: {batch_size: 512, shards: 8, threads: 2, steps: 400}
    """
  private static let batch = 512
  private static let statistics = "model.layers.0.repeat.layers.1.batch_norm.statistics"

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    let rows = [2, 4, 8, 16, 32, 64, 128, 256, 512]
    var accuracies: [Figures] = []
    var synchronized = Figures(values: [])
    func train(_ settings: [String]) throws -> TrainedCurve {
      let curve = try TrainedCurve.train(RunConfiguration(Self.base, settings + (quick ? ["training.steps=40"] : [])))
      page.record(settings, curve.digest)
      return curve
    }
    let seeds = 1...(quick ? 2 : 5)
    for count in rows {
      let values = try seeds.map { seed in
        let shards = Self.batch / count
        return try train(["seed=\(seed)", "training.shards=\(shards)", "training.threads=\(min(2, shards))"])
          .accuracy(guessing: 0.1)
      }
      accuracies.append(Figures(values: values))
    }
    for seed in seeds {
      synchronized.values.append(try train(["seed=\(seed)", "\(Self.statistics)=batch"]).accuracy(guessing: 0.1))
    }
    page.add(
      "## Accuracy\n\nA batch of 512 rows cut into shards of so many; running statistics are those of the whole batch in any case. 400 steps, \(seeds.count) seeds, "
        + "on 10,000 samples that were not trained on.")
    page.addTable(
      ["rows a shard", "accuracy"],
      zip(rows, accuracies).map { ["\($0)", $1.percent] } + [["the batch, synchronised", synchronized.percent]])
    page.addChart(
      [
        .init(name: "shard", points: zip(rows, accuracies).map { (x: Double($0), y: Optional($1.mean)) }),
        .init(name: "batch", points: rows.map { (x: Double($0), y: Optional(synchronized.mean)) }, style: .fit),
      ], xTitle: "rows a shard", yTitle: "accuracy", x: .logarithmic, "accuracy",
      caption: "Accuracy over the rows of a shard; dotted: statistics over the batch")

    let costs = try cost(quick: quick)
    page.add(
      "## The cost of synchronising\n\nTime of a step with statistics over the batch, over that with statistics over shards: 8 shards, the best of turns in alternation on "
        + "this machine's cores. Two barriers a BatchNorm and step, and its sums along the tree.")
    page.addTable(["threads", "over shards", "over the batch", "ratio"], costs.map(\.row))

    /// What synchronising gains.
    func gain(_ shards: Figures) -> Difference { Difference(synchronized.values, shards.values) }
    page.claim(
      "Statistics over very few rows are too noisy: two rows a shard lose accuracy, over a point",
      source: "Wu, He 2018; Ioffe 2017", gain(accuracies[0]).exceeds(0.01),
      evidence:
        "\(accuracies[0].percent), over the batch \(synchronized.percent): \(gain(accuracies[0]).points) by the batch")
    let large = zip(rows, accuracies).filter { $0.0 >= 32 }
    page.claim(
      "From 32 rows a shard on there is nothing to gain by synchronising, not a point", source: "Goyal et al. 2017",
      large.map { gain($0.1).staysBelow(0.01) }.reduce(.shows) { $0.and($1) },
      evidence: large.map { "\($0.0): \(gain($0.1).points)" }.joined(separator: ", "))
    let best = zip(rows, accuracies).max { $0.1.mean < $1.1.mean }
    page.claim(
      "Smaller groups regularise: some shard is better than the batch", source: "Luo et al. 2018",
      best.map { Difference($0.1.values, synchronized.values).exceeds() } ?? .doesNotShow,
      evidence:
        "best at \(best?.0 ?? 0) rows, \(best?.1.percent ?? ""); the batch \(synchronized.percent): \(best.map { Difference($0.1.values, synchronized.values).points } ?? "")"
    )
    page.claim(
      "Synchronising costs less than a tenth of a step on one machine", source: "measured here only",
      holds: costs.allSatisfy { $0.ratio < 1.1 },
      evidence: costs.map { "\($0.threads) threads: \(Format.fixed($0.ratio, 2)) ×" }.joined(separator: ", "))
  }

  private struct Cost {
    var threads: Int
    var shard: Double
    var batch: Double
    var ratio: Double { batch / shard }
    var row: [String] {
      ["\(threads)", Format.short(shard), Format.short(batch), "\(Format.fixed(ratio, 2)) ×"]
    }
  }

  /// Turns in alternation, the best of each.
  private func cost(quick: Bool) throws -> [Cost] {
    try [1, 2].map { threads in
      var cost = Cost(threads: threads, shard: .infinity, batch: .infinity)
      for _ in 0..<(quick ? 1 : 5) {
        func seconds(_ statistics: String) throws -> Double {
          try TrainedCurve.train(
            RunConfiguration(
              Self.base, ["training.threads=\(threads)", "\(Self.statistics)=\(statistics)", "training.steps=60"])
          ).stepSeconds
        }
        cost.shard = min(cost.shard, try seconds("shard"))
        cost.batch = min(cost.batch, try seconds("batch"))
      }
      return cost
    }
  }
}
