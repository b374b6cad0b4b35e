import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepTraining

/// A value of the resolved configuration, keys in a fixed order: what `Decode` reads, written out again.
package indirect enum ResolvedValue: Sendable, Equatable {
  /// A number or flag, as it stands.
  case plain(String)
  case text(String)
  case list([ResolvedValue])
  case mapping([(key: String, value: ResolvedValue)])

  package static func == (a: ResolvedValue, b: ResolvedValue) -> Bool {
    switch (a, b) {
    // Of text the bytes count, as where it names a column.
    case (.plain(let a), .plain(let b)), (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
    case (.list(let a), .list(let b)): a == b
    case (.mapping(let a), .mapping(let b)):
      a.elementsEqual(b) { $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value }
    default: false
    }
  }

  /// As JSON.
  package var json: JSONValue {
    switch self {
    case .plain(let text): (try? JSONValue(parsing: text)) ?? .string(text)
    case .text(let text): .string(text)
    case .list(let items): .array(items.map(\.json))
    case .mapping(let entries): .object(entries.reduce(into: JSONObject()) { $0[$1.key] = $1.value.json })
    }
  }

  package static func integer(_ value: some BinaryInteger) -> ResolvedValue { .plain("\(value)") }
  /// The shortest decimal that reads back as the same bits.
  package static func number(_ value: Double) -> ResolvedValue { .plain("\(value)") }
  package static func number(_ value: Float) -> ResolvedValue { .plain("\(value)") }
  package static func flag(_ value: Bool) -> ResolvedValue { .plain("\(value)") }

  /// A name with its parameters: the name alone where it has none.
  package static func named(_ name: String, _ parameters: [(key: String, value: ResolvedValue)] = []) -> ResolvedValue {
    parameters.isEmpty ? .text(name) : .mapping([(name, .mapping(parameters))])
  }
}

/// The writers of a configuration's parts, each the inverse of its namesake in `Decode`.
enum Encode {
  typealias Parameters = [(key: String, value: ResolvedValue)]

  static func run(_ run: RunConfiguration) -> ResolvedValue {
    var keys: Parameters = [
      ("name", .text(run.name)),
      ("seed", .integer(run.seed)),
      ("data", data(run.data)),
      ("model", model(run)),
      ("loss", loss(run.loss, run.classWeights)),
      ("optimizer", declared(run.optimizer)),
      ("regularization", regularization(run.regularization)),
      ("schedule", declared(run.schedule)),
      ("training", training(run.training)),
    ]
    if let evaluation = run.evaluation {
      keys.append(("evaluation", .mapping([("every", interval(evaluation.every))])))
    }
    keys.append(("checkpoint", checkpoint(run.checkpoint)))
    keys.append(("metrics", metrics(run.metrics)))
    keys.append(("logging", logging(run.logging)))
    return .mapping(keys)
  }

  private static func model(_ run: RunConfiguration) -> ResolvedValue {
    var keys: Parameters = [("layers", .list(run.layers.settled.map { declared($0) }))]
    if let lsuv = run.initialization { keys.append(("initialization", declared(lsuv))) }
    return .mapping(keys + (run.weights.map(weights) ?? []))
  }

  private static func weights(_ weights: InitialWeights) -> Parameters {
    var keys: Parameters = [("weights", .text(weights.path)), ("layout", .text(weights.layout.rawValue))]
    if !weights.map.isEmpty {
      // Names of other people, in quotes where need be.
      let names = weights.map.sorted { $0.key < $1.key }.map { theirs, ours in
        (key: ResolvedValue.text(theirs).flow, value: ours.map { ResolvedValue.text($0) } ?? .plain("null"))
      }
      keys.append(("map", .mapping(names)))
    }
    if !weights.missing.isEmpty { keys.append(("missing", .list(weights.missing.map { .text($0) }))) }
    return keys
  }

  private static func data(_ data: RunConfiguration.DataSources) -> ResolvedValue {
    var keys: Parameters = [(data.split != nil ? "source" : "train", source(data.train))]
    if let validation = data.validation { keys.append(("validation", source(validation))) }
    if let split = data.split { keys.append(self.split(split)) }
    if data.train.file != nil {
      keys += [
        ("standardize", standardization(data)), ("missing", .text(data.missing.rawValue)),
        ("unknown", .text(data.unknown.rawValue)), ("missing_target", .text(data.missingTarget.rawValue)),
      ]
      if let image = data.image { keys.append(("image", self.image(image))) }
    }
    return .mapping(keys)
  }

  private static func training(_ training: RunConfiguration.Training) -> ResolvedValue {
    var keys: Parameters = [("batch_size", .integer(training.batchSize)), ("shards", .integer(training.shards))]
    switch training.threads {
    case .auto: keys.append(("threads", .text("auto")))
    case .count(let count): keys.append(("threads", .integer(count)))
    }
    keys += intervalKeys(training.length)
    if let clip = training.gradientClip { keys.append(("gradient_clip", declared(clip))) }
    keys.append(("drop_last", .flag(training.dropLast)))
    keys.append(("accumulate", .integer(training.accumulate)))
    keys.append(("precision", .text(training.precision.rawValue)))
    if let augment = training.augmentation { keys.append(("augment", augmentation(augment))) }
    if let average = training.weightAverage { keys.append(("weight_average", settings(of: average))) }
    keys.append(("on_divergence", declared(training.onDivergence)))
    if let rule = training.earlyStopping { keys.append(("early_stopping", settings(of: rule))) }
    return .mapping(keys)
  }

  private static func checkpoint(_ checkpoint: RunConfiguration.Checkpoints) -> ResolvedValue {
    var keys: Parameters = [("every", saving(checkpoint.every)), ("keep", .integer(checkpoint.keep))]
    if let best = checkpoint.keepBest {
      keys.append(
        ("keep_best", .mapping([("metric", .text(best.metric.rawValue)), ("mode", .text(best.mode.rawValue))])))
    }
    if let every = checkpoint.keepEvery { keys.append(("keep_every", interval(every))) }
    return .mapping(keys)
  }

  private static func metrics(_ metrics: RunConfiguration.Metrics) -> ResolvedValue {
    var keys: Parameters = [("every", interval(metrics.every)), ("dense_start", .flag(metrics.isDenseAtStart))]
    if let every = metrics.digestEvery { keys.append(("digest_every", interval(every))) }
    if let every = metrics.layersEvery { keys.append(("layers_every", interval(every))) }
    return .mapping(keys)
  }

  private static func logging(_ logging: RunConfiguration.Logging) -> ResolvedValue {
    let every = logging.tensorBoard?.histogramsEvery
    let tensorBoard = every.map { ResolvedValue.mapping([("histograms_every", interval($0))]) }
    return .mapping([("tensorboard", tensorBoard ?? .flag(logging.tensorBoard != nil))])
  }

  static func saving(_ every: RunConfiguration.Checkpoints.Every) -> ResolvedValue {
    .mapping([(every.written.unit, .integer(every.written.count))])
  }

  static func interval(_ interval: Interval) -> ResolvedValue { .mapping(intervalKeys(interval)) }

  private static func intervalKeys(_ interval: Interval) -> Parameters {
    [(interval.unit, .integer(interval.count))]
  }
}

// MARK: Data

extension Encode {
  private static func source(_ source: DataSource) -> ResolvedValue {
    switch source {
    case .synthetic(let specification): .mapping([("synthetic", synthetic(specification))])
    case .file(let file): .mapping([(file.kind, .mapping(keys(of: file)))])
    case .given(let data): .mapping([("given", given(data))])
    }
  }

  private static func synthetic(_ specification: SyntheticSpecification) -> ResolvedValue {
    var keys: Parameters = [
      ("kind", .text(specification.kind.name)),
      ("samples", .integer(specification.samples)),
    ]
    // Pictures are as large as their own settings say.
    if specification.kind.pictures == nil { keys.append(("features", .integer(specification.features))) }
    switch specification.task {
    case .classification(let classes): keys.append(("classes", .integer(classes)))
    case .regression(let targets): keys.append(("targets", .integer(targets)))
    // No generator makes labels: a key that nothing reads is refused, one left out would be another task.
    case .labels(let labels): keys.append(("labels", .integer(labels)))
    }
    keys.append(("split", .text(specification.split)))
    keys.append(("standardize", .flag(specification.standardize)))
    if let seed = specification.seed { keys.append(("seed", .integer(seed))) }
    return .mapping(keys + parameters(of: specification.kind))
  }
}
