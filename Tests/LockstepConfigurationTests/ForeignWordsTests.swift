import TestSupport
import Testing

@testable import LockstepConfiguration

/// Who comes from another tool is told Lockstep's word for it, and what a hint says to write is read.
@Suite struct ForeignWordsTests {
  @Test(arguments: [
    ("learning_rate", "lr", "did you mean learning_rate?"),
    ("learning_rate: 0.001", "beta_1: 0.9", "did you mean beta1?"),
    ("learning_rate: 0.001", "b2: 0.99", "did you mean beta2?"),
    ("learning_rate: 0.001", "eps: 1e-7", "did you mean epsilon?"),
    ("learning_rate: 0.001", "betas: [0.9, 0.99]", "did you mean beta1? The second is beta2."),
    ("learning_rate: 0.001", "amsgrad: true", "there is no AMSGrad; nadam and adamax are near"),
    (
      "learning_rate: 0.001", "clipnorm: 1",
      "the gradient is clipped by training.gradient_clip; write training: {gradient_clip: {global_norm: 1}}"
    ),
    ("learning_rate: 0.001", "decay: 1", "a rate that falls is a schedule; write schedule: cosine"),
    (
      "steps: 50", "steps: 50, lr: 0.1",
      "the learning rate is the optimizer's; write optimizer: {adam: {learning_rate: 0.001}}"
    ),
    (
      "steps: 50", "steps: 50, warmup: 5",
      "the warm-up is a setting of every schedule; write schedule: {constant: {warmup: 5}}"
    ),
    ("warmup_steps", "num_warmup_steps", "did you mean warmup? It takes steps, or {epochs: 1}."),
    ("steps: 50", "steps: 50, early_stopping: {min_delta: 1}", "did you mean minimum_delta?"),
    (
      "steps: 50", "steps: 50, early_stopping: {restore_best_weights: true}",
      "the best evaluation's checkpoint is kept, to be evaluated and exported; write checkpoint: {keep_best: {metric: loss}}"
    ),
    ("keep: 3", "save_best_only: true", "write keep_best: {metric: loss}"),
    ("batch_size", "bs", "did you mean batch_size?"),
    ("steps: 50", "max_epochs: 50", "did you mean epochs?"),
    ("steps: 50", "steps: 50, num_workers: 2", "did you mean threads?"),
    ("steps: 50", "steps: 50, gradient_clip: 1", "write gradient_clip: {global_norm: 1}"),
    ("steps: 50", "steps: 50, early_stopping: 5", "write early_stopping: {patience: 5}"),
    ("steps: 50", "steps: 50, clipnorm: 1", "write gradient_clip: {global_norm: 1}"),
    ("seed: 3", "weight_decay: 0.1", "it is for all dense layers; write regularization: {l2: 0.0001}"),
    (
      "softmax_cross_entropy", "{name: cross_entropy, weight: [1, 2, 3, 4]}", "write softmax_cross_entropy: {weight: …}"
    ),
    (
      "steps: 50", "steps: 50, device: cuda",
      "Lockstep trains on CPUs; training.threads says on how many; write training: {threads: auto}"
    ),
    (
      "steps: 50", "steps: 50, shuffle: true",
      "every epoch has an order of its own, which follows from seed; leave it out"
    ),
    ("softmax_cross_entropy", "{softmax_cross_entropy: {pos_weight: 2}}", "did you mean class_weights?"),
    (
      "seed: 3", "class_weight: balanced",
      "rare classes count more by the loss; write loss: {softmax_cross_entropy: {class_weights: balanced}}"
    ),
    ("softmax_cross_entropy", "cross_entropy", "did you mean softmax_cross_entropy?"),
    ("softmax_cross_entropy", "sparse_categorical_crossentropy", "did you mean softmax_cross_entropy?"),
    ("softmax_cross_entropy", "BCEWithLogits", "did you mean binary_cross_entropy?"),
    ("softmax_cross_entropy", "mse", "did you mean mean_squared_error?"),
    ("softmax_cross_entropy", "smooth_l1", "did you mean huber?"),
    ("units: 16", "out_features: 16", "did you mean units?"),
    ("bias: false", "use_bias: false", "did you mean bias?"),
    (
      "bias: false", "activation: relu",
      "an activation is a layer of its own; write - relu on the line after the dense layer"
    ),
    (
      "bias: false", "activation: swish",
      "an activation is a layer of its own; write - silu on the line after the dense layer"
    ),
    (
      "bias: false", "activation: softmax",
      "leave it out: the loss applies it itself, and lockstep predict --probabilities gives what it makes of the outputs"
    ),
    (
      "bias: false", "dropout: 0.2",
      "dropout is a layer of its own; write - dropout: 0.2 on the line after the dense layer"
    ),
    ("bias: false", "kernel_initializer: he_normal", "did you mean initializer?"),
    ("bias: false", "initializer: kaiming_normal", "did you mean he_normal?"),
    ("bias: false", "initializer: xavier_uniform", "did you mean glorot_uniform?"),
    (
      "- dense: {units: 4}", "- dense: {units: 4}\n    - softmax",
      "leave it out: the loss applies it itself, and lockstep predict --probabilities gives what it makes of the outputs"
    ),
    ("- relu", "- Conv2D: {filters: 3, kernel: 3}", "did you mean conv2d?"),
    ("- relu", "- MaxPooling2D: {size: 2}", "did you mean max_pool?"),
    ("- relu", "- zero_padding2d", "a convolution pads by itself: conv2d: {filters: …, kernel: 3, padding: same}"),
    ("- dense: {units: 16, bias: false}", "- linear: {units: 16}", "did you mean dense?"),
    ("- batch_norm", "- BatchNorm1d", "did you mean batch_norm?"),
    ("- relu", "- swish", "did you mean silu?"),
    ("- relu", "- LeakyReLU", "did you mean leaky_relu?"),
    ("- relu", "- leaky_relu: {alpha: 0.1}", "did you mean negative_slope?"),
    ("- relu", "- dropout: {p: 0.1}", "did you mean rate?"),
    ("- relu", "- {type: relu, inplace: true}", "write relu: {inplace: …}"),
    (
      "{adam: {learning_rate: 0.001}}", "{lr: 0.1}",
      "parameters belong to an optimizer; write adam: {learning_rate: 0.001}"
    ),
    ("{adam: {learning_rate: 0.001}}", "{name: adam, lr: 0.1}", "write adam: {lr: …}"),
    ("{adam: {learning_rate: 0.001}}", "adadelta", "did you mean rmsprop? There is no Adadelta."),
    ("{cosine: {warmup_steps: 5}}", "CosineAnnealingLR", "did you mean cosine?"),
    ("bias: false", "requires_grad: false", "did you mean trainable? trainable: false keeps the layer as it is."),
    ("bias: false", "lr_mult: 0.1", "did you mean learning_rate? It is a factor on the optimizer's."),
    ("{cosine: {warmup_steps: 5}}", "{reduce_on_plateau: {threshold_mode: abs}}", "did you mean absolute?"),
    ("{cosine: {warmup_steps: 5}}", "CosineAnnealingWarmRestarts", "write cosine_restarts: {period: 10}"),
    (
      "{warmup_steps: 5}", "{T_0: 10}",
      "a cosine that restarts is cosine_restarts; write schedule: {cosine_restarts: {period: 10}}"
    ),
    ("{cosine: {warmup_steps: 5}}", "{cosine_restarts: {T_0: 10}}", "did you mean period?"),
    ("{cosine: {warmup_steps: 5}}", "linear_warmup", "write constant: {warmup: 5}"),
    ("steps: 50", "steps: 50, on_divergence: rollback", "did you mean restore?"),
    ("keep: 3", "keep_best: {metric: val_loss}", "did you mean loss?"),
    ("keep: 3", "keep_best: {metric: acc}", "did you mean accuracy?"),
  ])
  func theWordIsExplained(old: String, new: String, hint: String) throws {
    let found = messages(configuration(replacing: old, with: new))
    #expect(found.count == 1 && found.first?.hasSuffix("(\(hint))") == true, "\(found)")
  }

