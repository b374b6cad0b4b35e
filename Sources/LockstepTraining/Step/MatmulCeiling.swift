import LockstepData
import LockstepKernels
import LockstepModel

/// What a step would reach if only its matrix products took time: every worker runs the forward, input-gradient and
/// weight-gradient products of its shards, with no other work and no synchronisation but at the end.
package struct MatmulCeiling {
  private let work: Work
  private let threads: Int
  /// Rows that one repetition works through: those of equal shards, also where the batch's are uneven.
  private let rows: Int

  /// One worker's matrices: those of one shard, used for each of its shards in turn.
  ///
  /// `@unchecked Sendable`: every worker touches its own matrices alone, and `repetitions` changes only while none
  /// runs.
  private final class Work: @unchecked Sendable {
    struct Product {
      var x: Matrix
      var weight: Matrix
      var y: Matrix
      var dWeight: Matrix?
      var dx: Matrix?
    }

    var repetitions = 1
    let shardsByWorker: [Int]
    let products: [[Product]]
    private let shardRows: Slots<Int>
    private let scratch: [ProductScratch]
    private let arenas: [Arena]

    init(layers: [LayerProducts], rows: Int, shards: Int, workers: Int) {
      var arenas: [Arena] = []
      func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        let arena = Arena(count: rows * columns)
        arena.all.fill(0.01)
        arenas.append(arena)
        return arena.matrix(at: 0, rows: rows, columns: columns)
      }
      products = (0..<workers).map { _ in
        var x = matrix(rows, layers.first?.inputs ?? 0)
        return layers.map { layer in
          // Where a layer's input is another's output, the next product finds it in cache, as in a step.
          if x.columns != layer.inputs { x = matrix(rows, layer.inputs) }
          let product = Product(
            x: x, weight: matrix(layer.inputs, layer.units), y: matrix(rows, layer.units),
            dWeight: layer.hasWeightGradient ? matrix(layer.inputs, layer.units) : nil,
            dx: layer.hasInputGradient ? matrix(rows, layer.inputs) : nil)
          x = product.y
          return product
        }
      }
      shardsByWorker = (0..<workers).map { Shard.owned(by: $0, of: workers, shards: shards).count }
      shardRows = Slots(repeating: rows, count: 1)
      scratch = (0..<workers).map { _ in
        ProductScratch(shards: 1, shardRows: rows, weights: layers.map { ($0.inputs, $0.units) })
      }
      self.arenas = arenas
    }

    func run(_ worker: Int) {
      for _ in 0..<repetitions {
        for _ in 0..<shardsByWorker[worker] {
          let scratch = scratch[worker]
          for product in products[worker] {
            multiply(product.x, product.weight, into: product.y, scratch: scratch)
          }
          for product in products[worker].reversed() {
            // y has the shape of dy, and the time of a product does not depend on its numbers.
            if let dWeight = product.dWeight {
              weightGradient(x: product.x, dy: product.y, shardRows: shardRows, into: dWeight, scratch: scratch)
            }
            if let dx = product.dx {
              multiplyTransposingSecond(product.y, product.weight, into: dx, scratch: scratch)
            }
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - network: whose dense layers' products are run.
  ///   - batch: rows of the global batch, cut into `shards`.
  package init(network: Network, batch: Int, shards: Int, threads: Int) {
    self.threads = threads
    let shardRows = max(1, batch / shards)
    rows = shardRows * shards
    work = Work(layers: network.products, rows: shardRows, shards: shards, workers: threads)
  }

  /// Runs the products for about `seconds` and returns samples a second.
  ///
  /// - Throws: `TrainingError` where there are not enough worker threads left.
  package func measure(seconds: Double) throws(TrainingError) -> Double {
    let work = work
    let pool = try WorkerPool(workers: threads, cores: Processor.availableCores) { work.run($0) }
    // Once to warm up and to learn how many repetitions fill the time.
    pool.run()
    var start = MonotonicClock.seconds()
    pool.run()
    let once = max(1e-7, MonotonicClock.seconds() - start)
    work.repetitions = max(1, Int(seconds / once))
    start = MonotonicClock.seconds()
    pool.run()
    let rate = Double(rows * work.repetitions) / (MonotonicClock.seconds() - start)
    work.repetitions = 1
    return rate
  }
}
