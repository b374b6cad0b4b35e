import LockstepDeclarations
import LockstepKernels
import LockstepTraining

extension ForeignWords {
  package static let allKeys: [Key] = optimizerKeys + trainingKeys + layerKeys + fileKeys + runKeys

  // MARK: What is learnt, and how fast

  private static let rate = Setting("optimizer.adam.learning_rate", "0.001")
  private static let clip = Setting("training.gradient_clip", "{global_norm: 1}")
  private static let decay = Setting("regularization.l2", "0.0001")
  private static let warmup = Setting("schedule", "{constant: {warmup: 5}}")
  private static let restarts = Setting("schedule", "{cosine_restarts: {period: 10}}")
  private static let averaged = Setting("training.weight_average", "{decay: 0.999}")

  /// The optimizers of whose settings that holds.
  private static func optimizers(_ holds: ([String]) -> Bool) -> [String] {
    Optimizer.catalogue.descriptions.filter { holds($0.settings.map(\.key)) }.map(\.name)
  }

  private static let optimizerKeys: [Key] = [
    Key(
      "lr learning_rate eta base_lr lr0 initial_lr init_lr learning_rate_init initial_learning_rate", ["learning_rate"],
      note: "the learning rate is the optimizer's", write: rate),
    Key("max_lr", [], in: ["one_cycle"], note: "the highest rate is the optimizer's", write: rate),
    Key(
      "beta_1 b1 adam_beta1", ["beta1"], note: "it is the optimizer's", write: Setting("optimizer.adam.beta1", "0.9")),
    Key(
      "beta_2 b2 adam_beta2", ["beta2"], note: "it is the optimizer's", write: Setting("optimizer.adam.beta2", "0.999")),
    Key("betas", ["beta1"], aside: "The second is beta2."),
    Key(
      "eps adam_epsilon epsilon", ["epsilon"], note: "it is the optimizer's",
      write: Setting("optimizer.adam.epsilon", "1e-8")),
    Key("alpha smoothing", ["decay"], in: ["rmsprop"]),
    Key("rho", ["decay"], note: "it is RMSprop's decay", write: Setting("optimizer", "{rmsprop: {decay: 0.9}}")),
    Key("amsgrad", in: ["adam", "adamw"], note: "there is no AMSGrad; nadam and adamax are near"),
    Key("momentum", in: optimizers { $0.contains("beta1") }, note: "its momentum is beta1"),
    Key(
      "momentum", ["momentum"], in: ["", "training"], note: "it is SGD's",
      write: Setting("optimizer", "{sgd: {momentum: 0.9}}")),
    Key(
      "nesterov use_nesterov", in: ["adam", "adamw"], note: "Adam with Nesterov's momentum is nadam",
      write: Setting("optimizer", "{nadam: {}}")),
    Key("nesterovs_momentum use_nesterov", ["nesterov"]),
    Key("momentum_value mu", ["momentum"]),
    Key("centered dampening", note: "there is no such variant; leave it out"),
    Key(
      "fused foreach capturable differentiable maximize jit_compile",
      note: "there is one implementation, and it minimises; leave it out"),
    Key(
      "decay lr_decay learning_rate_decay", in: optimizers { !$0.contains("decay") } + ["training", ""],
      note: "a rate that falls is a schedule", write: Setting("schedule", "cosine")),
    Key(
      "weight_decay wd l2 reg_lambda lambda_l2 l2_regularization kernel_regularizer weight_regularizer regularizer",
      ["weight_decay", "l2"], note: "it is for all dense layers", write: decay),
    Key("alpha", in: ["", "training"], note: "it is for all dense layers", write: decay),
    Key(
      "l1 reg_alpha lambda_l1 l1_regularization", ["l1"], note: "it is for all dense layers",
      write: Setting("regularization.l1", "0.0001")),
    Key(
      "max_norm max_weight_norm kernel_constraint constraint", ["max_norm"], in: ["dense", "regularization", ""],
      note: "it is for all dense layers", write: Setting("regularization.max_norm", "3")),
    Key(
      "clipnorm global_clipnorm max_grad_norm max_norm clip_norm clip_grad_norm gradient_clip_val gradient_clipping grad_clip clip_gradients clip norm gradient_clip",
      ["global_norm", "gradient_clip"], note: "the gradient is clipped by training.gradient_clip", write: clip),
    Key(
      "clipvalue clip_value", ["value"], note: "the gradient is clipped by training.gradient_clip",
      write: Setting("training.gradient_clip", "{value: 1}")),
    Key(
      "use_ema ema ema_momentum ema_decay ema_overwrite_frequency swa averaging model_ema weight_average",
      ["weight_average"],
      note: "an average of the weights is training.weight_average", write: averaged),
    Key("momentum beta", ["decay"], in: ["weight_average"]),
  ]

  // MARK: How long, in what parts, on what

  private static let stopping = Setting("training.early_stopping", "{patience: 5}")
  private static let accumulation = Setting("training.accumulate", "2")
  private static let best = Setting("checkpoint.keep_best", "{metric: loss}")

