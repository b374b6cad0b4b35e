/// Where a layer is written in a model's description: from the outermost list of layers inwards.
package struct LayerKey: Sendable, Equatable {
  /// One step inwards.
  package enum Step: Sendable, Equatable {
    /// The layer of that index in a list.
    case layer(Int)
    /// The list of a repeat.
    case repeated
    /// The list of a residual.
    case residual
    /// Its projection.
    case projection
  }

  /// From the model's list of layers to the layer: a list's index, and what is entered between two lists.
  package private(set) var steps: [Step] = []

  /// The key of what `step` leads to from here.
  package func appending(_ step: Step) -> LayerKey {
    var key = self
    key.steps.append(step)
    return key
  }
}

/// A layer at one place of a network: with repetitions unrolled, and the shapes that it reads and gives.
package struct PlacedLayer: Sendable {
  /// As it is described.
  package let layer: Layer
  /// Path in the network, such as `repeat0.3.residual0.dense1`.
  package let path: String
  /// Where the description has it; the same for all repetitions.
  package let key: LayerKey
  /// Path of the innermost residual around it.
  package let residual: String?
  /// The shape of the value that it reads; of a residual's end, that of its branch.
  package let input: Shape
  /// The shape of the value that it gives.
  package let output: Shape

  /// Its parameters, in the order of the arena.
  package var parameters: [LayerTensor] { layer.parameters(reading: input) }

  /// Multiply-adds of its product over one sample, forward: at every position of its output those of its weight.
  package var multiplyAdds: Double {
    parameters.reduce(0) { $1.role == .weight ? $0 + $1.shape.multiplyAdds * Double(output.positions) : $0 }
  }
}

/// What is met on a walk over a model.
package enum WalkStep: Sendable {
  /// A layer that computes: anything but repeats and residuals.
  case layer(PlacedLayer)
  /// A residual's skip leaves; its layers follow.
  case branch(PlacedLayer)
  /// A residual's layers are through; those of its projection follow, which read what the layers have read.
  case projection(PlacedLayer)
  /// A residual's layers are through, and the skip is added to what they give.
  case sum(PlacedLayer)
}

extension Model {
  /// Most layers a model may have, every repetition counted, so that a mistyped repeat is an error, not an exhausted
  /// memory.
  static let mostLayers = 100_000
  /// Most numbers of a value, so that no count of elements overflows.
  static let widest = 1 << 24

  /// Goes through all layers, settled, in the order of the forward pass: the one place that unrolls repeats, follows
  /// residuals and says what shape every value has.
  ///
  /// - Parameters:
  ///   - repetitions: how many of a repeat are met at most. The layers of all are the same but for their paths.
  ///   - visit: is shown every step; what it throws ends the walk.
  /// - Returns: the shape of the last value.
  /// - Throws: `ModelError` where shapes do not go together, naming the layer.
  @discardableResult
  package func walk(
    repetitions: Int = .max, _ visit: (WalkStep) throws(ModelError) -> Void
  ) throws(ModelError) -> Shape {
    var walk = ModelWalk(shape: input, trail: ["input \(input)"], repetitions: repetitions)
    try walk.through(layers.settled, prefix: "", key: LayerKey(), residual: nil, visit)
    return walk.shape
  }

  /// Whether some BatchNorm that is trained, of these statistics, measures one number of a row, so that its variance
  /// needs two rows: of an image it measures every position. Layers behind shapes that do not go together do not count.
  package func measuresRowsAlone(_ statistics: BatchNorm.Statistics) -> Bool {
    var found = false
    _ = try? walk { step in
      guard case .layer(let place) = step, case .batchNorm(let norm) = place.layer else { return }
      found = found || (norm.training.isTrainable && norm.statistics == statistics && place.input.positions == 1)
    }
    return found
  }
}

/// The state of a walk: what the next layer reads, and how many layers were met.
private struct ModelWalk {
  var shape: Shape
  /// The last layers with the shapes that they give.
  var trail: [String]
  let repetitions: Int
  var met = 0

  private static let trailLength = 16

  /// The error with the shapes up to it.
  private func located(_ error: ModelError) -> ModelError {
    var error = error
    let isWhole = trail.count < Self.trailLength
    error.shapes = (isWhole ? "" : "…, ") + trail.joined(separator: ", ")
    return error
  }

  private mutating func gives(_ shape: Shape, _ path: String) {
    self.shape = shape
    if trail.count == Self.trailLength { trail.removeFirst() }
    trail.append("\(path) \(shape)")
  }

  mutating func through(
    _ layers: [Layer], prefix: String, key: LayerKey, residual: String?,
    _ visit: (WalkStep) throws(ModelError) -> Void
  ) throws(ModelError) {
    var ordinals: [String: Int] = [:]
    for (index, layer) in layers.enumerated() {
      let word = layer.word
      let path = "\(prefix)\(word)\(ordinals[word, default: 0])"
      ordinals[word, default: 0] += 1
      guard met < Model.mostLayers else {
        throw ModelError(layer: path, problem: "found more than \(Model.mostLayers) layers; is a `repeat` too large?")
      }
      met += 1
      try through(layer, path: path, key: key.appending(.layer(index)), residual: residual, visit)
    }
  }

  private mutating func through(
    _ layer: Layer, path: String, key: LayerKey, residual: String?,
    _ visit: (WalkStep) throws(ModelError) -> Void
  ) throws(ModelError) {
    func placed(_ input: Shape, _ output: Shape) -> PlacedLayer {
      PlacedLayer(layer: layer, path: path, key: key, residual: residual, input: input, output: output)
    }
    switch layer {
    case .repeated(let times, let layers):
      guard times >= 1 else { throw ModelError(layer: path, problem: "found times \(times), expected at least 1") }
      // Nothing is nothing however often: without this a `times` beyond all measure would count to it.
      if layers.isEmpty { return }
      for iteration in 0..<min(times, repetitions) {
        let prefix = "\(path).\(iteration)."
        try through(layers, prefix: prefix, key: key.appending(.repeated), residual: residual, visit)
      }
    case .residual(let layers, let projection):
      let start = shape
      try visit(.branch(placed(start, start)))
      try through(layers, prefix: "\(path).", key: key.appending(.residual), residual: path, visit)
      let end = shape
      if !projection.isEmpty {
        gives(start, "\(path).projection")
        try visit(.projection(placed(start, start)))
        try through(
          projection, prefix: "\(path).projection.", key: key.appending(.projection), residual: path, visit)
      }
      let (skip, sum) = (shape, placed(end, end))
      shape = end
      guard projection.isEmpty ? end == start : end == skip else {
        throw located(
          ModelError(
            sum,
            projection.isEmpty
              ? "its layers turn \(start) units into \(end), but the skip adds their input to their output: expected \(start)"
              : "its layers turn \(start) into \(end), but its projection gives \(skip), which is added: expected the same",
            .branch(key, skip: projection.isEmpty ? start : skip, end: end)))
      }
      try visit(.sum(sum))
    case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm,
      .activation, .dropout, .spatialDropout, .alphaDropout:
      let input = shape
      let output: Shape
      do throws(ModelError) { output = try layer.output(of: placed(input, input)) } catch { throw located(error) }
      gives(output, path)
      try visit(.layer(placed(input, output)))
    }
  }
}
