import LockstepKernels
import LockstepModel

/// One size that grows while all else stays.
struct Sweep: Sendable {
  /// One size, and what is trained at it.
  struct Place: Sendable {
    var size: Int
    var threads: Int
    var workload: @Sendable () throws -> Workload
  }

  /// Names its plot.
  var name: String
  var title: String
  /// What the size is.
  var axis: String
  /// What is trained.
  var subject: String
  /// Whether all places are measured in turn, so that one compares with another; they are then in memory together.
  var inTurn = false
  var places: [Place]

  private static let most = min(Processor.availableCores, 8)

  /// Rows of a batch, through four layers of 256 units.
  static let batch = Sweep(
    name: "batch", title: "Time of a step against the batch", axis: "rows of a batch",
    subject: "256 features, four layers of 256 units with BatchNorm and ReLU, Adam, 8 shards",
    places: doubling(64, 8192).map { rows in
      Place(size: rows, threads: most) {
        try Workload(
          name: "batch", features: 256, layers: normalized(units: 256, depth: 4),
          optimizer: .adam(learningRate: 1e-3), batch: rows)
      }
    })

  /// Units of a layer: a product grows with the square.
  static let width = Sweep(
    name: "width", title: "Time of a step against the width", axis: "units of a layer",
    subject: "as many features as units, four layers with BatchNorm and ReLU, Adam, batches of 512 rows in 8 shards",
    places: doubling(64, 4096).map { units in
      Place(size: units, threads: most) {
        try Workload(
          name: "width", features: units, layers: normalized(units: units, depth: 4),
          optimizer: .adam(learningRate: 1e-3), batch: 512)
      }
    })

  static let depth = Sweep(
    name: "depth", title: "Time of a step against the depth", axis: "layers",
    subject: "256 features, layers of 256 units with SELU, momentum, batches of 512 rows in 8 shards",
    places: [1, 2, 5, 10, 20, 50, 100, 200].map { depth in
      Place(size: depth, threads: most) {
        let layers: [Layer] = [.dense(Dense(256, initializer: .lecunNormal)), .activation(.selu)]
        return try Workload(
          name: "depth", features: 256, layers: [.repeated(times: depth, layers)],
          optimizer: .sgd(learningRate: 1e-3, momentum: 0.9), batch: 512)
      }
    })

  /// Threads, of a benchmark's configuration.
  static func threads(_ counts: [Int], of name: String) -> Sweep {
    Sweep(
      name: "threads-\(name)", title: "Time of a step against threads, \(name)", axis: "threads",
      subject: "`configs/bench/\(name).yaml`", inTurn: true,
      places: counts.map { count in
        Place(size: count, threads: count) { try Workload(file: "configs/bench/\(name).yaml") }
      })
  }

  private static func normalized(units: Int, depth: Int) -> [Layer] {
    [
      .repeated(
        times: depth,
        [
          .dense(Dense(units, initializer: .heNormal, bias: false)), .batchNorm(BatchNorm()), .activation(.relu),
        ])
    ]
  }

  private static func doubling(_ first: Int, _ last: Int) -> [Int] {
    Array(sequence(first: first) { $0 < last ? 2 * $0 : nil })
  }
}
