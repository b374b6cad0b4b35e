import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What a network of images has learned, as pictures show it: the filters of its first convolution, what that makes of
/// a few samples, and the samples that it takes for another class. By the newest checkpoint of a run, as `evaluate`
/// would take it; nothing is drawn at random, and everything is bounded.
package struct RunPictures: Sendable {
  /// The filters of the first layer with weights.
  package struct Filters: Sendable, Equatable {
    /// Path of the layer.
    package var layer: String
    /// `filters` or `depthwise`.
    package var shape: TensorShape
    /// In the order of the axes.
    package var values: [Float]
  }

  /// A sample as files hold it.
  package struct Sample: Sendable, Equatable {
    /// Its number among the samples.
    package var number: Int
    /// Height × width × channels numbers, channels last: what standardising has done is undone.
    package var pixels: [Float]
    /// Its class; nil where no classes are learned.
    package var label: String?
    /// What it is called where it comes from, such as a file; nil where it has a number alone.
    package var name: String?
  }

  /// What a layer makes of a sample.
  package struct FeatureMaps: Sendable, Equatable {
    package var sample: Sample
    /// Of the layer's shape, channels last.
    package var values: [Float]
  }

  /// A sample that is taken for another class.
  package struct Mistake: Sendable, Equatable {
    package var sample: Sample
    /// The class that it is taken for.
    package var predicted: String
    /// Of that class, by the network.
    package var probability: Float
  }

  /// The mistakes among the validation samples.
  package struct Mistakes: Sendable, Equatable {
    /// The surest ones first; of equally sure ones in the order of the samples.
    package var shown: [Mistake]
    /// All of them.
    package var count: Int
    /// Samples that were classified: all, or some that lie evenly apart.
    package var classified: Int
    /// Samples that there are.
    package var samples: Int
  }

  /// Samples whose feature maps are shown, mistakes that are, and samples that are classified, at most.
  package static let (mostSamples, mostMistakes, mostClassified) = (3, 24, 10_000)
  /// Multiply-adds that classifying may take, about ten seconds of a core; but a hundred samples are classified anyway.
  private static let mostWork = 4e11

  /// What a sample is.
  package let shape: Shape
  /// Whether the weights are the average that the run keeps.
  package let isAveraged: Bool
  /// nil where the first layer with weights is no convolution.
  package private(set) var filters: Filters?
  /// The first convolution, or the activation or BatchNorm behind it: whose output is shown, and what that is.
  package private(set) var layer: (path: String, shape: Shape)?
  package private(set) var maps: [FeatureMaps] = []
  /// nil without validation data, and where no classes are learned.
  package private(set) var mistakes: Mistakes?
  /// Whether the samples are those of the validation data.
  package private(set) var areOfValidation = false
  /// Why there are no samples: the data is gone, say.
  package private(set) var problem: String?

  /// nil where the run is not one of images.
  init?(_ run: RestoredRun) {
    let configuration = run.configuration
    guard configuration.data.shape.isImage else { return nil }
    shape = configuration.data.shape
    isAveraged = configuration.training.weightAverage != nil
    filters = Self.filters(of: run, averaged: isAveraged)
    do throws(RunError) { try look(at: run) } catch { problem = error.description }
  }

  private static func filters(of run: RestoredRun, averaged: Bool) -> Filters? {
    guard let network = try? run.configuration.network(),
      let layer = network.layers.first(where: \.kind.isWeighted), let shape = network.products.first?.weight,
      layer.kind != .dense
    else { return nil }
    let name = (averaged ? Tensor.averagePrefix : "model.") + "\(layer.path).weight"
    return run.checkpoint.tensors.first { $0.name == name }.map {
      Filters(layer: layer.path, shape: shape, values: $0.values.array)
    }
  }

  private mutating func look(at run: RestoredRun) throws(RunError) {
    let (samples, areOfValidation) = try run.samples()
    self.areOfValidation = areOfValidation
    let probe = try run.probe(for: samples.task, averaged: isAveraged)
    let reader = SampleReader(probe: probe, samples: samples, run.configuration)
    try asInput { () throws(DatasetError) in
      (layer, maps) = try reader.maps(of: Self.places(Self.mostSamples, of: samples.count))
      guard areOfValidation, case .classification = samples.task else { return }
      let work = probe.network.products.reduce(0) { $0 + $1.forwardMultiplyAdds }
      let affordable = max(100, Self.mostWork / max(1, work))
      let most = affordable < Double(Self.mostClassified) ? Int(affordable) : Self.mostClassified
      mistakes = try reader.mistakes(among: Self.places(most, of: samples.count), showing: Self.mostMistakes)
    }
  }

  /// All of `count` samples, or `most` of them, evenly apart from the first on.
  package static func places(_ most: Int, of count: Int) -> [Int] {
    count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
  }
}

