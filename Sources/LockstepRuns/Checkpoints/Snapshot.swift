import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// The tensors of a run as they were at one moment, in memory that is taken once and filled again by every save.
struct Snapshot: Sendable {
  /// A tensor holds an infinity or a NaN.
  struct NotFinite: Error, Equatable {
    let tensor: String
  }

  /// Elements that are copied at a time: source and copy together stay in a core's own cache.
  private static let piece = 1 << 14

  /// The copies, in the order of the file.
  let tensors: [Tensor]
  let sources: [Tensor]

  init(of sources: [Tensor]) {
    self.sources = sources
    tensors = Tensor.zeros(sources.map(\.info))
  }

  /// Copies every tensor as it is now. It costs what copying the memory costs: each piece is looked through while it is
  /// in cache.
  ///
  /// - Throws: `NotFinite` for the first tensor that holds such a number; what has been copied is then of no use.
  func take() throws(NotFinite) {
    for (source, copy) in zip(sources, tensors) {
      for start in stride(from: 0, to: source.values.count, by: Self.piece) {
        let piece = start..<min(start + Self.piece, source.values.count)
        copy.values[piece].copy(from: source.values[piece])
        if copy.values[piece].firstNonFinite != nil { throw NotFinite(tensor: source.name) }
      }
    }
  }

  /// `weightsDigest(of:)` the sources as they are now.
  ///
  /// - Throws: `NotFinite` for the first tensor that holds such a number.
  func digestOfSources() throws(NotFinite) -> String { try Self.digest(of: sources) }

  /// `weightsDigest(of:)` tensors.
  ///
  /// - Throws: `NotFinite` for the first tensor that holds such a number.
  static func digest(of tensors: [Tensor]) throws(NotFinite) -> String {
    var digest = SHA256Digest()
    for source in tensors {
      try source.eachPiece { (piece) throws(NotFinite) in
        if piece.firstNonFinite != nil { throw NotFinite(tensor: source.name) }
        piece.withBytes { digest.update($0) }
      }
    }
    return SHA256Digest.hexadecimal(digest.finish())
  }

  /// Bytes of a snapshot of a network: parameters, running statistics, and `slots` more tensors for each parameter (the
  /// optimizer's slots, and the average of the weights).
  static func bytes(of network: Network, slots: Int) -> Int {
    func elements(_ layout: ParameterLayout) -> Int { layout.entries.reduce(0) { $0 + Arena.aligned($1.count) } }
    return (elements(network.parameters) * (1 + slots) + elements(network.runningStatistics))
      * MemoryLayout<Float>.stride
  }
}
