import LockstepData
import LockstepModel
import LockstepTraining
import Testing

@testable import LockstepConfiguration

/// Advice on networks of images.
@Suite struct ImageAdviceTests {
  /// A configuration of images, whose layers end in one unit a class; layers that leave their initializers and biases
  /// to Lockstep.
  private func configuration(
    _ layers: [any LayerConvertible], side: Int = 32, samples: Int = 100_000, batch: Int = 256, shards: Int = 4
  ) throws -> RunConfiguration {
    var configuration = try RunConfiguration(
      yaml: """
        data: {train: {synthetic: {kind: gaussian_clusters, samples: \(samples), features: 4, classes: 4}}}
        model: {layers: [{dense: {units: 4}}]}
        loss: softmax_cross_entropy
        optimizer: {sgd: {learning_rate: 0.1}}
        training: {batch_size: \(batch), shards: \(shards), steps: 10, drop_last: true}
        """)
    configuration.data.train = .file(.idx(images: "/images", labels: "/labels"))
    configuration.data.standardize = true
    let layout = ImageLayout(height: side, width: side, channels: 3)
    let column = Preprocessing.Column(encoding: .number(mean: 0, deviation: 1))
    configuration.data.contents = DataContents(
      preprocessing: Preprocessing(
        columns: Array(repeating: column, count: layout.shape.count), image: layout,
        targets: .classes(["a", "b", "c", "d"]), isStandardized: true, samples: samples))
    configuration.layers = layers.map(\.layer) + [Dense(4).layer]
    #expect(configuration.data.shape == layout.shape && configuration.data.samples == samples)
    return configuration
  }

  private func ids(_ layers: any LayerConvertible...) throws -> [String] {
    try configuration(layers).advice().map(\.id)
  }

  private let convolution = Conv2D(8, kernel: 3, padding: .same)

