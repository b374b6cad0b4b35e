/// A value between two stages: what a row of it is, and in whose memory it stands.
struct NetworkValue: Sendable, Equatable {
  let shape: Shape
  /// The value that it is under another shape; nil for one with memory of its own.
  var source: Int?
}
