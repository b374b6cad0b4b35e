import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

extension ConfigurationCheck {
  /// Checks every setting of a configuration made in code by the rule that the reading of a file asks for.
  func checkSettings() {
    if !RunConfiguration.isValidName(configuration.name) {
      report("name", found: Display.quoted(configuration.name), expected: RunConfiguration.nameRule)
    }
    checkSources()
    for problem in configuration.settingProblems {
      report(problem.path.reduce("") { Path.child($1, of: $0) }, problem)
    }
    if let problem = Decode.problem(configuration.layers) { report("model.layers", problem) }
    if configuration.weights != nil, configuration.initialization != nil {
      report("model.weights", InitialWeights.besideInitialization)
    }
  }

  /// Checks which sources of data may stand beside each other.
  private func checkSources() {
    let data = configuration.data
    if data.split != nil, data.validation != nil {
      report("data.validation", RunConfiguration.DataSources.besideSource)
    }
    if data.train.file == nil, data.split != nil { report("data", data.train.besideSplit) }
    if let problem = data.validation?.problem(beside: data.train) { report("data.validation", problem) }
    for (path, source) in [(data.trainPath, data.train), ("data.validation", data.validation)] {
      if case .file(.cifar([], _))? = source { report("\(path).cifar.files", Decode.noFiles) }
      if case .file(.pictures(let pictures))? = source {
        for (key, problem) in pictures.problems { report("\(path).pictures.\(key)", problem) }
      }
      guard case .file(.csv(let table))? = source else { continue }
      for problem in table.dialect.problems {
        report("\(path).csv.\(problem.key)", found: problem.found, expected: problem.expected)
      }
    }
  }
}

extension RunConfiguration {
  /// What is wrong with single settings, by the rules of their declarations; what synthetic data is made of is checked
  /// with the rest.
  var settingProblems: [SettingProblem] {
    let layers = SettingType.list(of: .thing(Layer.catalogue), Layer.list)
    var problems = data.split?.problems.under("data", data.split?.key ?? "") ?? []
    problems += data.image?.problems.under("data", "image") ?? []
    problems += layers.problems(.list(self.layers.map { .thing($0.declared) }), ["model", "layers"])
    problems += initialization?.problems.under("model", "initialization") ?? []
    problems += loss.problems.under("loss") + (classWeights?.problems.under("loss", loss.declared.name) ?? [])
    problems += optimizer.problems.under("optimizer") + schedule.problems.under("schedule")
    problems += regularization.problems
    problems += training.problems.under("training")
    problems += evaluation?.every.problems.under("evaluation", "every") ?? []
    problems += checkpoint.problems.under("checkpoint")
    problems += metrics.every.problems.under("metrics", "every")
    problems += metrics.digestEvery?.problems.under("metrics", "digest_every") ?? []
    problems += metrics.layersEvery?.problems.under("metrics", "layers_every") ?? []
    problems += logging.tensorBoard?.histogramsEvery?.problems.under("logging", "tensorboard", "histograms_every") ?? []
    return problems
  }
}

extension ImageLayout {
  /// Height, width and channels.
  static let sizes = [
    Setting.integer("height", side, "rows of pixels"), Setting.integer("width", side, "pixels of a row"),
    Setting.integer("channels", side, "numbers of a pixel: 1 of grey, 3 of colours"),
  ]
  private static let side = IntegerRule(1...mostOfASize)

  fileprivate var problems: [SettingProblem] {
    zip(Self.sizes, [height, width, channels]).flatMap { $0.problems(of: $1) }
  }
}

extension RunConfiguration.Training {
  fileprivate var problems: [SettingProblem] {
    var problems = Trainer.Options.batchSize.problems(of: batchSize) + Trainer.Options.shards.problems(of: shards)
    if case .count(let count) = threads { problems += Trainer.Options.threads.problems(of: count) }
    problems += length.problems + (gradientClip?.problems.under("gradient_clip") ?? [])
    problems += onDivergence.problems.under("on_divergence")
    problems += Trainer.Options.accumulate.problems(of: accumulate)
    problems += augmentation?.problems.under("augment") ?? []
    return problems + (weightAverage?.problems ?? []) + (earlyStopping?.problems ?? [])
  }
}

extension RunConfiguration.Checkpoints {
  static let kept = Setting.integer("keep", .kept, "how many of the newest stay")

  fileprivate var problems: [SettingProblem] {
    SettingType.integer(.count).problems(.integer(every.written.count), [every.written.unit]).under("every")
      + Self.kept.problems(of: keep) + (keepEvery?.problems.under("keep_every") ?? [])
  }
}

extension Interval {
  fileprivate var problems: [SettingProblem] { SettingType.interval(.count).problems(.interval(self), [unit]) }
}

extension DataSplit {
  static let share = Setting.number("validation", .inside, "the share of the samples that validate")
  static let mostFolds = 1 << 24
  static let count = Setting.integer("count", IntegerRule(2...mostFolds), "folds")

  /// The setting of the fold that validates.
  static func index(of count: Int) -> Setting<Int> {
    Setting.integer("index", IntegerRule(0...max(0, count - 1)), "the fold that validates, from 0")
  }

  /// Where it stands in `data`.
  fileprivate var key: String {
    switch part {
    case .share: "split"
    case .fold: "folds"
    }
  }

  fileprivate var problems: [SettingProblem] {
    switch part {
    case .share(let share): Self.share.problems(of: share)
    case .fold(let index, let count): Self.count.problems(of: count) + Self.index(of: count).problems(of: index)
    }
  }
}

extension ClassWeights {
  static let weight = Setting.single("class_weights", .nonNegative, "what a sample of the class counts")

  fileprivate var problems: [SettingProblem] {
    switch self {
    case .balanced: []
    case .list(let weights):
      weights.enumerated().flatMap { place, weight in
        Self.weight.problems(of: weight).map {
          SettingProblem($0.path + ["\(place)"], found: $0.found, expected: $0.expected)
        }
      }
    case .named(let weights):
      weights.flatMap { one in
        Self.weight.problems(of: one.weight).map {
          SettingProblem($0.path + [Display.plain(one.name)], found: $0.found, expected: $0.expected)
        }
      }
    }
  }
}
