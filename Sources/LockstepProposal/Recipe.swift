import LockstepConfiguration
import LockstepFormats
import LockstepModel

/// What a network and its training follow from.
struct DataShape {
  enum Answer {
    /// How many.
    case classes(Int)
    /// How many a row.
    case numbers(Int)
  }

  var samples: Int
  var inputs: Shape
  var answer: Answer
  /// Whether there are files of validation data beside.
  var hasValidation = false
}

/// The parts of a configuration that a file of data says.
struct YAMLParts {
  /// In braces.
  var source: String
  var validation: String?
  var options: [(key: String, value: String, comment: String)] = []
  var summary: String
  var file: String
}

/// Sizes that do well on tables of all sizes without being tuned: docs/tables.md has the figures.
struct Recipe {
  let shape: DataShape
  let batch: Int
  let units: Int
  let epochs: Int
  let patience: Int
  let dropout: Double
  let learningRate: Double
  let weightDecay: Double

  init(_ shape: DataShape) {
    self.shape = shape
    let samples = max(1, shape.hasValidation ? shape.samples : shape.samples * 4 / 5)
    // About forty steps an epoch, of 32 to 512 rows.
    var batch = 32
    while batch < (shape.inputs.isImage ? 128 : 512), batch * 40 < samples { batch *= 2 }
    self.batch = min(batch, samples)
    let steps = max(1, samples / self.batch)
    units = samples < 1_000 ? 32 : samples < 10_000 ? 128 : 256
    // Some four thousand steps for a small table, twenty epochs at least for a large one.
    epochs = max(20, min(500, 4000 / steps))
    patience = max(5, epochs / 5)
    dropout = samples < 10_000 ? 0.2 : 0.1
    learningRate = samples < 1_000 ? 0.003 : 0.002
    weightDecay = samples < 1_000 ? 0.1 : 0.01
  }

  func yaml(_ parts: YAMLParts) throws(DataFileError) -> String {
    let (units, isClass) =
      switch shape.answer {
      case .classes(let classes): (classes, true)
      case .numbers(let count): (count, false)
      }
    let loss = isClass ? "softmax_cross_entropy" : "mean_squared_error"
    let answers = isClass ? "one logit a class; the loss takes the softmax" : "the number that is learned"
    let name = RunConfiguration.name(ofFile: parts.file)
    var lines = [
      "# \(parts.file): \(parts.summary). Written by lockstep init; every line may be changed.",
      "#",
      "#   lockstep train \(name).yaml",
      "#   lockstep evaluate runs/\(name)       the best step, as keep_best has kept it",
      "#   lockstep diagnose \(name).yaml       what the signal does, layer by layer",
      "",
      "name: \(ResolvedValue.text(name).flow)",
      "seed: 1",
      "",
      "data:",
    ]
    if let validation = parts.validation {
      lines += ["  train:      \(parts.source)", "  validation: \(validation)"]
    } else {
      lines += [
        "  source: \(parts.source)",
        "  split: {validation: 0.2, seed: 1} # a fifth is held back to watch by\(isClass ? ", as much of every class" : "")",
      ]
    }
    let thing = shape.inputs.isImage ? "every channel" : "every number"
    lines.append(
      isClass
        ? "  standardize: true # \(thing) to mean 0 and deviation 1 over the training part"
        : "  standardize: {features: true, targets: true} # to mean 0 and deviation 1; metrics and predictions stay in the target's units"
    )
    lines += parts.options.map { "  \($0.key): \($0.value) # \($0.comment)" }
    lines += ["", "model:", "  layers:"] + (convolutions ?? dense).map { "    - \($0)" }
    lines.append("    - dense: \(units) # \(answers)")
    lines += [
      "",
      "loss: \(loss)",
      "optimizer: {adamw: {learning_rate: \(learningRate), weight_decay: \(weightDecay)}}",
      "schedule: {cosine: {warmup: 50}} # the learning rate goes up in a line, then down along half a cosine until the run ends",
      "",
      "training:",
      "  batch_size: \(batch)",
      "  epochs: \(epochs)",
      "  gradient_clip: {global_norm: 1.0}",
      "  weight_average: 0.99 # what is evaluated and kept is an average of the weights over the last steps",
      "  early_stopping: {metric: loss, patience: \(patience)} # the run ends when so many evaluations were no better",
      "",
      "checkpoint: {keep: 1, keep_best: loss} # the newest, to go on from, and the best",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The layers before the last.
  private var dense: [String] {
    let hidden = ["dense: \(units)", "relu", "dropout: \(dropout)"]
    return (shape.inputs.isImage ? ["flatten"] : []) + hidden + hidden
  }

  /// Those of images: convolutions of more and more channels over smaller and smaller images, as in VGG — Simonyan,
  /// Zisserman 2014, https://arxiv.org/abs/1409.1556. nil where an image is too small to be halved twice.
  private var convolutions: [String]? {
    guard case .image(let height, let width, _) = shape.inputs else { return nil }
    var (side, filters, layers) = (min(height, width), 32, [String]())
    while side >= 4, filters <= 256 {
      layers += ["conv2d: {filters: \(filters), kernel: 3, padding: same}", "batch_norm", "relu", "max_pool: 2"]
      (side, filters) = (side / 2, filters * 2)
    }
    if layers.isEmpty { return nil }
    let isSmall = side <= 4 && max(height, width) < 2 * min(height, width)
    return layers + [isSmall ? "flatten" : "global_average_pool", "dropout: \(dropout)"]
  }
}