  private static let trainingKeys: [Key] = [
    Key(
      "batch bs batchsize minibatch mini_batch minibatch_size mini_batch_size train_batch_size per_device_train_batch_size",
      ["batch_size"], write: Setting("training.batch_size", "100")),
    Key("batch_size", ["batch_size"], note: "it is training's", write: Setting("training.batch_size", "100")),
    Key(
      "epoch n_epochs num_epochs nb_epoch nb_epochs max_epochs num_train_epochs", ["epochs"],
      write: Setting("training.epochs", "2")),
    Key(
      "iterations iters n_iter num_iter max_iter num_iterations max_steps num_steps n_steps total_steps train_steps steps_total n_estimators num_boost_round num_rounds",
      ["steps"], write: Setting("training.steps", "50")),
    Key("epochs", in: [""], write: Setting("training.epochs", "2")),
    Key("steps", in: [""], write: Setting("training.steps", "50")),
    Key("steps_per_epoch", note: "it follows from the samples and batch_size; leave it out"),
    Key(
      "n_jobs nthread nthreads num_threads n_threads num_workers n_workers workers dataloader_num_workers cores num_cores cpus jobs",
      ["threads"], write: Setting("training.threads", "2")),
    Key(
      "device devices gpu gpus cuda use_cuda no_cuda accelerator accelerators",
      note: "Lockstep trains on CPUs; training.threads says on how many", write: Setting("training.threads", "auto")),
    Key(
      "strategy ddp distributed num_nodes world_size",
      note: "the parts of a batch that are worked on at the same time are training.shards",
      write: Setting("training.shards", "4")),
    Key(
      "gradient_accumulation_steps accumulate_grad_batches accumulation_steps grad_accum grad_accumulation accum_steps",
      ["accumulate"], write: accumulation),
    Key(
      "augmentation augmentations data_augmentation augmenter transforms", ["augment"],
      note: "images are varied by training.augment"),
    Key("drop_remainder droplast", ["drop_last"], write: Setting("training.drop_last", "true")),
    Key(
      "early_stop earlystopping early_stopping early_stopping_rounds early_stopping_patience n_iter_no_change",
      ["early_stopping"],
      write: stopping),
    Key("rounds n_iter_no_change early_stopping_rounds", ["patience"]),
    Key("patience", in: ["training", ""], note: "it is early_stopping's", write: stopping),
    Key("min_delta tol tolerance threshold min_improvement", ["minimum_delta"], in: ["early_stopping"]),
    Key("min_delta tol threshold_value", ["threshold", "minimum_delta"], in: ["reduce_on_plateau"]),
    Key("min_delta", in: ["training", ""], note: "it is early_stopping's minimum_delta", write: stopping),
    Key("monitor metric", in: ["checkpoint"], write: best),
    Key(
      "metric eval_metric", in: ["", "training"],
      note: "early_stopping, keep_best and reduce_on_plateau each say which metric they watch; all are logged"),
    Key("monitor watch metric_name eval_metric metric_for_best_model", ["metric"]),
    Key(
      "verbose verbosity progress_bar enable_progress_bar",
      note: "the command says how a run goes; --quiet keeps it silent"),
    Key(
      "restore_best_weights save_best_only save_best load_best_model_at_end save_top_k best_model keep_best",
      ["keep_best"],
      note: "the best evaluation's checkpoint is kept, to be evaluated and exported", write: best),
    Key("baseline start_from_epoch cooldown", note: "there is none; leave it out"),
    Key(
      "precision dtype amp fp16 bf16 mixed_precision half float16 autocast", ["precision"],
      note: "training.precision is float32, or bf16 for products of operands rounded to bfloat16; there is no float16"),
    Key("shuffle shuffling", note: "every epoch has an order of its own, which follows from seed; leave it out"),
    Key(
      "class_weight class_weights pos_weight scale_pos_weight is_unbalance weight weights weight_classes",
      ["class_weights"], in: ["loss", "training", "", "softmax_cross_entropy", "binary_cross_entropy"],
      note: "rare classes count more by the loss",
      write: Setting("loss", "{softmax_cross_entropy: {class_weights: balanced}}")),
    Key("label_smooth smoothing", ["label_smoothing"]),
    Key(
      "label_smoothing", in: ["", "training"], note: "it is the loss's",
      write: Setting("loss", "{softmax_cross_entropy: {label_smoothing: 0.1}}")),
    Key("beta", ["delta"], in: ["huber"]),
    Key(
      "reduction size_average reduce", note: "a loss is the mean over the batch; leave it out"),
    Key("from_logits", note: "a loss takes logits, and applies softmax or sigmoid itself; leave it out"),
    Key("ignore_index", note: "there is none; leave such samples out of the data"),
    Key(
      "warmup num_warmup_steps warmup_iters warmup_updates warmup_t warmup_epochs warmup_ratio warmup_proportion warmup_steps lr_warmup",
      ["warmup"], aside: "It takes steps, or {epochs: 1}.", note: "the warm-up is a setting of every schedule",
      write: warmup),
    Key(
      "lr_scheduler scheduler lr_schedule learning_rate_schedule lr_scheduler_type lr_policy sched schedule",
      ["schedule"],
      write: Setting("schedule", "cosine")),
    Key(
      "eta_min min_lr end_lr end_learning_rate final_lr alpha lr_end", ["end"],
      aside: "It is a share of the learning rate."),
    Key("min_lr", ["minimum"], aside: "It is a share of the learning rate."),
    Key(
      "t_max max_t decay_steps total_steps", in: ["cosine", "polynomial", "one_cycle"],
      note: "it goes on to the end of the run; leave it out"),
    Key(
      "t_0 t_i first_decay_steps cycle_length restarts num_cycles", ["period"],
      note: "a cosine that restarts is cosine_restarts", write: restarts),
    Key(
      "t_mult t_mul cycle_mult", ["multiplier"], note: "a cosine that restarts is cosine_restarts", write: restarts),
    Key("m_mul cycle_decay", ["decay"], note: "a cosine that restarts is cosine_restarts", write: restarts),
    Key("decay_steps step_size period", ["every"]),
    Key("min_delta epsilon", ["threshold"], aside: "Beside threshold_mode: absolute.", in: ["reduce_on_plateau"]),
    Key("cooldown_epochs", ["cooldown"], aside: "It counts evaluations."),
    Key("decay_rate decay_factor", ["rate", "gamma"]),
    Key("gamma", ["rate", "factor"]),
    Key("factor drop", ["gamma"]),
    Key("milestones steps", ["boundaries"]),
    Key("values lrs", ["factors"], aside: "They are multiples of the learning rate."),
    Key("pct_start", ["peak"]),
    Key("div_factor", ["divide"]),
    Key("final_div_factor", ["final_divide"]),
    Key("staircase last_epoch anneal_strategy", note: "there is no such choice; leave it out"),
  ]

