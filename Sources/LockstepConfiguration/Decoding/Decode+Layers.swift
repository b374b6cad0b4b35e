import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// The readers of a configuration's parts. Each takes a field and gives the typed value, or nil after reporting why
/// not.
package enum Decode {}

extension Decode {
  /// Repetitions are written out when the model is built; more layers than this are a slip of the keyboard.
  static let maximumLayers = 10_000

  static func layers(_ field: Field) -> [Layer]? {
    guard case .list(let values)? = field.value(.list(of: .thing(Layer.catalogue), Layer.list)) else { return nil }
    return values.compactMap { if case .thing(let declared) = $0 { Layer(declared) } else { nil } }
  }

  /// Where the list makes more layers than can be meant.
  static func problem(_ layers: [Layer]) -> SettingProblem? {
    count(layers) <= maximumLayers
      ? nil
      : SettingProblem(
        found: "more than \(maximumLayers) layers with every repetition", expected: "at most \(maximumLayers)")
  }

  /// How many layers the list makes when every repetition is written out.
  static func count(_ layers: [Layer]) -> Int {
    layers.reduce(0) { sum, layer in
      let inner = layer.inner
      var own = inner.isEmpty ? 1 : inner.reduce(0) { min($0 + count($1), maximumLayers + 1) }
      // Both factors are bounded, the product is too.
      if case .repeated(let times, _) = layer { own *= times }
      return min(sum + own, maximumLayers + 1)
    }
  }
}
