import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  /// The whole configuration. What it returns is only of use if nothing was reported.
  ///
  /// - Parameters:
  ///   - folder: what relative paths in it are relative to.
  ///   - isRecorded: whether a checkpoint has recorded it.
  static func run(
    _ field: Field, defaultName: String, folder: String = ".", isRecorded: Bool = false
  ) -> RunConfiguration? {
    let configuration = field.mapping("a mapping") { fields -> RunConfiguration? in
      let name = fields.optional("name").flatMap(runName) ?? defaultName
      let seed = fields.optional("seed")?.unsignedInteger() ?? Defaults.seed
      let data = fields.required("data", "the data to train on, {train: …} or {source: …}").flatMap {
        Decode.sources($0, folder: folder, isRecorded: isRecorded)
      }
      let model = fields.required("model", "the network, {layers: […]}").flatMap(Decode.model)
      let loss = fields.required("loss", "a loss").flatMap(Decode.loss)
      let decayed = fields.required("optimizer", "an optimizer").flatMap(Decode.optimizer)
      let regularization = Decode.regularization(fields.optional("regularization"), decayed)
      let schedule = fields.optional("schedule").map { $0.declared(Schedule.self) } ?? .constant
      let training = fields.required("training", "{batch_size: …, steps: …} or epochs").flatMap(Decode.training)
      let evaluation = Decode.evaluation(fields.optional("evaluation"), hasValidation: data?.hasValidation == true)
      let checkpoint = fields.optional("checkpoint").flatMap(Decode.checkpoints) ?? .init()
      let metrics = fields.optional("metrics").flatMap(Decode.metrics) ?? .init()
      let logging = fields.optional("logging").flatMap(Decode.logging) ?? .init()
      guard let data, let model, let loss, let decayed, let schedule, let training else { return nil }
      return RunConfiguration(
        name: name, seed: seed, data: data, layers: model.layers, initialization: model.initialization,
        weights: model.weights, loss: loss.loss, classWeights: loss.classWeights, optimizer: decayed.optimizer,
        regularization: regularization, schedule: schedule, training: training, evaluation: evaluation,
        checkpoint: checkpoint, metrics: metrics, logging: logging)
    }
    return configuration ?? nil
  }

  /// The name of a run, which must do as the name of a folder.
  private static func runName(_ field: Field) -> String? {
    let expected = RunConfiguration.nameRule
    guard let name = field.text(expected) else { return nil }
    if RunConfiguration.isValidName(name) { return name }
    field.report(expected: expected)
    return nil
  }

  private typealias ModelParts = (layers: [Layer], initialization: LSUV?, weights: InitialWeights?)

  private static func model(_ field: Field) -> ModelParts? {
    let model = field.mapping("a mapping") { fields -> ModelParts? in
      let initialization = fields.optional("initialization")?.declared(LSUV.self)
      let weights = Decode.weights(&fields)
      guard let list = fields.required("layers", "a list of layers"), let layers = Decode.layers(list) else {
        return nil
      }
      if let problem = problem(layers) { list.report(problem) }
      return (layers.settled, initialization, weights)
    }
    return model ?? nil
  }

  private static func training(_ field: Field) -> RunConfiguration.Training? {
    field.mapping { fields in
      var training = RunConfiguration.Training(
        batchSize: fields.required(Trainer.Options.batchSize) ?? 1, length: .steps(1))
      training.shards = fields.optional(Trainer.Options.shards) ?? training.shards
      training.threads = fields.optional("threads").flatMap(threads) ?? training.threads
      training.length = fields.stepsOrEpochs(.count) ?? training.length
      training.gradientClip = fields.optional("gradient_clip").flatMap(gradientClip)
      training.dropLast = fields.flag("drop_last", default: training.dropLast)
      training.onDivergence = fields.optional("on_divergence")?.declared() ?? training.onDivergence
      training.accumulate = fields.optional(Trainer.Options.accumulate) ?? training.accumulate
      training.weightAverage = fields.optional("weight_average")?.settings(of: WeightAverage.self)
      training.earlyStopping = fields.optional("early_stopping")?.settings(of: EarlyStopping.self)
      return training
    }
  }

  private static func threads(_ field: Field) -> Trainer.Threads? {
    guard case .scalar(let text, _) = field.node.content, !Numbers.isNumber(text) else {
      return field.value(of: Trainer.Options.threads).map { .count($0) }
    }
    if text == "auto" { return .auto }
    field.report(
      expected: "auto or \(Trainer.Options.threads.description.type.text)",
      hint: ForeignWords.hint(forWord: text, among: ["auto"]))
    return nil
  }

  private static func gradientClip(_ field: Field) -> GradientClip? {
    let clip = field.mapping("a mapping") { fields -> GradientClip? in
      let declarations = GradientClip.declarations
      guard let (key, field) = fields.exactlyOne(of: declarations.map(\.description.name)),
        let declaration = declarations.first(where: { $0.description.name == key }),
        let limit = field.value(declaration.description.settings[0].type)
      else { return nil }
      return declaration.value([limit])
    }
    return clip ?? nil
  }

  private static func interval(_ field: Field) -> Interval? { field.interval(.count) }

  private static func evaluation(_ field: Field?, hasValidation: Bool) -> RunConfiguration.Evaluation? {
    guard let field else { return hasValidation ? .init() : nil }
    return field.mapping { fields in
      RunConfiguration.Evaluation(every: fields.optional("every").flatMap(interval) ?? Defaults.evaluationInterval)
    }
  }

  private static func checkpoints(_ field: Field) -> RunConfiguration.Checkpoints? {
    field.mapping { fields in
      RunConfiguration.Checkpoints(
        every: fields.optional("every").flatMap(saving) ?? Defaults.checkpointInterval,
        keep: fields.optional(RunConfiguration.Checkpoints.kept) ?? Defaults.checkpointsKept,
        keepBest: fields.optional("keep_best").flatMap(best),
        keepEvery: fields.optional("keep_every").flatMap(interval))
    }
  }

  /// Steps, epochs or a time; a number alone means steps.
  private static func saving(_ field: Field) -> RunConfiguration.Checkpoints.Every? {
    typealias Every = RunConfiguration.Checkpoints.Every
    if case .scalar(let text, _) = field.node.content, Numbers.isNumber(text) {
      return field.integer(.count).map { .steps($0) }
    }
    let saving = field.mapping("a number of steps or a mapping") { fields -> Every? in
      guard let (unit, field) = fields.exactlyOne(of: Every.units.map(\.name)), let count = field.integer(.count) else {
        return nil
      }
      return Every.units.first { $0.name == unit }?.make(count)
    }
    return saving ?? nil
  }

  private static func best(_ field: Field) -> RunConfiguration.Checkpoints.Best? {
    field.mapping(main: MainParameter.keepBest) { fields in
      let metric = fields.required("metric", "a metric of data.validation, such as loss")?.word() ?? Metric.loss
      return RunConfiguration.Checkpoints.Best(metric: metric, mode: fields.word("mode", default: metric.mode))
    }
  }

  private static func metrics(_ field: Field) -> RunConfiguration.Metrics? {
    field.mapping { fields in
      RunConfiguration.Metrics(
        every: fields.optional("every").flatMap(interval),
        isDenseAtStart: fields.optional("dense_start").flatMap { $0.flag() },
        digestEvery: fields.optional("digest_every").flatMap(interval),
        layersEvery: fields.optional("layers_every").flatMap(interval))
    }
  }

  private static func logging(_ field: Field) -> RunConfiguration.Logging? {
    field.mapping { RunConfiguration.Logging(tensorBoard: $0.optional("tensorboard").flatMap(tensorBoard)) }
  }

  /// `true` or `false`, or a mapping that says what is written besides the scalars.
  private static func tensorBoard(_ field: Field) -> RunConfiguration.Logging.TensorBoard? {
    if case .scalar = field.node.content { return field.flag() == true ? .init() : nil }
    return field.mapping("true, false or a mapping") {
      .init(histogramsEvery: $0.optional("histograms_every").flatMap(interval))
    }
  }
}