/// Reads samples, and what a network makes of them.
private struct SampleReader {
  let probe: NetworkProbe
  let samples: any Dataset
  private let names: [String]
  private let loss: Loss
  private let preprocessing: Preprocessing

  init(probe: NetworkProbe, samples: any Dataset, _ configuration: RunConfiguration) {
    (self.probe, self.samples, loss) = (probe, samples, configuration.loss)
    (names, preprocessing) = (configuration.data.classNames, configuration.preprocessing)
  }

  /// The layer whose output is shown, and what it makes of the samples `numbers`.
  func maps(
    of numbers: [Int]
  ) throws(DatasetError) -> (layer: (path: String, shape: Shape)?, maps: [RunPictures.FeatureMaps]) {
    let layers = probe.network.layers
    guard let first = LayerKind.signals(layers.map(\.kind)).first, layers[first.weighted].kind != .dense else {
      return (nil, [])
    }
    // What makes a row of numbers of the image may stand before the activation.
    let place = layers[first.signal].isImage ? first.signal : first.weighted
    var values: [[Float]] = []
    let rows = try probe.look(at: numbers, of: samples) { layer, output in
      if layer == place { values = (0..<output.rows).map { output.row($0).array } }
    }
    let maps = zip(numbers.indices, values).map { row, values in
      RunPictures.FeatureMaps(sample: sample(numbers[row], row, rows), values: values)
    }
    return ((layers[place].path, layers[place].shape), maps)
  }

  func mistakes(among numbers: [Int], showing most: Int) throws(DatasetError) -> RunPictures.Mistakes {
    var found: [(number: Int, predicted: Int, probability: Float)] = []
    try blocks(of: numbers) { numbers, rows in
      for (row, number) in numbers.enumerated() {
        let logits = rows.output.row(row)
        let predicted = logits.likeliestClass
        guard Float(predicted) != rows.targets[row, 0] else { continue }
        found.append((number, predicted, probability(of: predicted, rows.output.rows(row..<row + 1))))
      }
    }
    let surest = found.sorted { ($1.probability, $0.number) < ($0.probability, $1.number) }.prefix(most)
    var shown: [RunPictures.Mistake] = []
    try blocks(of: surest.map(\.number)) { numbers, rows in
      for (row, number) in numbers.enumerated() {
        let mistake = surest[shown.count]
        shown.append(
          RunPictures.Mistake(
            sample: sample(number, row, rows), predicted: name(of: mistake.predicted),
            probability: mistake.probability))
      }
    }
    return RunPictures.Mistakes(
      shown: shown, count: found.count, classified: numbers.count, samples: samples.count)
  }

  private func blocks(of numbers: [Int], _ body: ([Int], BatchRows) -> Void) throws(DatasetError) {
    for start in stride(from: 0, to: numbers.count, by: NetworkProbe.rows) {
      let block = Array(numbers[start..<min(start + NetworkProbe.rows, numbers.count)])
      body(block, try probe.look(at: block, of: samples))
    }
  }

  /// That of class `index`; the row of logits is lost.
  private func probability(of index: Int, _ logits: Matrix) -> Float {
    withFloatingPointEnvironment {
      guard logits.columns == 1 else {
        LossKernels.softmax(logits, into: logits)
        return logits[0, index]
      }
      ActivationFunction.sigmoid.forward(logits.elements, into: logits.elements)
      return index == 1 ? logits[0, 0] : 1 - logits[0, 0]
    }
  }

  /// Sample `number`, which stands in row `row`.
  private func sample(_ number: Int, _ row: Int, _ rows: BatchRows) -> RunPictures.Sample {
    var pixels = rows.input.row(row).array
    if preprocessing.isStandardized {
      for (place, column) in preprocessing.columns.enumerated() {
        guard case .number(let mean, let deviation) = column.encoding else { continue }
        pixels[place] = Float(Double(pixels[place]) * deviation + mean)
      }
    }
    var label: String?
    if case .classification = samples.task { label = name(of: Int(rows.targets[row, 0])) }
    return RunPictures.Sample(number: number, pixels: pixels, label: label, name: samples.name(of: number))
  }

  private func name(of index: Int) -> String { names.indices.contains(index) ? names[index] : "\(index)" }
}
