import LockstepKernels
import LockstepModel
import Testing

/// Every layer's gradients against central differences in Double, over odd shapes, uneven and empty shards.
@Suite struct LayerGradientTests {
  @Test(arguments: [
    GradientCase("dense alone", Dense(3)),
    GradientCase("dense without bias", rows: 7, shards: 1, Dense(3, bias: false)),
    GradientCase("one unit", features: 1, rows: 1, shards: 1, Dense(1)),
    GradientCase("dense on dense, empty shards", rows: 3, shards: 8, Dense(7), Dense(2)),
    GradientCase("wider than a cache line", features: 17, rows: 9, shards: 2, Dense(33), Dense(19), Dense(1)),
  ])
  func dense(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: ActivationFunction.all + [.elu(alpha: 0.7)])
  func activation(_ function: ActivationFunction) throws {
    try GradientCase("\(function)", Dense(7), Activation.function(function), Dense(3)).check()
    try GradientCase("\(function) first", rows: 5, shards: 7, Activation.function(function), Dense(3)).check()
    try GradientCase("\(function) last", Dense(3), Activation.function(function)).check()
  }

  @Test(arguments: BatchNorm.Statistics.allCases)
  func batchNorm(_ statistics: BatchNorm.Statistics) throws {
    let norm = BatchNorm(statistics: statistics)
    for (rows, shards) in [(11, 3), (13, 1), (16, 4), (9, 4), (23, 7)] {
      try GradientCase("after dense", rows: rows, shards: shards, Dense(7, bias: false), norm, Tanh(), Dense(2)).check()
      try GradientCase("first", rows: rows, shards: shards, norm, Dense(3)).check()
      try GradientCase("last", rows: rows, shards: shards, Dense(3), norm).check()
      try GradientCase("alone", rows: rows, shards: shards, norm).check()
      try GradientCase("twice", rows: rows, shards: shards, Dense(4), norm, norm, SiLU(), Dense(2, bias: false), norm)
        .check()
    }
  }

  /// Inputs far from 0 for their standard deviation, whose mean float32 does not hold.
  @Test(arguments: BatchNorm.Statistics.allCases, [(1000, 0.01), (1e4, 1), (-3e5, 2)] as [(Float, Float)])
  func batchNormFarFromZero(_ statistics: BatchNorm.Statistics, _ inputs: (centre: Float, deviation: Float)) throws {
    for (rows, shards) in [(11, 3), (16, 4), (23, 7)] {
      var trial = GradientCase(
        "far", rows: rows, shards: shards, BatchNorm(statistics: statistics, epsilon: 1e-6), Dense(4), Tanh(), Dense(2))
      (trial.centre, trial.deviation) = inputs
      try trial.check()
    }
  }

  /// A shard without rows weighs nothing in the batch's statistics.
  @Test(arguments: [(3, 8), (5, 6), (2, 3)])
  func batchStatisticsWithEmptyShards(rows: Int, shards: Int) throws {
    let norm = BatchNorm(statistics: .batch, epsilon: 0.01)
    try GradientCase("empty shards", rows: rows, shards: shards, Dense(6), norm, Softplus(), Dense(2)).check()
  }

  @Test func bothStatistics() throws {
    try GradientCase(
      "both statistics", rows: 14, shards: 5, Dense(6), BatchNorm(statistics: .batch), ELU(), Dense(4),
      BatchNorm(statistics: .shard, epsilon: 0.01), Dense(2)
    ).check()
  }

  /// The gradient passes through what is frozen: a BatchNorm by its running statistics, whatever its rows.
  @Test(arguments: [(11, 3), (3, 8), (16, 4), (1, 1)])
  func frozen(rows: Int, shards: Int) throws {
    for statistics in BatchNorm.Statistics.allCases {
      let norm = BatchNorm(statistics: statistics, epsilon: 0.01).frozen()
      func check(_ name: String, _ layers: any LayerConvertible...) throws {
        var trial = GradientCase(name, rows: rows, shards: shards)
        trial.layers = layers.map(\.layer)
        try trial.check()
      }
      try check("frozen norm", Dense(7, bias: false), norm, Tanh(), Dense(2))
      try check("frozen norm first", norm, Dense(3))
      try check("frozen norm last", Dense(3), norm)
      try check("frozen norm before a rectifier", Dense(6), norm, ReLU(), Dense(5), norm, LeakyReLU(), Dense(2))
      try check("frozen in a residual", Dense(4), residual(norm, SiLU(), Dense(4).frozen()), Dense(2))
      try check("frozen residual", Dense(4), residual(norm, ReLU(), Dense(6), ELU(), Dense(4)).frozen(), Dense(2))
    }
    try GradientCase("frozen first", rows: rows, shards: shards, Dense(5).frozen(), ReLU(), Dense(4), Dense(2)).check()
    try GradientCase("frozen between", rows: rows, shards: shards, Dense(5), ReLU(), Dense(4).frozen(), Dense(2))
      .check()
    try GradientCase("frozen last", rows: rows, shards: shards, Dense(5), SELU(), Dense(2).frozen()).check()
    try GradientCase("frozen slopes", rows: rows, shards: shards, Dense(5), PReLU().frozen(), Dense(2)).check()
    try GradientCase("one alone", rows: rows, shards: shards, Dense(5).frozen(), PReLU(), Dense(2).frozen()).check()
  }

