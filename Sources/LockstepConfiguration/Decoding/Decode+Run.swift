import LockstepDeclarations
import LockstepFormats
import LockstepKernels
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
      let name =
        fields.optional("name", "what the run is called, and its folder; by default as the file").flatMap(runName)
        ?? defaultName
      let seed =
        fields.optional("seed", "what every random number follows from", default: .integer(Defaults.seed))?
        .unsignedInteger() ?? Defaults.seed
      let data = fields.required(
        "data", "what is trained on and evaluated", expected: "the data to train on, {train: …} or {source: …}"
      ).flatMap { Decode.sources($0, folder: folder, isRecorded: isRecorded) }
      let model = fields.required(
        "model", "the network, from the features to the outputs", expected: "the network, {layers: […]}"
      ).flatMap(Decode.model)
      let loss = fields.required("loss", "what is minimised, and what the outputs mean", expected: "a loss")
        .flatMap(Decode.loss)
      let decayed = fields.required("optimizer", "how gradients change weights", expected: "an optimizer")
        .flatMap(Decode.optimizer)
      let regularization = Decode.regularization(
        fields.optional("regularization", "penalties on weights, and their decay"), decayed)
      let schedule =
        fields.optional("schedule", "by what the learning rate is multiplied at each step", default: .text("constant"))
        .map { $0.declared(Schedule.self) } ?? .constant
      let training = fields.required(
        "training", "batches, shards, threads and length", expected: "{batch_size: …, steps: …} or epochs"
      ).flatMap(Decode.training)
      let evaluation = Decode.evaluation(
        fields.optional("evaluation", "when the validation data is evaluated"),
        hasValidation: data?.hasValidation == true)
      let checkpoint =
        fields.optional("checkpoint", "which steps are saved, and which checkpoints stay").flatMap(Decode.checkpoints)
        ?? .init()
      let metrics = fields.optional("metrics", "what metrics.jsonl logs").flatMap(Decode.metrics) ?? .init()
      let logging =
        fields.optional("logging", "what is written beside metrics.jsonl and metrics.csv").flatMap(Decode.logging)
        ?? .init()
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
      let initialization = fields.optional(
        "initialization", "scales the initial weights by the data before the first step"
      )?.declared(LSUV.self)
      let weights = Decode.weights(&fields)
      guard let list = fields.required("layers", "the layers, in order", expected: "a list of layers"),
        let layers = Decode.layers(list)
      else {
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
      training.threads =
        fields.optional(
          "threads", "workers that share the rows of a batch; no bit depends on it", default: .text("auto")
        )
        .flatMap(threads) ?? training.threads
      training.length = fields.stepsOrEpochs(.count) ?? training.length
      training.gradientClip = fields.optional("gradient_clip", "bounds gradients before they are applied")
        .flatMap(gradientClip)
      training.dropLast = fields.flag(
        "drop_last", "whether the last batch of an epoch is left out where it has fewer rows",
        default: training.dropLast)
      training.onDivergence =
        fields.optional(
          "on_divergence", "what to do where the numbers of a step are not finite", default: .text("stop"))?
        .declared() ?? training.onDivergence
      training.accumulate = fields.optional(Trainer.Options.accumulate, default: training.accumulate)
      training.precision =
        fields.optional(
          "precision", "of the matrix products: float32, or both operands of each rounded to bf16",
          default: .text(training.precision.rawValue))?
        .word() ?? training.precision
      training.augmentation = fields.optional(
        "augment", "how images are varied before they are trained on, each time otherwise"
      ).flatMap(augmentation)
      training.weightAverage = fields.settings("weight_average", of: WeightAverage.self)
      training.earlyStopping = fields.settings("early_stopping", of: EarlyStopping.self)
      return training
    }
  }

  private static func threads(_ field: Field) -> Trainer.Threads? {
    let setting = Trainer.Options.threads
    return field.either(field.isScalar && !field.isNumber) {
      $0.word(
        among: [Word("auto", "as many as there are cores, at most one for each shard")],
        "auto or \(setting.description.type.text)"
      ).map { _ in .auto }
    } or: {
      $0.value(of: setting).map { .count($0) }
    }
  }

  private static func gradientClip(_ field: Field) -> GradientClip? {
    let clip = field.mapping { fields in
      fields.exactlyOne(
        of: GradientClip.declarations.map { declaration in
          KeyReader(declaration.description.name, declaration.description.sentence) {
            $0.value(declaration.description.settings[0].type).map { declaration.value([$0]) }
          }
        })
    }
    return clip ?? nil
  }

  private static func interval(_ field: Field) -> Interval? { field.interval(.count) }

  private static func evaluation(_ field: Field?, hasValidation: Bool) -> RunConfiguration.Evaluation? {
    guard let field else { return hasValidation ? .init() : nil }
    return field.mapping { fields in
      let every = fields.optional(
        "every", "from one evaluation to the next; one more comes at the end",
        default: Encode.interval(Defaults.evaluationInterval))
      return RunConfiguration.Evaluation(every: every.flatMap(interval) ?? Defaults.evaluationInterval)
    }
  }

  private static func checkpoints(_ field: Field) -> RunConfiguration.Checkpoints? {
    field.mapping { fields in
      let every = fields.optional(
        "every", "from one checkpoint to the next; the last step is always saved",
        default: Encode.saving(Defaults.checkpointInterval))
      return RunConfiguration.Checkpoints(
        every: every.flatMap(saving) ?? Defaults.checkpointInterval,
        keep: fields.optional(RunConfiguration.Checkpoints.kept, default: Defaults.checkpointsKept),
        keepBest: fields.optional("keep_best", "saves the step of the best evaluation, and keeps it").flatMap(best),
        keepEvery: fields.optional("keep_every", "keeps checkpoints at the multiples of this for good")
          .flatMap(interval))
    }
  }

  /// Steps, epochs or a time; a number alone means steps.
  private static func saving(_ field: Field) -> RunConfiguration.Checkpoints.Every? {
    typealias Every = RunConfiguration.Checkpoints.Every
    return field.either(field.isNumber) {
      $0.integer(.count).map { .steps($0) }
    } or: {
      $0.mapping("a number of steps or a mapping") { fields in
        fields.exactlyOne(
          of: Every.units.map { unit in
            KeyReader(unit.name, unit.sentence) { $0.integer(.count).map(unit.make) }
          })
      } ?? nil
    }
  }

  private static func best(_ field: Field) -> RunConfiguration.Checkpoints.Best? {
    field.mapping(main: MainParameter.keepBest) { fields in
      let metric = fields.required(
        "metric", "what is compared", expected: "a metric of data.validation, such as loss")
      let watched = metric?.word() ?? Metric.loss
      let mode = fields.optional("mode", "whether less or more of it is better; by default the metric's own")
      return RunConfiguration.Checkpoints.Best(metric: watched, mode: mode?.word() ?? watched.mode)
    }
  }

  private static func metrics(_ field: Field) -> RunConfiguration.Metrics? {
    field.mapping { fields in
      RunConfiguration.Metrics(
        every: fields.optional(
          "every", "from one line of training figures to the next", default: Encode.interval(Defaults.metricsInterval)
        ).flatMap(interval),
        isDenseAtStart: fields.optional(
          "dense_start", "whether there is also a line after the steps 1, 2, 5, 10, 20, 50, … before the first of those"
        ).flatMap { $0.flag() },
        digestEvery: fields.optional("digest_every", "from one line with the weights' digest to the next")
          .flatMap(interval),
        layersEvery: fields.optional("layers_every", "from one line about every layer to the next").flatMap(interval))
    }
  }

  private static func logging(_ field: Field) -> RunConfiguration.Logging? {
    field.mapping {
      RunConfiguration.Logging(
        tensorBoard: $0.optional("tensorboard", "writes events for TensorBoard", default: .flag(false))
          .flatMap(tensorBoard))
    }
  }

  /// `true` or `false`, or a mapping that says what is written besides the scalars.
  private static func tensorBoard(_ field: Field) -> RunConfiguration.Logging.TensorBoard? {
    field.either(field.isScalar) {
      $0.flag() == true ? .init() : nil
    } or: {
      $0.mapping("true, false or a mapping") {
        .init(
          histogramsEvery: $0.optional("histograms_every", "from one histogram of every weight to the next")
            .flatMap(interval))
      }
    }
  }
}

extension RunConfiguration.Checkpoints.Every {
  /// The keys under which one is written.
  static let units: [(name: String, sentence: String, make: @Sendable (Int) -> Self)] = [
    ("steps", "updates of the weights", { .steps($0) }),
    ("epochs", "passes over the training samples", { .epochs($0) }),
    ("seconds", "by the clock", { .seconds($0) }), ("minutes", "by the clock", { .minutes($0) }),
    ("hours", "by the clock", { .hours($0) }),
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
