import LockstepKernels
import LockstepModel

/// What one layer looked like at one step.
public struct LayerFigures: Sendable, Equatable {
  /// Path of the layer, such as `dense0`.
  public var name: String
  /// Of a layer with weights, dense or a convolution: √ of the mean square, over the batch's rows and all numbers of
  /// one, of what it hands on. That is the output of the activation that follows before the next such layer, or else of
  /// the BatchNorm, or else its own; `Diagnosis` calls it the signal.
  public var signal: Double?
  /// Of a layer with weights: Euclidean norm of its weight's gradient over the batch, before clipping and decay; nil
  /// where it is frozen.
  public var gradientNorm: Double?
  /// Of a layer with weights: ‖ΔW‖ / ‖W‖, the update (and what a bound of the norm makes of it) against the weight
  /// before it; nil for a weight of zeros, and where it is frozen.
  public var updateRatio: Double?
  /// Of a layer of rectifiers: share of its units, or of an image's channels, that no row of the batch has passed, at
  /// any position.
  public var dead: Double?

  /// Figures of the layer `name`; nil for what it does not have.
  package init(
    name: String, signal: Double? = nil, gradientNorm: Double? = nil, updateRatio: Double? = nil, dead: Double? = nil
  ) {
    self.name = name
    self.signal = signal
    self.gradientNorm = gradientNorm
    self.updateRatio = updateRatio
    self.dead = dead
  }
}

/// Looks at the layers while a step is done. It reads what stands in cache anyway, and nothing of the step depends on
/// whether it is there.
///
/// A weight's squares are summed in pieces that end with the blocks of the layout, a signal's by shard, and these sums
/// along the tree, so that who owns which slice or shard does not show.
///
/// `Sendable`: a worker writes the sums of its chunks' pieces and of its shards, its scratch and its flags; the
/// coordinator reads them after the step.
final class LayerObserver: Sendable {
  private struct Squares: BitwiseCopyable {
    var gradient = 0.0
    var weight = 0.0
    var update = 0.0
  }

  private let pieces: [Range<Int>]
  /// One a piece.
  private let squares: Slots<Squares>
  /// The parameters as they were: by worker a chunk, or all of them.
  private let scratch: [Arena]
  private let keepsAll: Bool
  private let denseLayers: [(layer: DenseLayer, pieces: Range<Int>)]
  /// By dense layer and shard: Σ a² of the signal.
  private let signalSquares: Slots<Double>
  private let shards: Int
  private let rectifiers: [RectifierLayer]
  /// By worker, behind them by rank where there are several, and unit or channel: whether some row has passed it.
  private let isActive: Slots<UInt8>
  private let workers: Int
  private let channels: Int

  /// - Parameter keepsAll: whether all chunks are updated before it hears of the first.
  init(_ network: Network, _ plan: UpdatePlan, shards: Int, workers: Int, _ ranks: Ranks?, keepsAll: Bool) {
    (self.keepsAll, self.workers) = (keepsAll, workers)
    pieces = plan.pieces
    self.shards = shards
    var next = 0
    denseLayers = network.denseLayers.map { layer in
      let first = next
      if layer.weight.training.isTrainable {
        next += UpdatePlan.cut(layer.weight.range, at: ParameterLayout.block).count
      }
      return (layer, first..<next)
    }
    rectifiers = network.rectifiers
    channels = rectifiers.reduce(0) { $0 + $1.channels }
    signalSquares = Slots(repeating: 0, count: denseLayers.count * shards)
    squares = Slots(repeating: Squares(), count: plan.pieces.count)
    isActive = Slots(repeating: 0, count: (workers + (ranks?.count ?? 0)) * channels)
    scratch =
      keepsAll
      ? [Arena(count: network.parameters.count)] : (0..<workers).map { _ in Arena(count: UpdatePlan.chunk) }
  }

  /// Before a chunk is updated: its gradient is reduced, and nothing has been done to it yet.
  func willUpdate(_ chunk: UpdatePlan.Chunk, _ gradient: Vector, _ parameter: Vector, by worker: Int) {
    for piece in chunk.pieces { squares[piece].gradient = gradient[range(piece, in: chunk)].sumOfSquares }
    old(chunk, by: worker).copy(from: parameter)
  }

