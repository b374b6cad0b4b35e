import LockstepFormats
import LockstepKernels
import LockstepModel

/// A named tensor of float32: the memory itself, not a copy.
public struct Tensor: Sendable {
  /// What the names of averaged parameters begin with.
  package static let averagePrefix = "average."

  /// `model.<layer path>.<name>`, `optimizer.<slot>.<parameter>` or `average.<parameter>`.
  public let name: String
  /// The length of every axis; none for a single number.
  public let shape: [Int]
  /// The elements, row-major.
  public let values: Vector
  /// Whose memory the elements are in; the tensor keeps it alive.
  public let owner: Arena
  /// Where elements come from that other ranks have or are sending, and which of the owner's they are; nil where all
  /// are here.
  private let source: (elements: any TensorSource, range: Range<Int>)?

  /// A tensor whose elements are `values`, a view into `owner`.
  public init(name: String, shape: [Int], values: Vector, owner: Arena) {
    precondition(shape.reduce(1, *) == values.count, "tensor \(name): shape \(shape) and \(values.count) values")
    (self.name, self.shape, self.values, self.owner, source) = (name, shape, values, owner, nil)
  }

  init(_ entry: ParameterLayout.Entry, in arena: Arena, prefix: String, source: (any TensorSource)? = nil) {
    (name, shape) = (prefix + entry.name, entry.shape.dimensions)
    (values, owner) = (arena.vector(entry), arena)
    self.source = source.map { ($0, entry.range) }
  }

  /// Lends the elements in their order, in one piece, or as ranks share them: a piece that another has is here until
  /// the next is asked for.
  package func eachPiece<Failure: Error>(_ body: (Vector) throws(Failure) -> Void) throws(Failure) {
    guard let (elements, range) = source else { return try body(values) }
    for piece in elements.pieces(of: range) {
      elements.fetch(piece)
      defer { elements.release(piece) }
      try body(owner.vector(at: piece.lowerBound, count: piece.count))
    }
  }

  /// What files say of it.
  public var info: TensorInfo { TensorInfo(name, shape: shape) }

  /// Tensors of these names and shapes in memory of their own, filled with zeros. Every tensor begins on a cache line.
  package static func zeros(_ tensors: [TensorInfo]) -> [Tensor] {
    var offsets: [Int] = []
    var end = 0
    for tensor in tensors {
      offsets.append(end)
      end += Arena.aligned(tensor.count)
    }
    let arena = Arena(count: end)
    return zip(tensors, offsets).map { tensor, offset in
      Tensor(
        name: tensor.name, shape: tensor.shape, values: arena.vector(at: offset, count: tensor.count), owner: arena)
    }
  }
}

/// Elements of an arena that are brought from elsewhere when they are read.
protocol TensorSource: Sendable {
  /// The pieces in which a range is brought, in order.
  func pieces(of range: Range<Int>) -> [Range<Int>]
  /// Brings a piece to where it belongs in the arena.
  func fetch(_ piece: Range<Int>)
  /// It is not read any more.
  func release(_ piece: Range<Int>)
}

extension Network {
  /// Everything that `Trainer.tensors` holds, in its order, known before any memory is taken.
  ///
  /// - Parameters:
  ///   - slots: those of the optimizer.
  ///   - isAveraged: whether there is an average of the weights.
  package func tensors(slots: [String], isAveraged: Bool = false) -> [TensorInfo] {
    func tensors(_ layout: ParameterLayout, _ prefix: String) -> [TensorInfo] {
      layout.entries.map { TensorInfo(prefix + $0.name, shape: $0.shape.dimensions) }
    }
    return tensors(parameters, "model.") + tensors(runningStatistics, "model.")
      + slots.flatMap { tensors(parameters, "optimizer.\($0).") }
      + (isAveraged ? tensors(parameters, Tensor.averagePrefix) : [])
  }
}
