/// A file whose tensors a run starts from, in the place of those that the layers' initializers draw.
///
/// ```yaml
/// model:
///   layers: […]
///   weights: encoder.safetensors
///   layout: torch
///   map: {0.weight: dense0.weight, head.bias: null}
///   missing: [dense3]
/// ```
/// It is read once, before the first step; checkpoints hold what came of it, and the SHA-256 of its tensors.
public struct InitialWeights: Sendable, Equatable {
  /// The file, in safetensors.
  public var path: String
  /// How the file's tensors are called, where `map` does not say it, and how its matrices lie.
  public var layout: TensorLayout
  /// What a tensor of the file is in Lockstep, such as `dense0.weight`; nil for one that is left aside.
  public var map: [String: String?]
  /// Tensors, or layers with all theirs, that the file need not have: they start as if there were none.
  public var missing: [String]

  public init(
    path: String, layout: TensorLayout = Self.defaultLayout, map: [String: String?] = [:], missing: [String] = []
  ) {
    self.path = path
    self.layout = layout
    self.map = map
    self.missing = missing
  }

  public static let defaultLayout = TensorLayout.keras
}
