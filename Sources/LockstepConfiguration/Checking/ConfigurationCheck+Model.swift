import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension ConfigurationCheck {
  /// Follows the shapes from the features through every layer to the loss.
  func checkModel() {
    var sizes = ModelSizes()
    let output: Shape
    do throws(ModelError) {
      output = try configuration.model.walk { sizes.add($0) }
    } catch {
      report(error, sizes)
      return
    }
    guard let last = sizes.lastWeighted else {
      report(
        "model.layers", found: "no layer with weights",
        expected: "at least one, `dense` or `conv2d`, since without weights there is nothing to train")
      return
    }
    if sizes.trained == 0 {
      report(
        "model.layers", found: "only frozen layers", expected: "at least one that is trained",
        hint: "leave trainable: false out where the model shall learn")
    }
    guard case .features(let units) = output else {
      report(
        "model.layers", found: "an image of \(output) at the end of the model",
        expected: "numbers: end with `global_average_pool` or `flatten`, and a dense layer")
      return
    }
    checkOutput(units: units, unitsPath: unitsPath(of: last))
    checkSize(sizes)
  }

  /// The key that says how many numbers a layer with weights gives; the layer's own where that follows from its input.
  private func unitsPath(of place: PlacedLayer) -> String {
    let path = "\(locations.path(of: place.key)).\(place.layer.word)"
    return switch place.layer {
    case .dense: "\(path).units"
    case .convolution: "\(path).filters"
    default: path
    }
  }

  private func report(_ error: ModelError, _ sizes: ModelSizes) {
    let shapes = error.shapes.isEmpty ? nil : "shapes: \(error.shapes)"
    switch error.misfit {
    case .weights(let key, let inputs, let units):
      let path = locations.path(of: key)
      report(
        locations.written(["\(path).dense.units", "\(path).conv2d.filters"]), found: "\(inputs) × \(units) weights",
        expected: "at most 2³⁴ in one layer")
    case .branch(let key, let skip, let end):
      // A branch that changes the width has a layer with weights.
      let isImage = skip.isImage || end.isImage
      report(
        sizes.lastWeightedOfBranch.map(unitsPath) ?? locations.path(of: key.appending(.residual)),
        found: "\(end)\(isImage ? "" : " units") at the end of a residual branch",
        expected:
          "\(skip), \(isImage ? "the shape" : "the units") it begins with, since the branch is added to its input",
        hint: isImage ? "a projection: [{conv2d: …}] brings the input to another shape; \(shapes ?? "")" : nil)
    case .layer(let key, let found, let expected):
      report(locations.path(of: key), found: found, expected: expected, hint: shapes)
    // The decoder allows nothing else that is wrong.
    case nil: break
    }
  }

  private func checkOutput(units: Int, unitsPath: String) {
    let loss = configuration.loss
    switch (loss.targets, configuration.data.task) {
    case (.classes, .classification(let classes)):
      if units != classes {
        report(
          unitsPath, found: "\(units) \(Format.plural(units, "unit")) at the end of the model",
          expected: "\(classes), one for each class of \(configuration.data.trainPath)\(classList)",
          hint: regressionHint)
      }
    case (.labels, .classification(let classes)):
      if classes != 2 {
        report(
          "loss", found: "\(loss.name) for \(classes) classes\(classList)",
          expected: "a loss for \(classes) classes", hint: regressionHint ?? "use softmax_cross_entropy")
      } else if units != 1 {
        report(
          unitsPath, found: "\(units) units at the end of the model",
          expected: "1, the logit of the second class, for \(loss.name)")
      }
    case (.labels, .labels(let labels)):
      if units != labels {
        report(
          unitsPath, found: "\(units) units at the end of the model",
          expected: "\(labels), one for each label of \(configuration.data.trainPath)")
      }
    case (_, .labels):
      report(
        "loss", found: "\(loss.name) for \(configuration.data.task.summary)",
        expected: "a loss of one answer a label", hint: "use binary_cross_entropy")
    case (.numbers, .regression(let targets)):
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

  /// A hint where a target of classes has so many different decimals that it can only be numbers.
  private var regressionHint: String? {
    let names = configuration.data.preprocessing == nil ? [] : configuration.data.classNames
    let decimals = names.count { Labels.plainNumber($0)?.contains(".") == true }
    guard names.count > 50, decimals * 2 > names.count else { return nil }
    return
      "\(names.count) different decimals are numbers to learn rather than classes: a loss of regression, such as mean_squared_error"
  }

  /// No machine has this much memory; and counting elements beyond it would not fit 64 bits.
  private func checkSize(_ sizes: ModelSizes) {
    let limit = 1 << 42
    let training = configuration.training
    if sizes.parameters > limit / max(1, training.shards) {
      report(
        "model.layers", found: "\(sizes.parameters) parameters, with a gradient for each of \(training.shards) shards",
        expected: "a model that fits the memory of a machine")
    }
    if sizes.values > limit / max(1, training.batchSize) {
      report(
        "training.batch_size", found: "\(training.batchSize) rows of \(sizes.values) activations each",
        expected: "a batch that fits the memory of a machine")
    }
  }
}

/// What a walk over a model has counted so far.
private struct ModelSizes {
  /// The last layer with weights.
  private(set) var lastWeighted: PlacedLayer?
  /// Elements of all parameters.
  private(set) var parameters = 0
  /// Layers with parameters that are trained.
  private(set) var trained = 0
  /// Numbers of all values of one row.
  private(set) var values = 0
  private var weightedLayers = 0
  /// Layers with weights that were met before each residual that is open.
  private var branches: [Int] = []

  /// The last layer with weights of the innermost residual that is open, if it has one.
  var lastWeightedOfBranch: PlacedLayer? { branches.last == weightedLayers ? nil : lastWeighted }

  mutating func add(_ step: WalkStep) {
    switch step {
    case .layer(let layer):
      // At most 10,000 layers of 2³⁴ weights: no overflow.
      parameters += layer.parameters.reduce(0) { $0 + $1.shape.count }
      values += layer.output.count
      if layer.layer.training?.isTrainable == true { trained += 1 }
      if layer.layer.weighted != nil { (lastWeighted, weightedLayers) = (layer, weightedLayers + 1) }
    case .branch: branches.append(weightedLayers)
    case .projection: break
    case .sum(let residual):
      branches.removeLast()
      values += residual.output.count
    }
  }
}