  /// The command line is told in its own words.
  @Test(arguments: [
    ("lr=0.1", "--set lr=0.1: lr: ", "--set optimizer.adam.learning_rate=0.001"),
    ("training.lr=0.1", "--set training.lr=0.1: training.lr: ", "--set optimizer.adam.learning_rate=0.001"),
    ("training.clipnorm=1", "--set training.clipnorm=1: ", "--set 'training.gradient_clip={global_norm: 1}'"),
    ("loss=mse", "--set loss=mse: loss: ", "did you mean mean_squared_error?"),
    ("optimizer.adam.lr=0.1", "--set optimizer.adam.lr=0.1: ", "did you mean learning_rate?"),
  ])
  func onTheCommandLineToo(override: String, start: String, hint: String) {
    let found = messages(validConfiguration, set: [override])
    #expect(found.count == 1 && found[0].hasPrefix(start) && found[0].contains(hint), "\(found)")
  }

  /// What a hint says to write is read, from the command line and from a file.
  @Test func everySettingCanBeFollowed() throws {
    let settings = ForeignWords.allKeys.compactMap { key in key.setting.map { (key.words, $0) } }
    #expect(settings.count > 20)
    for (words, setting) in settings where !setting.path.hasPrefix("data.") {
      #expect(messages(validConfiguration, set: ["\(setting.path)=\(setting.value)"]) == [], "\(words)")
      let section = setting.path.split(separator: ".")[0]
      let others = validConfiguration.split(separator: "\n").filter {
        !$0.hasPrefix("\(section):") && section != "model"
      }
      // Alone it may lack what the section needs, never have what it does not know.
      let yaml = others.joined(separator: "\n") + "\n" + setting.yaml + "\n"
      #expect(!messages(yaml).contains { $0.contains("unknown") || $0.contains("mistake") }, "\(setting.yaml)")
    }
    try withTemporaryFolder { folder in
      try write("a,y\n" + (0..<20).map { "\($0),\($0 % 2)\n" }.joined(), to: "\(folder)/t.csv")
      let data = "data:\n  source: {csv: {path: \(folder)/t.csv, target: y}}\n"
      let rest =
        "model: {layers: [{dense: 2}]}\nloss: softmax_cross_entropy\noptimizer: adam\ntraining: {batch_size: 4, shards: 2, steps: 3}\n"
      for (words, setting) in settings where setting.path.hasPrefix("data.") {
        #expect(messages(data + rest, set: ["\(setting.path)=\(setting.value)"]) == [], "\(words)")
      }
    }
  }

