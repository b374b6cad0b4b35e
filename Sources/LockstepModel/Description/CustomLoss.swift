import LockstepDeclarations
import LockstepKernels

/// What a loss compares outputs with.
public enum LossTargets: String, Sendable, Equatable, CaseIterable {
  /// The index of a class; the network gives a logit a class.
  case classes
  /// 0 or 1 of every label, or of the second of two classes; the network gives the logit of each.
  case labels
  /// Numbers; the network gives as many.
  case numbers
}

/// A loss of one's own: a function of one sample's outputs and targets, whose mean over the samples of a batch training
/// makes small.
///
/// ```swift
/// /// The pinball loss, smallest at the quantile 0.9 — Koenker, Bassett 1978
/// struct Pinball: CustomLoss {
///   let name = "pinball_90"
///   let targets = LossTargets.numbers
///   func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
///     let missing = Double(targets[0] - outputs[0])
///     return max(0.9 * missing, -0.1 * missing)
///   }
///   func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
///     gradient[0] = targets[0] > outputs[0] ? -0.9 : 0.1
///   }
/// }
/// let trainer = try Trainer(model, loss: .custom(Pinball()), optimizer: .adam(), batch: 64)
/// ```
/// Samples are summed in their order, shard by shard, and shards by the tree: the bits are the same on any number of
/// threads, as long as both functions follow from what they are given alone. What was said of `CustomActivation` and of
/// names holds here as well.
///
/// Weights of samples and classes multiply value and gradient. Beside the loss its usual metrics are measured: the
/// accuracy of classes and labels, the absolute and the squared error of numbers.
public protocol CustomLoss: Sendable {
  /// What checkpoints and reports call it: lower-case letters, digits and `_` that begin with a letter, at most 100,
  /// and not the name of a loss that there is.
  var name: String { get }

  /// What it compares outputs with.
  var targets: LossTargets { get }

  /// l(y, t) of one sample.
  ///
  /// - Parameters:
  ///   - outputs: y, a number a unit: logits, or numbers in the units of the targets.
  ///   - targets: t, one class index, or as many numbers as there are outputs.
  func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double

  /// ∂l/∂y of one sample.
  ///
  /// - Parameter gradient: receives every element; it holds 0 before.
  func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>)
}

/// A loss of a program's own, known by its name.
public struct NamedLoss: Sendable, Equatable {
  /// `CustomLoss.name`.
  public let name: String
  /// What it compares outputs with.
  public let targets: LossTargets
  /// The function; nil where a checkpoint says the name and the program has not given it.
  public let function: (any CustomLoss)?

  /// With its function.
  public init(_ function: some CustomLoss) {
    (name, targets, self.function) = (function.name, function.targets, function)
  }

  init(named name: String, _ targets: LossTargets) { (self.name, self.targets, function) = (name, targets, nil) }

  /// Whether both have one name and the same targets, by which alone a program's own are known.
  public static func == (a: NamedLoss, b: NamedLoss) -> Bool { a.name == b.name && a.targets == b.targets }

  /// Loss of a shard's rows, each times its weight; with `gradient`, also that of `scale` times the sum.
  ///
  /// - Returns: Σ wᵢ l(yᵢ, tᵢ), in the order of the rows.
  func sum(
    _ outputs: Matrix, _ targets: Matrix, weights: Vector?, scale: Float, gradient: Matrix?
  ) -> Double {
    guard let function else { preconditionFailure("the loss \(name) was not given") }
    var sum = 0.0
    for row in 0..<outputs.rows {
      let weight = weights.map { $0[row] } ?? 1
      outputs.row(row).lend { outputs in
        targets.row(row).lend { targets in
          sum += Double(weight) * function.value(of: outputs, for: targets)
          guard let gradient = gradient?.row(row) else { return }
          gradient.fill(0)
          gradient.lendMutable { gradient in
            function.gradient(of: outputs, for: targets, into: &gradient)
            for index in gradient.indices { gradient[index] *= weight * scale }
          }
        }
      }
    }
    return sum
  }
}
