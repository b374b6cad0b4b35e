import LockstepModel

/// How a file of weights names a model's tensors, and in which order its axes lie.
///
/// A tensor is called `<layer path>.<name>`; files that are read may also have Lockstep's own names, those of
/// checkpoints. A file in PyTorch's layout is the `state_dict` of modules that have the names of the layers.
///
/// | | `keras` | `torch` |
/// |---|---|---|
/// | Dense | `kernel` [inputs, units], `bias` | `weight` [units, inputs], `bias` |
/// | Conv2D | `kernel` [rows, columns, inputs, filters], `bias` | `weight` [filters, inputs, rows, columns], `bias` |
/// | DepthwiseConv2D | `kernel` [rows, columns, channels, 1], `bias` | `weight` [channels, 1, rows, columns], `bias` |
/// | BatchNorm | `gamma`, `beta`, `moving_mean`, `moving_variance` | `weight`, `bias`, `running_mean`, `running_var` |
/// | PReLU | `alpha` [units], of images [1, 1, channels] | `weight` [units] or [channels] |
///
/// Keras's models have channels last, as Lockstep's do, PyTorch's first, so that `nn.Flatten` gives (channel, row,
/// column): `torch` has the inputs of a dense layer behind a flattened image in that order, and with them the vectors
/// of layers between the two.
public enum TensorLayout: String, Sendable, Equatable, CaseIterable {
  /// As Keras's `Dense`, `Conv2D`, `DepthwiseConv2D`, `BatchNormalization` and `PReLU` do, in the order of Lockstep's
  /// axes.
  case keras
  /// As PyTorch's `Linear`, `Conv2d`, `BatchNorm1d`, `BatchNorm2d` and `PReLU` do.
  case torch

  /// What exports call the means and deviations of a standardised run's features, which are no part of the model.
  package static let standardization = (mean: "standardization.mean", deviation: "standardization.deviation")

  /// What exports call the means and deviations of standardised targets, where the last layer does not bring them back
  /// to their units.
  package static let targets = (mean: "targets.mean", deviation: "targets.deviation")

  /// The metadata that says that the last layer does.
  package static let unitsKey = "targets"
  package static let unitsInLastLayer = "in the units of the files"

  /// The name of a layer's tensor.
  package func name(of role: ParameterLayout.Role, layer: String) -> String { "\(layer).\(name(of: role))" }

  /// What a file that is read may call `entry`: as files are written, or, where matrices lie alike, as Lockstep does.
  package func names(of entry: ParameterLayout.Entry) -> [String] {
    let written = name(of: entry.role, layer: entry.layer)
    return self == .keras && written != entry.name ? [written, entry.name] : [written]
  }

  private func name(of role: ParameterLayout.Role) -> String {
    switch (self, role) {
    case (.keras, .weight): "kernel"
    case (.torch, .weight), (.torch, .gamma), (.torch, .slope): "weight"
    case (_, .bias), (.torch, .beta): "bias"
    case (.keras, .gamma): "gamma"
    case (.keras, .beta): "beta"
    case (.keras, .slope): "alpha"
    case (.keras, .runningMean): "moving_mean"
    case (.torch, .runningMean): "running_mean"
    case (.keras, .runningVariance): "moving_variance"
    case (.torch, .runningVariance): "running_var"
    }
  }
}
