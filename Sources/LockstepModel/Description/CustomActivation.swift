import LockstepDeclarations
import LockstepKernels

/// An activation of one's own: y = f(x), element by element.
///
/// ```swift
/// /// x · sigmoid(1.5 x) — Ramachandran, Zoph, Le 2017, https://arxiv.org/abs/1710.05941
/// struct Swish: CustomActivation {
///   let name = "swish_1_5"
///   func value(at x: Float) -> Float { x * sigmoid(x) }
///   func derivative(at x: Float) -> Float { sigmoid(x) * (1 + 1.5 * x * (1 - sigmoid(x))) }
///   private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-1.5 * x)) }
/// }
/// let model = Model(features: 64) {
///   Dense(128, initializer: .heNormal)
///   Swish()
///   Dense(10)
/// }
/// ```
/// Every element is computed by itself, so that it has the same bits on any number of threads, as long as f follows
/// from x alone. One that reads the clock, draws numbers or remembers what it was asked breaks that promise; so may
/// one that calls the mathematics of the system, such as `exp`, between machines whose libraries round differently.
///
/// A checkpoint keeps its name and no more: going on, predicting and exporting take the function from the program
/// again, and a function with another constant needs another name. Layers before it start with `glorot_uniform` unless
/// their initializer is given, and no advice is given about it.
public protocol CustomActivation: LayerConvertible, Sendable {
  /// What checkpoints and reports call it: lower-case letters, digits and `_` that begin with a letter, at most 100,
  /// and not the name of an activation that there is.
  var name: String { get }

  /// f(x)
  func value(at x: Float) -> Float

  /// f′(x): at a kink that of either side.
  func derivative(at x: Float) -> Float

  /// y = f(x) of a run of elements, as many as `y` has; by `value(at:)` unless it is given.
  ///
  /// How a layer's elements are cut into runs depends on the number of threads: no element may depend on another.
  func apply(to x: Span<Float>, into y: inout MutableSpan<Float>)

  /// dx = dy · f′(x) of a run of elements, where `gradient` holds dy and then dx; by `derivative(at:)` unless it is
  /// given.
  func multiply(_ gradient: inout MutableSpan<Float>, byDerivativeAt x: Span<Float>)
}

extension CustomActivation {
  /// The activation as a layer of a model.
  public var layer: Layer { .activation(.custom(NamedActivation(self))) }

  /// y = f(x) by `value(at:)`: inlinable, so that a program's own compiler makes one loop of it.
  @inlinable public func apply(to x: Span<Float>, into y: inout MutableSpan<Float>) {
    for index in x.indices { y[index] = value(at: x[index]) }
  }

  /// dx = dy · f′(x) by `derivative(at:)`, as one loop too.
  @inlinable public func multiply(_ gradient: inout MutableSpan<Float>, byDerivativeAt x: Span<Float>) {
    for index in x.indices { gradient[index] *= derivative(at: x[index]) }
  }
}

/// An activation of a program's own, known by its name.
public struct NamedActivation: Sendable, Equatable {
  /// `CustomActivation.name`.
  public let name: String
  /// The function; nil where a checkpoint says the name and the program has not given it yet.
  public let function: (any CustomActivation)?

  /// With its function.
  public init(_ function: some CustomActivation) { (name, self.function) = (function.name, function) }

  init(named name: String) { (self.name, function) = (name, nil) }

  /// Whether both have one name, by which alone a program's own are known.
  public static func == (a: NamedActivation, b: NamedActivation) -> Bool { a.name == b.name }
}

extension [Layer] {
  /// These layers, in which each activation of a program's own has the function of its name, if it is among
  /// `activations`.
  package func giving(_ activations: [any CustomActivation]) -> [Layer] {
    map { layer in
      if case .activation(.custom(let named)) = layer,
        let function = activations.first(where: { $0.name == named.name })
      {
        return function.layer
      }
      return layer.mapInner { $0.giving(activations) }
    }
  }
}