  // MARK: Layers

  private static let small = Setting("model.layers", "[{dense: {units: 16}}, relu, {dense: {units: 4}}]")

  private static let layerKeys: [Key] = [
    Key(
      "n_units num_units unit size width neurons nodes dim output_dim out_dim out_features features num_features n_out filters hidden hidden_size hidden_dim hidden_units output_size",
      ["units"], in: ["dense"]),
    Key("use_bias with_bias has_bias", ["bias"]),
    Key(
      "kernel_initializer kernel_init weight_init weight_initializer weights_init init initialization init_method",
      ["initializer"]),
    Key("bias_init", ["bias_initializer"]),
    Key(
      "activation activation_function act nonlinearity", in: ["model", "dense", "", "training"],
      note: "an activation is a layer of its own, such as - relu after a dense layer"),
    Key(
      "dropout dropout_rate", in: ["model", "dense", "", "training"],
      note: "dropout is a layer of its own, such as - dropout: 0.5 after an activation"),
    Key(
      "batch_norm batchnorm batch_normalization use_bn", in: ["model", "dense", ""],
      note: "batch_norm is a layer of its own, between a dense layer and its activation"),
    Key(
      "input_dim input_shape input_size in_features in_dim n_in num_inputs inputs input_features batch_input_shape num_features normalized_shape axis",
      note: "the width of a layer's input follows from what is before it; leave it out"),
    Key(
      "activity_regularizer bias_regularizer bias_constraint lora_rank", note: "there is none; leave it out"),
    Key("frozen freeze requires_grad", ["trainable"], aside: "trainable: false keeps the layer as it is."),
    Key(
      "lr_mult lr_multiplier lr_scale lr_factor learning_rate_multiplier learning_rate_factor lr", ["learning_rate"],
      aside: "It is a factor on the optimizer's.", in: ["dense", "batch_norm", "prelu", "repeat", "residual"]),
    Key(
      "name", in: ["dense", "batch_norm", "dropout"],
      note: "layers are called by their order, dense0, dense1, …; leave it out"),
    Key("p prob probability drop drop_prob drop_rate dropout_rate", ["rate"]),
    Key("keep_prob keep", ["rate"], aside: "It is 1 less the share that is kept."),
    Key("noise_shape inplace", note: "there is none; leave it out"),
    Key("slope alpha negative leak", ["negative_slope"]),
    Key("init alpha_initializer init_value", ["initial"]),
    Key("num_parameters shared_axes", ["slopes"]),
    Key(
      "affine center scale elementwise_affine track_running_stats",
      note: "gamma, beta and the running statistics are always there; leave it out"),
    Key("sync synchronized sync_bn", ["statistics"]),
    Key("n num count repeats depth", ["times"]),
    Key("layer", ["layers"]),
    Key(
      "hidden hidden_layers hidden_layer_sizes hidden_sizes hidden_units num_layers n_layers sizes architecture units dense",
      in: ["model", ""], note: "every layer is written out", write: small),
    Key("pretrained init_from load_from checkpoint weights_file load_weights", ["weights"]),
    Key("std sigma", ["stddev"]),
    Key("a low lower minval", ["min"]),
    Key("b high upper maxval", ["max"]),
    Key("fan_mode", ["mode"]),
    Key(
      "nonlinearity",
      note: "choose the initializer that fits the activation: he for relu, glorot for tanh, lecun for selu"),
  ]
}