extension RunConfiguration.Checkpoints.Every {
  /// The keys under which one is written.
  static let units: [(name: String, make: @Sendable (Int) -> Self)] = [
    ("steps", { .steps($0) }), ("epochs", { .epochs($0) }), ("seconds", { .seconds($0) }),
    ("minutes", { .minutes($0) }),
    ("hours", { .hours($0) }),
  ]

  /// The key and the number behind it.
  var written: (unit: String, count: Int) {
    switch self {
    case .steps(let count): ("steps", count)
    case .epochs(let count): ("epochs", count)
    case .seconds(let count): ("seconds", count)
    case .minutes(let count): ("minutes", count)
    case .hours(let count): ("hours", count)
    }
  }
}

extension RunConfiguration {
  /// What is expected of a name.
  static let nameRule = "letters, digits, spaces and - _ . that begin with a letter or digit, at most 100"

  /// A name may become that of a folder: no separators, no leading dot, nothing that a terminal obeys.
  static func isValidName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, name.unicodeScalars.count <= 100 else { return false }
    return isLetterOrDigit(first)
      && name.unicodeScalars.allSatisfy { isLetterOrDigit($0) || "-_. ".unicodeScalars.contains($0) }
  }

  /// The name of a file without folders and ending, with anything a name does not take replaced.
  package static func name(ofFile path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
    var name = String.UnicodeScalarView()
    for scalar in stem.unicodeScalars.prefix(100) {
      let isAllowed = isLetterOrDigit(scalar) || (!name.isEmpty && "-_. ".unicodeScalars.contains(scalar))
      name.append(isAllowed ? scalar : name.isEmpty ? "r" : "-")
    }
    return name.isEmpty || !CombiningMarks.areFew(in: String(name)) ? Defaults.name : String(name)
  }

  private static func isLetterOrDigit(_ scalar: UnicodeScalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