  /// A name that is meant is one that there is, with the parameters that it is said to take.
  @Test(arguments: [
    ("model.layers.2", "layer"), ("model.layers.2", "activation"), ("loss", "loss"), ("optimizer", "optimizer"),
    ("schedule", "schedule"), ("model.layers.0.dense.initializer", "initializer"),
    ("training.on_divergence", "policy"),
  ])
  func everyNameCanBeFollowed(path: String, what: String) {
    let names =
      switch what {
      case "layer": ForeignWords.layers
      case "activation": ForeignWords.activations
      case "loss": ForeignWords.losses
      case "optimizer": ForeignWords.optimizers
      case "schedule": ForeignWords.schedules
      case "initializer": ForeignWords.initializers
      default: ForeignWords.policies
      }
    for meaning in names {
      #expect(meaning.name != nil || meaning.note != nil)
      for word in meaning.words {
        let found = messages(validConfiguration, set: ["\(path)=\"\(word)\""])
        #expect(found.contains { $0.contains(" (") && !$0.hasSuffix("()") }, "\(word): \(found)")
      }
      guard let name = meaning.name else { continue }
      let setting = meaning.value.map { "{\(name): \($0)}" } ?? name
      let found = messages(validConfiguration, set: ["\(path)=\(setting)"])
      // Some want parameters that only their user knows, and losses want other data.
      let allowed = found.allSatisfy { !$0.contains("unknown") && (meaning.value == nil || what == "loss") }
      #expect(allowed, "\(setting): \(found)")
    }
  }

  /// Every key that a word is said to mean stands in the reference.
  @Test func everyKeyIsInTheReference() throws {
    let reference = try String(contentsOfFile: "\(repository)/configs/reference.yaml", encoding: .utf8)
    for meaning in ForeignWords.allKeys {
      #expect(!meaning.names.isEmpty || meaning.note != nil || meaning.setting != nil, "\(meaning.words)")
      for name in meaning.names { #expect(reference.contains(name), "\(name)") }
    }
  }

  /// A long text, or one of marks that do not compare in linear time, is no word of any tool.
  @Test func anythingMayBeAWord() {
    for word in [String(repeating: "lr", count: 400), "l\u{301}r", "\u{0}", " "] {
      let found = messages(validConfiguration, set: ["training.\"\(word)\"=1"])
      #expect(!found.isEmpty)
    }
  }
}
