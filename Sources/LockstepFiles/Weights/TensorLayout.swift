import LockstepModel

/// How a file of weights names a model's tensors, and which way round its matrices lie.
///
/// A tensor is called `<layer path>.<name>`, so a file in PyTorch's layout is the `state_dict` of modules that have the
/// names of the layers.
///
/// | | `keras` | `torch` |
/// |---|---|---|
/// | Dense | `weight` [inputs, units], `bias` | `weight` [units, inputs], `bias` |
/// | BatchNorm | `gamma`, `beta`, `running_mean`, `running_variance` | `weight`, `bias`, `running_mean`, `running_var` |
/// | PReLU | `slope` | `weight` |
public enum TensorLayout: String, Sendable, Equatable, CaseIterable {
  /// As Lockstep and Keras hold them.
  case keras
  /// As PyTorch's `Linear`, `BatchNorm1d` and `PReLU` do.
  case torch

  /// What exports call the means and deviations of a standardised run's features, which are no part of the model.
  package static let standardization = (mean: "standardization.mean", deviation: "standardization.deviation")

  /// The same of standardised targets, where the last layer does not bring them back to their units.
  package static let targets = (mean: "targets.mean", deviation: "targets.deviation")

  /// The metadata that says that the last layer does.
  package static let unitsKey = "targets"
  package static let unitsInLastLayer = "in the units of the files"

  /// The name of a layer's tensor.
  package func name(of role: ParameterLayout.Role, layer: String) -> String { "\(layer).\(name(of: role))" }

  /// The shape of a tensor that has `shape` in Lockstep.
  package func shape(_ shape: [Int], of role: ParameterLayout.Role) -> [Int] {
    isTransposed(role) ? shape.reversed() : shape
  }

  /// Whether a tensor lies the other way round than in Lockstep.
  package func isTransposed(_ role: ParameterLayout.Role) -> Bool { self == .torch && role == .weight }

  private func name(of role: ParameterLayout.Role) -> String {
    switch (self, role) {
    case (_, .weight), (.torch, .gamma), (.torch, .slope): "weight"
    case (_, .bias), (.torch, .beta): "bias"
    case (.keras, .gamma): "gamma"
    case (.keras, .beta): "beta"
    case (.keras, .slope): "slope"
    case (_, .runningMean): "running_mean"
    case (.keras, .runningVariance): "running_variance"
    case (.torch, .runningVariance): "running_var"
    }
  }
}
