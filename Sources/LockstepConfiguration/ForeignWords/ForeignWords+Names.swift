import LockstepKernels

extension ForeignWords {
  private static let noSequences = "networks are of dense layers, and of convolutions of images: docs/images.md"
  private static let appliedByLoss =
    "leave it out: the loss applies it itself, and lockstep predict --probabilities gives what it makes of the outputs"

  package static let layers: [Name] = [
    Name("linear fc fully_connected affine inner_product densely_connected full lazy_linear", "dense"),
    Name("bn batchnorm batch_normalization batchnorm1d sync_batch_norm lazy_batch_norm", "batch_norm"),
    Name("dropout1d gaussian_dropout", "dropout"),
    Name("dropout2d spatial_dropout2d spatial_dropout1d feature_dropout channel_dropout", "spatial_dropout"),
    Name("alphadropout feature_alpha_dropout", "alpha_dropout"),
    Name("skip residual_block shortcut add skip_connection res_block", "residual"),
    Name("sequential block stack loop times mlp", "repeat"),
    Name("softmax log_softmax logsoftmax", note: appliedByLoss),
    Name("activation act", note: "an activation is written by its name, such as - relu"),
    Name(
      "reshape unflatten permute",
      note: "the shape of a sample is the data's: data.image makes images of rows, flatten makes rows of images"),
    Name("input input_layer inputs", note: "the shape of the input follows from the data; leave it out"),
    Name("output output_layer", "dense"),
    Name("conv convolution convolution2d conv_2d lazy_conv2d convolutional", "conv2d"),
    Name("depthwise depthwise_conv depthwise_convolution dw_conv", "depthwise_conv2d"),
    Name(
      "separable_conv2d separable_conv",
      note: "it is two layers: depthwise_conv2d: {kernel: 3}, then conv2d: {filters: …, kernel: 1}"),
    Name("max_pooling2d maxpool2d maxpool max_pooling max_pool2d pooling pool", "max_pool"),
    Name("avg_pool avgpool2d average_pooling2d avg_pool2d average_pooling mean_pool", "average_pool"),
    Name(
      "global_average_pooling2d adaptive_avg_pool2d global_avg_pool gap global_pool global_average_pooling",
      "global_average_pool"),
    Name(
      "zero_padding2d zero_pad2d pad padding2d",
      note: "a convolution pads by itself: conv2d: {filters: …, kernel: 3, padding: same}"),
    Name(
      "conv1d conv3d conv_transpose2d conv2d_transpose upsample up_sampling2d global_max_pool global_max_pooling2d",
      note: "there is none; of images there are conv2d, depthwise_conv2d, max_pool, average_pool, global_average_pool"),
    Name("lstm gru rnn simple_rnn bidirectional", note: "there are no recurrent layers; \(noSequences)"),
    Name(
      "embedding embedding_bag",
      note: "there are no embeddings; a column of categories is a feature for each of them"),
    Name(
      "attention multi_head_attention self_attention multihead_attention transformer transformer_encoder_layer positional_encoding",
      note: "there is no attention; \(noSequences)"),
    Name(
      "layer_norm layernorm layer_normalization group_norm rms_norm instance_norm weight_norm spectral_norm",
      note: "the one normalisation is batch_norm; for networks that normalise themselves take selu"),
    Name(
      "concatenate concat merge multiply",
      note: "there are no branches but residual, which adds its layers to their input"),
    Name("gaussian_noise noise", note: "there is none; dropout is the noise there is"),
  ]

  package static let activations: [Name] = [
    Name("swish", "silu"),
    Name("logistic logsig hard_sigmoid", "sigmoid"),
    Name("hyperbolic_tangent hard_tanh htan", "tanh"),
    Name("rectifier rectified_linear relu6 rectify", "relu"),
    Name("lrelu leaky", "leaky_relu"),
    Name("parametric_relu p_relu", "prelu"),
    Name("randomized_leaky_relu randomized_relu r_relu", "rrelu"),
    Name("exponential_linear celu", "elu"),
    Name("hard_swish hardswish", "silu"),
    Name("gelu_new gelu_approximate gelu_pytorch_tanh quick_gelu", "gelu_tanh"),
    Name("identity linear none passthrough", note: "leave it out: without an activation a layer is linear"),
    Name("softmax log_softmax logsoftmax", note: appliedByLoss),
  ]

  package static let losses: [Name] = [
    Name(
      "cross_entropy crossentropy ce cross_entropy_loss categorical_crossentropy categorical_cross_entropy sparse_categorical_crossentropy sparse_categorical_cross_entropy softmax_crossentropy softmax_cross_entropy_with_logits softmax nll nll_loss negative_log_likelihood log_loss logloss multiclass multi_logloss mlogloss multi:softmax multi:softprob",
      "softmax_cross_entropy"),
    Name(
      "bce bce_loss bce_with_logits bce_with_logits_loss binary_crossentropy sigmoid_cross_entropy sigmoid_crossentropy binary binary_logloss binary:logistic logistic",
      "binary_cross_entropy"),
    Name(
      "mse mse_loss l2 l2_loss squared_error quadratic mean_squared ls rmse regression reg:squarederror least_squares",
      "mean_squared_error"),
    Name(
      "mae mae_loss l1 l1_loss absolute_error lad regression_l1 reg:absoluteerror mean_absolute", "mean_absolute_error"),
    Name("smooth_l1 smooth_l1_loss huber_loss pseudo_huber", "huber"),
    Name(
      "focal focal_loss sigmoid_focal", "softmax_cross_entropy", "{class_weights: balanced}", note: "for rare classes"),
    Name(
      "kl kld kl_div kl_divergence hinge squared_hinge poisson cosine_similarity ctc triplet contrastive quantile log_cosh dice gamma tweedie mape",
      note:
        "there is none; softmax_cross_entropy and binary_cross_entropy are for classes, mean_squared_error, mean_absolute_error and huber for numbers"
    ),
  ]

