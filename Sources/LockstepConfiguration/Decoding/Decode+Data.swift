import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepTraining

extension Decode {
  /// - Parameters:
  ///   - split: the stream of samples where a synthetic source names none.
  ///   - folder: what relative paths are relative to.
  static func source(_ field: Field, split: String, folder: String) -> DataSource? {
    field.named(
      "data source",
      [NamedReader("synthetic") { field in synthetic(field, split: split).map { .synthetic($0) } }]
        + fileKinds(folder: folder)
    )
  }

  private static func synthetic(_ field: Field, split: String) -> SyntheticSpecification? {
    field.mapping(NamedReader<DataSource>.braces("synthetic")) { fields in
      let names = SyntheticSpecification.Generator.defaults.map(\.name)
      let kindField = fields.required("kind", "one of \(names.joined(separator: ", "))")
      let kind = kindField.flatMap { generator($0, names) }
      let samples = fields.requiredInteger("samples", samples)
      let features = fields.requiredInteger("features", .size)
      let task = task(of: kind, &fields)
      var specification = SyntheticSpecification(
        kind: kind ?? .gaussianClusters(), samples: samples, features: features, task: task, split: split)
      specification.split = fields.optional("split").flatMap(splitName) ?? split
      specification.standardize = fields.flag("standardize", default: specification.standardize)
      specification.seed = fields.optional("seed")?.unsignedInteger()
      specification.kind = parameters(of: kind, &fields) ?? specification.kind
      return specification
    }
  }

  /// Numbers of samples that a permutation can order, and whose multiples a count of samples seen can hold.
  private static let samples = IntegerRule(1...1 << 48)

  private static func generator(_ field: Field, _ names: [String]) -> SyntheticSpecification.Generator? {
    guard case .scalar(let name, _) = field.node.content, let kind = SyntheticSpecification.Generator(name: name) else {
      let hint: String? =
        if case .scalar(let name, _) = field.node.content { NearestName.hint(for: name, among: names) } else { nil }
      field.report(expected: "one of \(names.joined(separator: ", "))", hint: hint)
      return nil
    }
    return kind
  }

  private static func splitName(_ field: Field) -> String? {
    guard let name = field.text("a name such as train, validation or test") else { return nil }
    if name.isEmpty || name.utf8.count > 200 {
      field.report(expected: "a name of 1 to 200 bytes")
      return nil
    }
    return name
  }

  private static func task(of kind: SyntheticSpecification.Generator?, _ fields: inout Fields) -> LearningTask {
    switch kind {
    case nil:
      // Takes note of both keys, so that neither is called unknown.
      _ = fields.optional("targets")
      return .classification(classes: fields.integer("classes", .classes, default: 2))
    case .gaussianClusters, .spirals:
      return .classification(classes: fields.requiredInteger("classes", .classes))
    case .sparseParity:
      return .classification(classes: fields.integer("classes", IntegerRule(2...2), default: 2))
    case .friedman:
      return .regression(targets: fields.integer("targets", IntegerRule(1...1), default: 1))
    case .teacher:
      guard let (key, field) = fields.exactlyOne(of: ["classes", "targets"]) else { return .classification(classes: 2) }
      return key == "classes"
        ? .classification(classes: field.integer(.classes) ?? 2) : .regression(targets: field.integer(.size) ?? 1)
    }
  }

  /// The generator's own settings; of every generator, so that none is called unknown, where it is not known which.
  private static func parameters(of kind: SyntheticSpecification.Generator?, _ fields: inout Fields)
    -> SyntheticSpecification.Generator?
  {
    let declarations = SyntheticSpecification.Generator.declarations
    guard let kind, let declaration = declarations.first(where: { $0.description.name == kind.name }) else {
      // Settings that several generators have come last.
      let keys = declarations.flatMap(\.description.settings).map(\.key)
      let isShared = { key in keys.count { $0 == key } > 1 }
      for key in keys.filter({ !isShared($0) }) + keys.filter(isShared) { _ = fields.optional(key) }
      return nil
    }
    return declaration.value(fields.read(declaration.description, with: noiseRule(kind, fields)))
  }

  /// A teacher's noise is a share of wrong labels, or a standard deviation of targets.
  private static func noiseRule(_ kind: SyntheticSpecification.Generator, _ fields: Fields) -> [String: SettingType] {
    if case .teacher = kind, !fields.has("targets") { return ["noise": .number(.fraction)] }
    return [:]
  }
}