  @Test(arguments: Activation.Slopes.allCases)
  func prelu(_ slopes: Activation.Slopes) throws {
    let prelu = PReLU(initial: 0.25, slopes: slopes)
    try GradientCase("prelu", Dense(7), prelu, Dense(3)).check()
    try GradientCase("prelu first", rows: 10, shards: 4, prelu, Dense(3)).check()
    try GradientCase("prelu alone", prelu).check()
    try GradientCase("prelu on one unit, empty shards", rows: 3, shards: 5, Dense(1), prelu).check()
    try GradientCase("prelu twice", Dense(4), prelu, prelu, BatchNorm(epsilon: 0.1), prelu, Dense(2)).check()
  }

  /// The factors follow from (seed, step, layer, row in the batch, unit), which the Double network draws for itself.
  @Test(arguments: [0, 1, 0x1_0000_0005] as [UInt64])
  func randomLayers(step: UInt64) throws {
    let layers: [(String, Layer)] = [
      ("rrelu", .activation(.rrelu)), ("dropout", Dropout(rate: 0.4).layer), ("no dropout", Dropout(rate: 0).layer),
      ("alpha dropout", AlphaDropout(rate: 0.3).layer),
    ]
    for (name, layer) in layers {
      try GradientCase("\(name)", step: step, Dense(37), layer, Dense(3)).check()
      try GradientCase("\(name) first", rows: 9, shards: 2, step: step, layer, Dense(3)).check()
      try GradientCase("\(name) last", rows: 4, shards: 6, step: step, Dense(3), layer).check()
      try GradientCase("\(name) twice", step: step, layer, Dense(4), layer, layer, Dense(2)).check()
    }
  }

  @Test(arguments: [
    GradientCase("residual first", residual(Dense(5), Tanh()), Dense(2)),
    GradientCase("residual alone", residual(Dense(5))),
    GradientCase("residual last", Dense(4), residual(Dense(9), SiLU(), Dense(4))),
    GradientCase("residual without layers", Dense(4), residual(), Dense(2)),
    GradientCase("residual of an activation", Dense(4), residual(Tanh()), Dense(2)),
    GradientCase(
      "residual in residual", rows: 9, shards: 4,
      residual(Dense(5), residual(ELU(), Dense(3), residual(Dense(3), GELU()), Dense(5)), Tanh()), Dense(2)),
    GradientCase("residual after residual", Dense(4), residual(Dense(4), SELU()), residual(Mish(), Dense(4)), Dense(2)),
    GradientCase(
      "batch norm first, then residual", rows: 12, shards: 4, BatchNorm(epsilon: 0.1),
      residual(BatchNorm(epsilon: 0.1), Dense(5, bias: false)), Dense(2)),
    GradientCase(
      "residual with batch statistics first", rows: 12, shards: 5,
      residual(BatchNorm(statistics: .batch), ReLU(), Dense(5)), BatchNorm(statistics: .batch), Dense(2)),
    GradientCase("dropout first, then residual", Dropout(rate: 0.3), residual(Dropout(rate: 0.3), Dense(5)), Dense(2)),
    GradientCase("residual that begins without parameters", residual(Dropout(rate: 0.3), Sigmoid()), Dense(3)),
    GradientCase("residual whose first parameters are a slope's", residual(PReLU(), Dense(5)), Dense(3)),
    GradientCase(
      "an activation, then residual, empty shards", rows: 5, shards: 8, Tanh(), residual(Dense(5)), Dense(3)),
  ])
  func residuals(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: [
    GradientCase("repeat", repeated(3, Dense(5), LeakyReLU()), Dense(2)),
    GradientCase(
      "repeat of residuals", rows: 10, shards: 4, Dense(4),
      repeated(3, residual(BatchNorm(epsilon: 0.1), PReLU(), Dense(4))), Dense(1)),
    GradientCase("residual of repeats", residual(repeated(2, repeated(2, Dense(5), Softsign()))), Dense(2)),
    GradientCase("repeated random layers", repeated(2, Dense(6), RReLU(), Dropout(rate: 0.2)), Dense(2)),
  ])
  func repeats(_ trial: GradientCase) throws { try trial.check() }
}
