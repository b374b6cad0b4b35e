import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

/// What no single key can tell: whether the parts of a configuration fit each other. Every finding has the place of
/// the value that is the easiest to change.
struct ConfigurationCheck {
  let configuration: RunConfiguration
  let locations: ConfigurationLocations
  let diagnostics: Diagnostics

  func run() {
    checkData()
    checkModel()
    checkBatches()
    checkAccumulation()
    checkAugmentation()
    checkClassWeights()
    checkLength()
    checkSchedule()
    checkEvaluation()
    checkCheckpoints()
  }

  func report(_ path: String, _ problem: SettingProblem) {
    report(path, found: problem.found, expected: problem.expected, hint: problem.hint)
  }

  func report(_ path: String, found: String, expected: String, hint: String? = nil) {
    diagnostics.report(at: locations.location(of: path), path: path, found: found, expected: expected, hint: hint)
  }
}

// MARK: Data

extension ConfigurationCheck {
  private func checkData() {
    // What files hold was checked when they were opened.
    if configuration.data.standardizeTargets, configuration.loss.targetKind != .numbers {
      report(
        "data.standardize.targets", found: "true beside \(configuration.loss.name), a loss of classification",
        expected: "false, since classes have no scale")
    }
    if case .given(let train) = configuration.data.train, case .given(let other)? = configuration.data.validation,
      other.shape != train.shape || other.task != train.task
    {
      report(
        "data.validation", found: "\(other.shape.phrase) for \(other.task.summary)",
        expected: "\(train.shape.phrase) for \(train.task.summary), as in data.train")
    }
    guard case .synthetic(let train) = configuration.data.train else { return }
    checkSynthetic(train, path: "data.train")
    guard case .synthetic(let validation)? = configuration.data.validation else { return }
    checkSynthetic(validation, path: "data.validation")
    let path = "data.validation.synthetic"
    if validation.shape != train.shape {
      report(
        locations.written(["\(path).features", "\(path).height", "\(path).width", "\(path).channels", path]),
        found: validation.shape.phrase, expected: "\(train.shape), those of data.train")
    }
    switch (train.task, validation.task) {
    case (.classification(let expected), .classification(let found)) where found != expected:
      report("\(path).classes", found: "\(found) classes", expected: "\(expected), those of data.train")
    case (.regression(let expected), .regression(let found)) where found != expected:
      report("\(path).targets", found: "\(found) targets", expected: "\(expected), those of data.train")
    case (.classification, .regression), (.regression, .classification):
      report(path, found: validation.task.summary, expected: "\(train.task.summary), as in data.train")
    default: break
    }
    checkDisjoint(train, validation)
  }

  private func checkSynthetic(_ specification: SyntheticSpecification, path: String) {
    for problem in specification.problems {
      report("\(path).synthetic.\(problem.key)", found: problem.found, expected: problem.expected)
    }
  }

  /// Checks that training and validation differ in seed or split: those two decide which samples there are.
  private func checkDisjoint(_ train: SyntheticSpecification, _ validation: SyntheticSpecification) {
    let seeds = (train.seed ?? configuration.seed, validation.seed ?? configuration.seed)
    guard train.split == validation.split, seeds.0 == seeds.1 else { return }
    report(
      locations.written(["data.validation.synthetic.split", "data.train.synthetic.split"]),
      found: "the split \(Display.plain(validation.split)) for both train and validation",
      expected: "two splits, since the same split is the same samples",
      hint: "validation takes split: validation by default")
  }
}

extension LearningTask {
  /// In words, for an error.
  var summary: String {
    switch self {
    case .classification(let classes): "a classification into \(classes) classes"
    case .regression(let targets): "a regression of \(targets) \(targets == 1 ? "target" : "targets")"
    case .labels(let labels): "a multi-label classification of \(labels) \(labels == 1 ? "label" : "labels")"
    }
  }
}
