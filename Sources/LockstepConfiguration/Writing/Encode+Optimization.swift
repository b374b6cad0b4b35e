import LockstepDeclarations
import LockstepModel
import LockstepTraining

extension Encode {
  static func loss(_ loss: Loss, _ classWeights: ClassWeights?) -> ResolvedValue {
    declared(loss, beside: classWeights.map { [("class_weights", self.classWeights($0))] } ?? [])
  }

  private static func classWeights(_ weights: ClassWeights) -> ResolvedValue {
    switch weights {
    case .balanced: .text("balanced")
    case .list(let weights): .list(weights.map { .number($0) })
    case .named(let weights): .mapping(weights.map { ($0.name, .number($0.weight)) })
    }
  }

  static func regularization(_ regularization: Regularization) -> ResolvedValue { settings(of: regularization) }
}

extension Encode {
  /// What is declared: its name, with its settings where it has any.
  static func declared<Value: Declared>(_ value: Value, beside further: Parameters = []) -> ResolvedValue {
    declared(value.declared, among: Value.catalogue, beside: further)
  }

  /// The settings of the only thing of its kind.
  static func settings<Value: Declared>(of value: Value) -> ResolvedValue {
    .mapping(parameters(of: value.declared, among: Value.catalogue))
  }

  static func parameters<Value: Declared>(of value: Value) -> Parameters {
    parameters(of: value.declared, among: Value.catalogue)
  }

  private static func declared(
    _ thing: DeclaredValue, among catalogue: Catalogue, beside further: Parameters = []
  ) -> ResolvedValue {
    let settings = parameters(of: thing, among: catalogue) + further
    let isShort = catalogue.descriptions.first { $0.name == thing.name }?.short != nil
    if isShort, settings.count == 1, let main = settings.first?.value { return .mapping([(thing.name, main)]) }
    return .named(thing.name, settings)
  }

  private static func parameters(of thing: DeclaredValue, among catalogue: Catalogue) -> Parameters {
    let settings = catalogue.descriptions.first { $0.name == thing.name }?.settings ?? []
    return zip(settings, thing.settings).compactMap { setting, value in
      value.map { (setting.key, resolved($0, setting.type)) }
    }
  }

  static func resolved(_ value: SettingValue, _ type: SettingType) -> ResolvedValue {
    switch value {
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .single(let value): return .number(value)
    case .flag(let value): return .flag(value)
    case .word(let word): return .text(word)
    case .interval(let value): return interval(value)
    case .extent(let extent) where extent.height == extent.width: return .integer(extent.height)
    case .extent(let extent): return .list([.integer(extent.height), .integer(extent.width)])
    case .list(let values):
      guard case .list(let element, _) = type else { preconditionFailure("a list of what takes none") }
      return .list(values.map { resolved($0, element) })
    case .thing(let thing):
      guard case .thing(let catalogue) = type else { preconditionFailure("a thing of what takes none") }
      return declared(thing, among: catalogue)
    }
  }
}
