import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension ConfigurationCheck {
  /// Walks the widths from the features through every layer to the loss.
  func checkModel() {
    var walk = ModelWalk(check: self)
    let width = walk.layers(configuration.layers, path: "model.layers", width: configuration.data.features)
    guard let width else { return }
    guard let last = walk.lastDense else {
      report(
        "model.layers", found: "no dense layer",
        expected: "at least one, since without weights there is nothing to train")
      return
    }
    checkOutput(units: width, dense: last)
    checkSize(walk)
  }

  private func checkOutput(units: Int, dense: String) {
    let loss = configuration.loss
    let unitsPath = "\(dense).units"
    switch (loss, configuration.data.task) {
    case (.softmaxCrossEntropy, .classification(let classes)):
      if units != classes {
        report(
          unitsPath, found: "\(units) \(Format.plural(units, "unit")) at the end of the model",
          expected: "\(classes), one for each class of \(configuration.data.trainPath)\(classList)",
          hint: regressionHint)
      }
    case (.binaryCrossEntropy, .classification(let classes)):
      if classes != 2 {
        report(
          "loss", found: "binary_cross_entropy for \(classes) classes\(classList)",
          expected: "a loss for \(classes) classes", hint: regressionHint ?? "use softmax_cross_entropy")
      } else if units != 1 {
        report(
          unitsPath, found: "\(units) units at the end of the model",
          expected: "1, the logit of the second class, for binary_cross_entropy")
      }
    case (.binaryCrossEntropy, .labels(let labels)):
      if units != labels {
        report(
          unitsPath, found: "\(units) units at the end of the model",
          expected: "\(labels), one for each label of \(configuration.data.trainPath)")
      }
    case (_, .labels):
      report(
        "loss", found: "\(loss.name) for \(configuration.data.task.summary)",
        expected: "a loss of one answer a label", hint: "use binary_cross_entropy")
    case (.meanSquaredError, .regression(let targets)), (.meanAbsoluteError, .regression(let targets)),
      (.huber, .regression(let targets)):
      if units != targets {
        report(
          unitsPath, found: "\(units) units at the end of the model",
          expected: "\(targets), one for each target of \(configuration.data.trainPath)")
      }
    case (_, .classification(let classes)):
      report(
        "loss", found: "\(loss.name), a loss of regression, for \(classes) classes",
        expected: "a loss of classification",
        hint: classes == 2 ? "use softmax_cross_entropy or binary_cross_entropy" : "use softmax_cross_entropy")
    case (_, .regression):
      report(
        "loss", found: "\(loss.name), a loss of classification, for \(configuration.data.task.summary)",
        expected: "a loss of regression",
        hint: "use mean_squared_error, mean_absolute_error or huber")
    }
  }

  /// The names of the classes of a file, for a person to see what the target was taken for.
  private var classList: String {
    configuration.data.preprocessing == nil ? "" : ": \(Preprocessing.list(configuration.data.classNames))"
  }

  /// So many different decimals are no classes.
  private var regressionHint: String? {
    let names = configuration.data.preprocessing == nil ? [] : configuration.data.classNames
    let decimals = names.count { Labels.plainNumber($0)?.contains(".") == true }
    guard names.count > 50, decimals * 2 > names.count else { return nil }
    return
      "\(names.count) different decimals are numbers to learn rather than classes: a loss of regression, such as mean_squared_error"
  }

  /// No machine has this much memory; and counting elements beyond it would not fit 64 bits.
  private func checkSize(_ walk: ModelWalk) {
    let limit = 1 << 42
    let training = configuration.training
    if walk.parameters > limit / max(1, training.shards) {
      report(
        "model.layers", found: "\(walk.parameters) parameters, with a gradient for each of \(training.shards) shards",
        expected: "a model that fits the memory of a machine")
    }
    if walk.values > limit / max(1, training.batchSize) {
      report(
        "training.batch_size", found: "\(training.batchSize) rows of \(walk.values) activations each",
        expected: "a batch that fits the memory of a machine")
    }
  }
}

/// Follows a value's width through the layers.
private struct ModelWalk {
  let check: ConfigurationCheck
  /// Path of the last dense layer passed, its parameters included: `model.layers.4.dense`.
  var lastDense: String?
  private var denseCount = 0
  var parameters = 0
  /// Sum of the widths of all values of one row.
  var values = 0

  init(check: ConfigurationCheck) { self.check = check }

  /// - Returns: the width at the end, nil after an error.
  mutating func layers(_ layers: [Layer], path: String, width: Int) -> Int? {
    var width = width
    for (i, layer) in layers.enumerated() {
      guard let next = self.layer(layer, path: Path.child("\(i)", of: path), width: width) else { return nil }
      width = next
    }
    return width
  }

  private mutating func layer(_ layer: Layer, path: String, width: Int) -> Int? {
    switch layer {
    case .dense(let dense):
      lastDense = "\(path).dense"
      denseCount += 1
      // Both factors are at most 2²⁴.
      let weights = width * dense.units
      if weights > 1 << 34 {
        check.report(
          "\(path).dense.units", found: "\(width) × \(dense.units) weights", expected: "at most 2³⁴ in one layer")
        return nil
      }
      add(parameters: weights + (dense.bias ? dense.units : 0), values: dense.units)
      return dense.units
    case .batchNorm: add(parameters: 2 * width, values: width)
    case .activation(.prelu(_, let slopes)): add(parameters: slopes == .unit ? width : 1, values: width)
    case .activation, .dropout, .alphaDropout: add(parameters: 0, values: width)
    case .repeated(let times, let inner):
      var width = width
      for _ in 0..<times {
        guard let next = layers(inner, path: "\(path).repeat.layers", width: width) else { return nil }
        width = next
      }
      return width
    case .residual(let inner): return residual(inner, path: path, width: width)
    }
    return width
  }

  private mutating func residual(_ inner: [Layer], path: String, width: Int) -> Int? {
    let list = check.locations.written(["\(path).residual.layers", "\(path).residual"])
    let before = denseCount
    guard let end = layers(inner, path: list, width: width) else { return nil }
    add(parameters: 0, values: width)
    if end == width { return end }
    // A branch that changes the width has a dense layer.
    let last = denseCount != before ? lastDense.map { "\($0).units" } : nil
    check.report(
      last ?? list, found: "\(end) units at the end of a residual branch",
      expected: "\(width), the units it begins with, since the branch is added to its input")
    return nil
  }

  private mutating func add(parameters: Int, values: Int) {
    // At most 10,000 layers of 2³⁴ weights: no overflow.
    self.parameters += parameters
    self.values += values
  }
}
