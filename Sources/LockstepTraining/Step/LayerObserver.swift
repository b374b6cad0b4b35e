import LockstepKernels
import LockstepModel

/// What one layer looked like at one step.
public struct LayerFigures: Sendable, Equatable {
  /// Path of the layer, such as `dense0`.
  public var name: String
  /// Of a dense layer: Euclidean norm of its weight's gradient over the batch, before clipping and decay.
  public var gradientNorm: Double?
  /// Of a dense layer: ‖ΔW‖ / ‖W‖, the update (before a bound of the norm) against the weight before it; nil for a weight of zeros.
  public var updateRatio: Double?
  /// Of a layer of rectifiers: share of its units that no row of the batch has passed.
  public var dead: Double?

  public init(name: String, gradientNorm: Double? = nil, updateRatio: Double? = nil, dead: Double? = nil) {
    self.name = name
    self.gradientNorm = gradientNorm
    self.updateRatio = updateRatio
    self.dead = dead
  }
}

/// Looks at the layers while a step is done. It reads what stands in cache anyway, and nothing of the step depends on whether it is there.
///
/// A weight's squares are summed in pieces that end with the blocks of the layout, and the pieces along the tree, so that who owns which slice does not show.
///
/// `Sendable`: a worker writes the sums of its chunks' pieces, its scratch and its flags; the coordinator reads them after the step.
final class LayerObserver: Sendable {
  private struct Squares: BitwiseCopyable {
    var gradient = 0.0
    var weight = 0.0
    var update = 0.0
  }

  private let pieces: [Range<Int>]
  /// One a piece.
  private let squares: Slots<Squares>
  /// By worker: the parameters of a chunk as they were.
  private let scratch: [Arena]
  private let denseLayers: [(layer: DenseLayer, pieces: Range<Int>)]
  private let rectifiers: [RectifierLayer]
  /// By worker and unit: whether some row of the worker's has passed it.
  private let isActive: Slots<UInt8>
  private let units: Int
  private let workers: Int

  init(_ network: Network, _ plan: UpdatePlan, workers: Int) {
    pieces = plan.pieces
    self.workers = workers
    var next = 0
    denseLayers = network.denseLayers.map { layer in
      let first = next
      next += UpdatePlan.cut(layer.weight.range, at: ParameterLayout.block).count
      return (layer, first..<next)
    }
    rectifiers = network.rectifiers
    units = rectifiers.reduce(0) { $0 + $1.units }
    squares = Slots(repeating: Squares(), count: plan.pieces.count)
    isActive = Slots(repeating: 0, count: workers * units)
    scratch = (0..<workers).map { _ in Arena(count: UpdatePlan.chunk) }
  }

  /// Before a chunk is updated: its gradient is reduced, and nothing has been done to it yet.
  func willUpdate(_ chunk: UpdatePlan.Chunk, _ gradient: Vector, _ parameter: Vector, by worker: Int) {
    for piece in chunk.pieces { squares[piece].gradient = gradient[range(piece, in: chunk)].sumOfSquares }
    scratch[worker].vector(at: 0, count: parameter.count).copy(from: parameter)
  }

  func didUpdate(_ chunk: UpdatePlan.Chunk, _ parameter: Vector, by worker: Int) {
    let old = scratch[worker].vector(at: 0, count: parameter.count)
    for piece in chunk.pieces {
      let range = range(piece, in: chunk)
      squares[piece].weight = old[range].sumOfSquares
      subtract(old[range], from: parameter[range], into: old[range])
      squares[piece].update = old[range].sumOfSquares
    }
  }

  /// Looks which units the rows of a part of the worker's have passed.
  func look(at memory: WorkerMemory, by worker: Int, isFirst: Bool) {
    var offset = worker * units
    if isFirst { for unit in offset..<offset + units { isActive[unit] = 0 } }
    for layer in rectifiers {
      memory.markActive(layer, in: isActive, at: offset)
      offset += layer.units
    }
  }

  /// What was seen in the last step, in the order of the way forward.
  var figures: [LayerFigures] {
    var found = denseLayers.map { (stage: $0.layer.stage, figures: weightFigures($0.layer.path, $0.pieces)) }
    var first = 0
    for layer in rectifiers {
      let dead = (first..<first + layer.units).count { unit in
        (0..<workers).allSatisfy { isActive[$0 * units + unit] == 0 }
      }
      found.append((layer.stage, LayerFigures(name: layer.path, dead: Double(dead) / Double(layer.units))))
      first += layer.units
    }
    return found.sorted { $0.stage < $1.stage }.map(\.figures)
  }

  private func weightFigures(_ name: String, _ pieces: Range<Int>) -> LayerFigures {
    func norm(_ square: (Squares) -> Double) -> Double { Tree.sum(pieces) { square(squares[$0]) }.squareRoot() }
    let size = norm(\.weight)
    return LayerFigures(
      name: name, gradientNorm: norm(\.gradient), updateRatio: size > 0 ? norm(\.update) / size : nil)
  }

  private func range(_ piece: Int, in chunk: UpdatePlan.Chunk) -> Range<Int> {
    let start = chunk.range.lowerBound
    return pieces[piece].lowerBound - start..<pieces[piece].upperBound - start
  }
}
