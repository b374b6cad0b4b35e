import LockstepDeclarations

/// A file whose tensors a run starts from instead of those that the layers' initializers draw.
///
/// ```yaml
/// model:
///   layers: […]
///   weights: encoder.safetensors
///   layout: torch
///   map: {0.weight: dense0.weight, head.bias: null}
///   missing: [dense3]
/// ```
/// It is read once, before the first step. Checkpoints record the SHA-256 of its tensors.
public struct InitialWeights: Sendable, Equatable {
  /// Path of the file, in the format of safetensors.
  public var path: String
  /// How the file names its tensors, unless `map` says otherwise, and which way round its matrices lie.
  public var layout: TensorLayout
  /// Lockstep's name, such as `dense0.weight`, for a tensor of the file; nil for a tensor that is left aside.
  public var map: [String: String?]
  /// Tensors, or layers with all their tensors, that the file need not have: they start as their initializers say.
  public var missing: [String]

  /// Nothing is read here; a run throws where the file does not fit its model.
  public init(
    path: String, layout: TensorLayout = Self.defaultLayout, map: [String: String?] = [:], missing: [String] = []
  ) {
    self.path = path
    self.layout = layout
    self.map = map
    self.missing = missing
  }

  /// What is wrong where the data is to say how the weights start, too.
  static let besideInitialization = SettingProblem(
    found: "weights beside an initialization", expected: "one of the two")

  /// The layout of a file unless another is given.
  public static let defaultLayout = TensorLayout.keras
}