  package static let optimizers: [Name] = [
    Name("momentum sgdm sgd_momentum heavy_ball", "sgd", "{momentum: 0.9}"),
    Name("nesterov nag", "sgd", "{momentum: 0.9, nesterov: true}"),
    Name("gd gradient_descent vanilla_sgd stochastic_gradient_descent", "sgd"),
    Name("adamw_torch adam_with_weight_decay decoupled_adam", "adamw"),
    Name("amsgrad", "adam"),
    Name("adadelta", "rmsprop", note: "There is no Adadelta."),
    Name(
      "radam adabelief lion lamb lars adafactor adan sophia muon ftrl novograd shampoo", "adamw",
      note: "It is the nearest there is."),
    Name("lbfgs rprop asgd newton cg", "adam", note: "Batches want an optimizer for noisy gradients."),
  ]

  package static let schedules: [Name] = [
    Name(
      "cosine_annealing cosine_annealing_lr cosine_decay cosine_lr cosine_schedule", "cosine"),
    Name(
      "cosine_annealing_warm_restarts cosine_decay_restarts cosine_with_restarts cosine_with_hard_restarts sgdr warm_restarts",
      "cosine_restarts", "{period: 10}"),
    Name("warmup linear_warmup constant_with_warmup", "constant", "{warmup: 5}"),
    Name(
      "cosine_with_warmup warmup_cosine cosine_schedule_with_warmup warmup_cosine_decay", "cosine", "{warmup: 5}"),
    Name("linear linear_lr linear_decay poly polynomial_decay polynomial_lr", "polynomial"),
    Name("multistep multi_step multi_step_lr piecewise_constant piecewise_constant_decay", "piecewise"),
    Name("step_lr step_decay staircase", "step"),
    Name("exp exponential_decay exponential_lr", "exponential"),
    Name("plateau reduce_lr_on_plateau", "reduce_on_plateau"),
    Name("onecycle one_cycle_lr cyclic cyclic_lr clr triangular super_convergence", "one_cycle"),
    Name("none fixed constant_lr no", "constant"),
    Name(
      "inverse_sqrt noam inverse_time_decay rsqrt lambda_lr", note: "there is none; cosine with a warmup is near"),
  ]

  package static let initializers: [Name] = [
    Name("kaiming_uniform kaiming_uniform_ msra_uniform", "he_uniform"),
    Name("kaiming_normal kaiming_normal_ kaiming he msra", "he_normal"),
    Name("xavier_uniform xavier_uniform_ xavier glorot", "glorot_uniform"),
    Name("xavier_normal xavier_normal_", "glorot_normal"),
    Name("lecun", "lecun_normal"),
    Name("random_normal gaussian normal_ random", "normal"),
    Name("random_uniform uniform_", "uniform"),
    Name("truncated_normal trunc_normal trunc_normal_", "variance_scaling", "{distribution: truncated_normal}"),
    Name("zero zeros_ zeros_like", "zeros"),
    Name("one ones_", "ones"),
    Name("const constant_", "constant"),
    Name("orthogonal_ ortho identity eye dirac eye_", "orthogonal"),
    Name("lsuv", note: "it is model.initialization: lsuv, for all layers"),
  ]

  package static let policies: [Name] = [
    Name("raise error abort fail terminate halt", "stop"),
    Name("ignore continue pass", "skip"),
    Name("rollback revert backtrack", "restore"),
  ]

  /// Words of enumerations, and metrics: Lockstep's with those of others, normalised.
  static let values: [String: [String]] = [
    "relative": ["rel"], "absolute": ["abs"],
    "max": ["maximum", "maximize", "maximise", "higher", "greater"],
    "min": ["minimum", "minimize", "minimise", "lower", "less"],
    "accuracy": [
      "acc", "valacc", "valaccuracy", "validationaccuracy", "evalaccuracy", "categoricalaccuracy",
      "sparsecategoricalaccuracy", "binaryaccuracy", "top1",
    ],
    "loss": ["valloss", "validloss", "validationloss", "evalloss", "testloss", "trainloss"],
    "mean_squared_error": ["mse", "valmse", "l2"],
    "mean_absolute_error": ["mae", "valmae", "l1"],
    "truncated_normal": ["normal", "gaussian"],
    "fan_in": ["in"], "fan_out": ["out"], "fan_avg": ["avg", "average", "fanaverage"],
    "batch": ["sync", "synchronized", "global"],
    "shard": ["local", "worker"],
    "shared": ["single", "all", "one"],
    "unit": ["channel", "channels", "each"],
    "keras": ["tensorflow", "tf"], "torch": ["pytorch", "pt"],
    "mean": ["impute", "average", "avg"], "error": ["raise", "fail"],
    "balanced": ["auto", "balance"],
    "auto": ["all", "max"],
  ]
}
