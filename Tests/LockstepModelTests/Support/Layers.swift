import LockstepModel

// Models in one line, for tables of cases.

extension Model {
  init(features: Int, _ layers: any LayerConvertible...) {
    self.init(features: features, layers: layers.map(\.layer))
  }
}

func residual(_ layers: any LayerConvertible...) -> Layer { .residual(layers.map(\.layer)) }

func repeated(_ times: Int, _ layers: any LayerConvertible...) -> Layer {
  .repeated(times: times, layers.map(\.layer))
}
