import LockstepDeclarations

extension ForeignWords {
  // MARK: Data

  static let fileKeys: [Key] = [
    Key(
      "val valid dev eval validation_data val_data eval_set valid_data", ["validation"], in: ["data", "split"]),
    Key("test test_data", in: ["data"], note: "a test set is for lockstep evaluate, by --data"),
    Key("training train_data", ["train"], in: ["data"]),
    Key(
      "validation_split val_split validation_fraction val_fraction val_size test_size validation_size", ["validation"],
      in: ["split"]),
    Key(
      "validation_split val_split validation_fraction val_fraction val_size test_size validation_size",
      note: "a part of data.source is held out by data.split", write: Setting("data.split", "{validation: 0.2}")),
    Key("random_state random_seed rng_seed manual_seed rng seed", ["seed"], write: Setting("seed", "1")),
    Key("normalize normalise standardise scaler standard_scaler", ["standardize"]),
    Key("n_splits k cv num_folds", ["count"]),
    Key("file filename file_name filepath file_path filepath_or_buffer", ["path"]),
    Key("label labels y target_column label_column class class_column targets", ["target", "targets"]),
    Key("x data inputs", ["features"]),
    Key("sep separator field_separator field_delimiter delim", ["delimiter"]),
    Key("quotechar quote_char quoting", ["quote"]),
    Key("decimal_separator decimal_point decimal_comma dec", ["decimal"]),
    Key("thousands_separator group_separator grouping", ["thousands"]),
    Key("na_values null_values nan_values missing_words missing na nulls", ["missing_values"], in: ["csv"]),
    Key("skiprows skip skip_lines skip_header header_lines", ["skip_rows"]),
    Key("comment_char comment_character comments", ["comment"]),
    Key("drop exclude ignore_columns drop_columns index_col id id_column index", ["ignore"], in: ["csv"]),
    Key(
      "usecols columns features feature_columns", in: ["csv"],
      note: "every column is a feature but the target and those under ignore"),
    Key("stratified stratify_by", ["stratify"]),
    Key("groups group_column group_by", ["group"], in: ["split", "folds"]),
    Key(
      "shuffle", in: ["split", "folds"],
      note: "order: last lets the last samples validate; else they are drawn at random"),
    Key("imputer impute imputation fillna fill_missing", ["missing"], in: ["data"]),
    Key("handle_unknown unknown_categories", ["unknown"], in: ["data"]),
    Key("dropna drop_missing drop_missing_targets", ["missing_target"], in: ["data"]),
    Key(
      "standardize_targets scale_targets target_transform", in: ["data"],
      note: "targets are scaled by standardize, {features: true, targets: true}"),
    Key(
      "input_shape image_size img_size image_shape target_size input_size", ["image"],
      aside: "It is {height: 28, width: 28, channels: 1} of rows of numbers; arrays say it by their axes."),
    Key("data_format dim_ordering channel_order", ["order"], in: ["image"]),
    Key("h rows", ["height"], in: ["image"]),
    Key("w columns", ["width"], in: ["image"]),
    Key("c depth bands", ["channels"], in: ["image"]),
    Key("categories categorical_features cat_features categorical_columns", ["categorical"]),
    Key("sample_weight sample_weights weight_column", ["weight", "weights"]),
    Key("has_header", ["header"]),
    Key("n_samples num_samples size n", ["samples"]),
    Key("n_features num_features dim", ["features"]),
    Key("n_classes num_classes centers", ["classes"]),
    Key("n_targets num_targets", ["targets"]),
  ]

  // MARK: The run

  static let runKeys: [Key] = [
    Key("dataset datasets", ["data"]),
    Key("architecture net network", ["model"]),
    Key(
      "objective criterion loss_fn loss_function cost loss_type loss", ["loss"],
      note: "it stands beside training", write: Setting("loss", "softmax_cross_entropy")),
    Key(
      "optim optimiser opt solver optimizer_type optimizer", ["optimizer"], note: "it stands beside training",
      write: Setting("optimizer", "adam")),
    Key("trainer fit train training_args", ["training"]),
    Key("regularizer penalty", ["regularization"]),
    Key("validation evaluate eval", ["evaluation"]),
    Key("checkpoints model_checkpoint checkpointing ckpt", ["checkpoint"]),
    Key("log logger loggers", ["logging"]),
    Key("run_name experiment experiment_name project", ["name"]),
    Key(
      "output output_dir out_dir save_dir log_dir logdir default_root_dir",
      note: "the folder of a run is given on the command line, by --output"),
    Key("resume resume_from resume_from_checkpoint", note: "lockstep resume goes on with a run"),
    Key(
      "callbacks callback",
      note: "early stopping, checkpoints and schedules are training.early_stopping, checkpoint and schedule"),
    Key(
      "save_every save_steps save_freq save_frequency save_interval every_n_epochs every_n_train_steps", ["every"],
      write: Setting("checkpoint.every", "{epochs: 1}")),
    Key("save_total_limit max_to_keep keep_last", ["keep"], write: Setting("checkpoint.keep", "3")),
    Key(
      "eval_every eval_steps eval_interval validation_freq val_check_interval check_val_every_n_epoch eval_freq evaluation_strategy",
      write: Setting("evaluation.every", "{epochs: 1}")),
    Key(
      "log_every log_steps logging_steps log_interval log_every_n_steps print_freq",
      write: Setting("metrics.every", "{steps: 10}")),
    // Lockstep's own keys where their section was left out.
    Key("keep", write: Setting("checkpoint.keep", "3")),
    Key("keep_every", write: Setting("checkpoint.keep_every", "10")),
    Key("digest_every", write: Setting("metrics.digest_every", "10")),
    Key("layers_every", write: Setting("metrics.layers_every", "10")),
    Key("tensorboard use_tensorboard", write: Setting("logging.tensorboard", "true")),
    Key("frequency freq interval", ["every"]),
    Key(
      "seconds minutes hours",
      in: ["every", "keep_every", "digest_every", "layers_every", "histograms_every", "warmup"],
      note: "checkpoint.every alone goes by the clock: on what this counts bits or the log depend"),
    Key(
      "save_every_minutes save_interval_minutes train_time_interval",
      write: Setting("checkpoint.every", "{minutes: 10}")),
    Key("histogram_freq histograms", ["histograms_every"]),
  ]
}
