import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension RunConfiguration {
  /// SELU draws mean and variance of its inputs to 0 and 1 only where nothing else moves them: Klambauer et al. 2017,
  /// sections 2 and 3.
  func seluAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    guard let first = layers.first(where: { $0.activation == .selu }) else { return [] }
    let source = "Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"
    func advice(_ id: String, _ layer: String, _ rule: String, _ key: String, _ value: String) -> Advice {
      Advice(id: id, layer: layer, rule: rule, source: source, key: key, value: value)
    }
    var found: [Advice] = []
    if let key = data.unstandardized {
      found.append(
        advice(
          "selu_inputs", first.path, "selu wants inputs of mean 0 and variance 1, and they are not standardised", key,
          "true"))
    }
    for layer in layers {
      switch layer.layer {
      case .batchNorm:
        found.append(
          advice(
            "selu_batch_norm", first.path,
            "BatchNorm (\(layer.path)) beside selu, which normalises by itself: with BatchNorm take elu, or leave BatchNorm out",
            first.key, "elu"))
      case .dropout(let dropout):
        found.append(
          advice(
            "selu_dropout", layer.path, "plain dropout moves the mean and variance that selu keeps",
            layer.key, "{alpha_dropout: {rate: \(dropout.rate)}}"))
      case .spatialDropout(let dropout):
        found.append(
          advice(
            "selu_dropout", layer.path, "spatial_dropout moves the mean and variance that selu keeps",
            layer.key, "{alpha_dropout: {rate: \(dropout.rate)}}"))
      case .activation(.selu) where layer.isInResidual:
        found.append(
          advice(
            "selu_residual", layer.path, "selu on a residual path: the sum with the skip has another variance than 1",
            layer.key, "elu"))
      case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool,
        .flatten, .activation, .alphaDropout, .repeated, .residual:
        break
      }
    }
    return found
  }

  /// A bias that BatchNorm takes away again, and statistics over too few rows.
  func batchNormAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    // Across a residual's end the bias goes on along the skip.
    let biased = zip(layers, layers.dropFirst()).filter {
      $0.weighted?.bias == true && $1.isBatchNorm && $0.residual == $1.residual && !$1.beginsProjection
    }
    let biases = biased.map { dense, _ in
      Advice(
        id: "bias", layer: dense.path,
        rule: "a bias before BatchNorm, which subtracts it with the mean and adds its own",
        source: "Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167", key: "\(dense.key).\(dense.layer.word).bias",
        value: "false")
    }
    return biases + shardAdvice(layers)
  }

  private func shardAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    // Of an image every position counts; where there are fewest, statistics are the noisiest.
    let norms = layers.filter(\.layer.hasShardStatistics)
    guard let norm = norms.min(by: { $0.positions < $1.positions }), let sampler = try? sampler() else { return [] }
    let positions = norm.positions
    let source = "Wu, He 2018, https://arxiv.org/abs/1803.08494"
    let (batch, last) = (sampler.rows(of: 0), sampler.rowsOfLastBatch)
    let (rows, lastRows) = (
      Shard.fewestRows(of: training.shards, batch: batch), Shard.fewestRows(of: training.shards, batch: last)
    )
    let times = positions > 1 ? " of \(positions) positions" : ""
    let enough = (Shard.rowsForStatistics + positions - 1) / positions
    if rows < enough {
      let fits = batch / enough
      let (key, value) =
        fits >= 1
        ? ("training.shards", "\(fits)")
        : training.shards > 1
          ? ("\(norm.key).batch_norm.statistics", "batch") : ("training.batch_size", "\(enough)")
      return [
        Advice(
          id: "small_shards", layer: norm.path,
          rule:
            "a shard has as few as \(rows) rows\(times), and BatchNorm's statistics over so few are noisy: fewer shards, a larger batch, or `statistics: batch`",
          source: source, key: key, value: value)
      ]
    }
    guard lastRows * positions < Shard.rowsForStatistics / 4 else { return [] }
    return [
      Advice(
        id: "small_last_batch", layer: norm.path,
        rule:
          "in the last batch of an epoch a shard has as few as \(lastRows) rows\(times), and BatchNorm's statistics over so few are noisy",
        source: source, key: "training.drop_last", value: "true")
    ]
  }

  /// Fewest training samples with which a learned slope a unit is worth its freedom; Xu et al. saw PReLU overfit on
  /// 30,000 images and not on 50,000. A slope of an image's channel is learned from all of its positions, so there they
  /// count as samples do.
  private static let samplesForSlopes = 30_000

  func preluAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    let samples = data.samples
    guard samples < Self.samplesForSlopes else { return [] }
    return layers.compactMap { layer in
      guard case .activation(.prelu(_, .unit, _)) = layer.layer, samples * layer.positions < Self.samplesForSlopes
      else { return nil }
      return Advice(
        id: "prelu_small_data", layer: layer.path,
        rule:
          "prelu learns a slope for every \(layer.positions > 1 ? "channel" : "unit"), and from \(Format.count(samples)) samples it overfits sooner than rrelu, whose slopes are drawn",
        source: "Xu, Wang, Chen, Li 2015, https://arxiv.org/abs/1505.00853", key: layer.key, value: "rrelu")
    }
  }
}

extension RunConfiguration.DataSources {
  /// The key that standardises the features, where they are not.
  fileprivate var unstandardized: String? {
    switch train {
    case .synthetic(let specification): specification.standardize ? nil : "data.train.synthetic.standardize"
    case .file: standardize ? nil : "data.standardize"
    case .given: nil
    }
  }
}