  /// Fans are those of filters: kernel places times channels.
  @Test func initializersFitByTheFansOfFilters() throws {
    #expect(try ids(convolution, ReLU(), Flatten()) == [])
    #expect(try ids(convolution, SELU(), Flatten()) == [])
    #expect(try ids(DepthwiseConv2D(kernel: 3), ReLU(), Flatten()) == [])
    // √(2 / 27) is right for three channels, √(2 / 72) for eight.
    let deviation: Float = 0.272
    let drawn = Conv2D(8, kernel: 3, initializer: .normal(mean: 0, stddev: deviation))
    #expect(try ids(drawn, ReLU(), Flatten()) == [])
    let found = try configuration([convolution, ReLU(), drawn, ReLU(), Flatten()]).advice()
    #expect(found.map(\.id) == ["initializer"] && found.first?.key == "model.layers.2.conv2d.initializer")
    #expect(found.first?.rule.contains("0.17 would keep the signal's size") == true)
    #expect(
      try ids(Conv2D(8, kernel: 3, initializer: .glorotUniform), MaxPool(2), ReLU(), Flatten()) == ["initializer"])
    #expect(try ids(Conv2D(8, kernel: 3, initializer: .zeros), BatchNorm(), ReLU(), Flatten()) == ["symmetry"])
  }

  @Test func seluAndBiasesAreAskedAsBefore() throws {
    #expect(try ids(convolution, BatchNorm(), SELU(), Flatten()) == ["selu_batch_norm"])
    let dropped = try configuration([convolution, SELU(), SpatialDropout(rate: 0.25), Flatten()]).advice()
    #expect(dropped.map(\.id) == ["selu_dropout"] && dropped.first?.value == "{alpha_dropout: {rate: 0.25}}")
    #expect(try ids(convolution, SELU(), AlphaDropout(rate: 0.1), Flatten()) == [])
    let biased = Conv2D(8, kernel: 3, padding: .same, bias: true)
    let found = try configuration([biased, BatchNorm(), ReLU(), Flatten()]).advice()
    #expect(found.map(\.change) == ["model.layers.0.conv2d.bias: false"])
    #expect(try ids(convolution, BatchNorm(), ReLU(), Flatten()) == [])
    // A pool between the two, or the projection's own first layer, is another matter.
    #expect(try ids(biased, MaxPool(2), BatchNorm(), ReLU(), Flatten()) == [])
    let residual = Layer.residual([biased.layer], projection: [BatchNorm().layer, Conv2D(8, kernel: 1).layer])
    #expect(try ids(convolution, residual, ReLU(), Flatten()) == [])
  }

  /// What its layers give is added to a skip; that the projection begins with tanh says nothing of it.
  @Test func aProjectionReadsWhatTheResidualReads() throws {
    let layer = Conv2D(8, kernel: 3, padding: .same, initializer: .heNormal).layer
    let residual = Layer.residual([layer], projection: [.activation(.tanh), Conv2D(8, kernel: 1).layer])
    #expect(try ids(convolution, residual, ReLU(), Flatten()) == [])
  }

  @Test func dropoutOfImagesIsSpatial() throws {
    let found = try configuration([convolution, ReLU(), Dropout(rate: 0.2), Flatten()]).advice()
    #expect(found.map(\.id) == ["image_dropout"] && found.first?.layer == "dropout0")
    #expect(found.first?.change == "model.layers.2: {spatial_dropout: {rate: 0.2}}")
    #expect(try ids(convolution, ReLU(), SpatialDropout(rate: 0.2), Flatten()) == [])
    #expect(try ids(convolution, ReLU(), Flatten(), Dropout(rate: 0.2)) == [])
    #expect(try ids(convolution, SELU(), Dropout(rate: 0.2), Flatten()) == ["selu_dropout"])
  }

  /// Positions count as rows do, where the image has the fewest of them.
  @Test func shardsAreSmallByRowsTimesPositions() throws {
    let large: [any LayerConvertible] = [convolution, BatchNorm(), ReLU(), Flatten()]
    #expect(try configuration(large, batch: 8).advice() == [])
    // 2 × 2 positions: four rows a shard are sixteen.
    let small: [any LayerConvertible] = [Conv2D(8, kernel: 31), BatchNorm(), ReLU(), Flatten()]
    #expect(try configuration(small, batch: 16).advice() == [])
    let found = try configuration(small, batch: 15).advice()
    #expect(found.map(\.id) == ["small_shards"] && found.first?.change == "training.shards: 3")
    #expect(found.first?.rule.contains("3 rows of 4 positions") == true)
    // A BatchNorm of features behind them has but its rows.
    let mixed: [any LayerConvertible] = large.dropLast() + [GlobalAveragePool(), Dense(9), BatchNorm(), ReLU()]
    #expect(try configuration(mixed, side: 4, batch: 8).advice().map(\.layer) == ["batch_norm1"])
  }

  @Test func aSlopeAChannelIsLearnedFromAllPositions() throws {
    let layers: [any LayerConvertible] = [convolution, PReLU(), Flatten()]
    #expect(try configuration(layers, samples: 1000).advice() == [])
    let last: [any LayerConvertible] = [convolution, GlobalAveragePool(), Dense(9), PReLU()]
    #expect(try configuration(last, side: 4, samples: 1000).advice().map(\.id) == ["prelu_small_data"])
    #expect(try configuration(layers, side: 4, samples: 1000).advice().map(\.id) == ["prelu_small_data"])
  }

  /// Less than a quarter of a side, before all positions are averaged.
  @Test func averagesOfPositionsThatSeeLittle() throws {
    let pool = GlobalAveragePool()
    #expect(try ids(convolution, ReLU(), convolution, ReLU(), convolution, ReLU(), convolution, ReLU(), pool) == [])
    let found = try configuration([convolution, ReLU(), convolution, ReLU(), pool]).advice()
    #expect(found.map(\.id) == ["receptive_field"] && found.first?.layer == "global_average_pool0")
    #expect(found.first?.rule.contains("5 × 5 pixels of images of 32 × 32") == true)
    #expect(found.first?.change == "model.layers.0.conv2d.stride: 2")
    #expect(try ids(convolution, ReLU(), Flatten()) == [], "a dense layer puts positions together")
    #expect(try configuration([convolution, ReLU(), pool], side: 8).advice() == [])
    // Where sizes have to stay, a dilation widens.
    let residual = Layer.residual([convolution.layer, .activation(.relu), convolution.layer])
    let kept = try configuration([Conv2D(8, kernel: 1), residual, ReLU(), pool]).advice()
    #expect(kept.map(\.change) == ["model.layers.1.residual.2.conv2d.dilation: 2"])
    let only = try configuration([Conv2D(8, kernel: 1), ReLU(), pool]).advice()
    #expect(only == [], "nothing to widen")
  }
}
