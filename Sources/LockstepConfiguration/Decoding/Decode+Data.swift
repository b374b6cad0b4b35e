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
      [
        NamedReader("synthetic", "samples that a generator makes, each a function of the seed and its number") {
          synthetic($0, split: split).map { .synthetic($0) }
        }
      ] + fileKinds(folder: folder) + [
        NamedReader("given", "samples that a program gave, which it alone can give again") {
          given($0).map { .given($0) }
        }
      ]
    )
  }

  private static func synthetic(_ field: Field, split: String) -> SyntheticSpecification? {
    typealias Generator = SyntheticSpecification.Generator
    let kinds = Generator.catalogue.descriptions.map { Word($0.name, $0.sentence) }
    return field.mapping(
      NamedReader<DataSource>.braces("synthetic"), by: "kind", "what makes the samples", among: kinds
    ) { fields, name in
      let kind = name.flatMap(Generator.init(name:))
      let samples = fields.requiredInteger("samples", samples, "how many there are")
      let isPictures = kind?.pictures != nil
      let features = isPictures ? 0 : fields.requiredInteger("features", .size, "numbers of a sample")
      let task = task(of: kind, &fields)
      var specification = SyntheticSpecification(
        kind: kind ?? .gaussianClusters(), samples: samples, features: features, task: task, split: split)
      specification.split =
        fields.optional("split", "the stream of samples: train, or validation in data.validation").flatMap(splitName)
        ?? split
      specification.standardize = fields.flag(
        "standardize", "whether features and real targets have mean 0 and variance 1",
        default: specification.standardize)
      specification.seed = fields.optional("seed", "the seed of this source; by default the run's")?.unsignedInteger()
      specification.kind = parameters(of: kind, &fields) ?? specification.kind
      specification.features = specification.kind.pictureNumbers ?? features
      return specification
    }
  }

  /// Numbers of samples that a permutation can order, and whose multiples a count of samples seen can hold.
  private static let samples = IntegerRule(1...1 << 48)

  private static func splitName(_ field: Field) -> String? {
    guard let name = field.text("a name such as train, validation or test") else { return nil }
    if name.isEmpty || name.utf8.count > 200 {
      field.report(expected: "a name of 1 to 200 bytes")
      return nil
    }
    return name
  }

  private static func task(of kind: SyntheticSpecification.Generator?, _ fields: inout Fields) -> LearningTask {
    let (classes, targets) = ("how many classes there are", "how many numbers are learned")
    switch kind {
    case nil:
      // Takes note of both keys, so that neither is called unknown.
      _ = fields.value(under: "targets")
      return .classification(classes: fields.integer("classes", .classes, classes, default: 2))
    case .gaussianClusters, .spirals, .textures, .shapes:
      return .classification(classes: fields.requiredInteger("classes", .classes, classes))
    case .sparseParity:
      return .classification(classes: fields.integer("classes", IntegerRule(2...2), classes, default: 2))
    case .friedman:
      return .regression(targets: fields.integer("targets", IntegerRule(1...1), targets, default: 1))
    case .teacher:
      let task: LearningTask? = fields.exactlyOne(of: [
        KeyReader("classes", classes) { .classification(classes: $0.integer(.classes) ?? 2) },
        KeyReader("targets", targets) { .regression(targets: $0.integer(.size) ?? 1) },
      ])
      return task ?? .classification(classes: 2)
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
      for key in keys.filter({ !isShared($0) }) + keys.filter(isShared) { _ = fields.value(under: key) }
      return nil
    }
    return declaration.value(fields.read(declaration.description, with: noiseRule(kind, fields)))
  }

  /// A teacher's noise is a share of wrong labels, or a standard deviation of targets.
  private static func noiseRule(_ kind: SyntheticSpecification.Generator, _ fields: Fields) -> [String: SettingType] {
    if case .teacher = kind, fields.has("classes") { return ["noise": .number(.fraction)] }
    return [:]
  }
}