  func didUpdate(_ chunk: UpdatePlan.Chunk, _ parameter: Vector, by worker: Int) {
    let old = old(chunk, by: worker)
    for piece in chunk.pieces {
      let range = range(piece, in: chunk)
      squares[piece].weight = old[range].sumOfSquares
      subtract(old[range], from: parameter[range], into: old[range])
      squares[piece].update = old[range].sumOfSquares
    }
  }

  private func old(_ chunk: UpdatePlan.Chunk, by worker: Int) -> Vector {
    keepsAll
      ? scratch[0].vector(at: chunk.range.lowerBound, count: chunk.range.count)
      : scratch[worker].vector(at: 0, count: chunk.range.count)
  }

  /// Looks how large the signals of the worker's shards of a micro-batch are, and which units its part of them has
  /// passed.
  func look(at memory: WorkerMemory, by worker: Int, isFirst: Bool) {
    for (index, dense) in denseLayers.enumerated() {
      for shard in memory.ownShards() {
        signalSquares[index * shards + shard.shard] = memory.signalSquares(of: dense.layer, shard)
      }
    }
    var offset = worker * channels
    if isFirst { for channel in offset..<offset + channels { isActive[channel] = 0 } }
    for layer in rectifiers {
      memory.markActive(layer, in: isActive, at: offset)
      offset += layer.channels
    }
  }

  /// Begins to hand over what has been seen of the shards, once all workers have looked.
  func shareSignals(_ ranks: Ranks) {
    for index in denseLayers.indices { ranks.share(overShards: signalSquares, from: index * shards) }
    func row(_ rank: Int) -> Range<Int> { (workers + rank) * channels..<(workers + rank + 1) * channels }
    let own = row(ranks.rank).lowerBound
    for channel in 0..<channels { isActive[own + channel] = isActive(channel: channel, rows: 0..<workers) ? 1 : 0 }
    ranks.communicator.share(isActive, parts: row)
  }

  /// Begins to hand over what has been seen of the updates.
  func shareUpdates(_ ranks: Ranks) {
    for (index, bucket) in ranks.buckets.enumerated() {
      ranks.give(squares, UpdatePlan.indices(of: pieces, in: bucket), from: ranks.owner(of: index))
    }
  }

  /// What was seen in the last step, of so many rows, in the order of the forward pass.
  func figures(rows: Int, _ exchange: Exchange) -> [LayerFigures] {
    var found = denseLayers.indices.map { index in
      (stage: denseLayers[index].layer.stage, figures: denseFigures(index, rows: rows, exchange))
    }
    var first = 0
    for layer in rectifiers {
      let dead = (first..<first + layer.channels).count { !isActive(channel: $0, rows: 0..<isActive.count / channels) }
      found.append((layer.stage, LayerFigures(name: layer.path, dead: Double(dead) / Double(layer.channels))))
      first += layer.channels
    }
    return found.sorted { $0.stage < $1.stage }.map(\.figures)
  }

  private func denseFigures(_ index: Int, rows: Int, _ exchange: Exchange) -> LayerFigures {
    let (layer, pieces) = denseLayers[index]
    func norm(_ square: (Squares) -> Double) -> Double? {
      pieces.isEmpty ? nil : exchange.sum(overPieces: pieces) { square(squares[$0]) }.squareRoot()
    }
    let (size, update) = (norm(\.weight), norm(\.update))
    let signal = exchange.sum(overShards: signalSquares, from: index * shards)
    return LayerFigures(
      name: layer.path, signal: (signal / Double(rows * layer.units)).squareRoot(), gradientNorm: norm(\.gradient),
      updateRatio: size.flatMap { size in size > 0 ? update.map { $0 / size } : nil })
  }

  private func isActive(channel: Int, rows: Range<Int>) -> Bool {
    rows.contains { isActive[$0 * channels + channel] != 0 }
  }

  private func range(_ piece: Int, in chunk: UpdatePlan.Chunk) -> Range<Int> {
    let start = chunk.range.lowerBound
    return pieces[piece].lowerBound - start..<pieces[piece].upperBound - start
  }
}
