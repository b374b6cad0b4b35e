import LockstepKernels

/// y = f(x ∗ W + b), f the activation that follows, if any. Shapes: x [rows, inputs], W [window, filters], b [filters],
/// y [rows, outputs], as `ConvolutionShape` counts them.
struct ConvolutionOperation: ProductOperation {
  let weight: ParameterLayout.Place
  var bias: ParameterLayout.Place?
  let shape: ConvolutionShape
  var wiring: Wiring

  /// y
  func multiplyForOutput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    convolve(
      input(all).rows(part.rows), all.weight(weight), bias: bias.map { all.parameter($0) }, then: wiring.activation,
      into: output(all).rows(part.rows), shape: shape, precision: precision, scratch: memory.convolutions)
  }

  /// dW, dealt as weights are
  func multiplyForWeight(_ memory: WorkerMemory, _ precision: Precision) {
    let (window, filters) = (
      memory.team.rows(weight.rows, width: weight.columns), memory.team.columns(of: weight.columns)
    )
    for node in memory.nodes where !window.isEmpty && !filters.isEmpty {
      node.note(
        notedConvolutionGradient(
          x: input(node), dy: outputGradient(node), shardImages: node.shardRows, into: node.weightGradient(weight),
          shape: shape, window: window, filters: filters, precision: precision, scratch: memory.convolutions))
    }
  }

  /// dx
  func multiplyForInput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.inputShape))
    convolveInputGradient(
      outputGradient(all).rows(part.rows), all.weight(weight),
      throughInput: wiring.inputActivation.map { ($0, input(all).rows(part.rows)) },
      into: inputGradient(all).rows(part.rows), shape: shape, precision: precision, scratch: memory.convolutions)
  }
}

/// The same, a filter a channel: W [kernel places, channels]. In float32 whatever the precision of products.
struct DepthwiseConvolutionOperation: ProductOperation {
  let weight: ParameterLayout.Place
  var bias: ParameterLayout.Place?
  let shape: ConvolutionShape
  var wiring: Wiring

  func multiplyForOutput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    DepthwiseConvolution.forward(
      input(all).rows(part.rows), all.weight(weight), bias: bias.map { all.parameter($0) }, then: wiring.activation,
      into: output(all).rows(part.rows), shape: shape, scratch: memory.convolutions)
  }

  func multiplyForWeight(_ memory: WorkerMemory, _ precision: Precision) {
    let channels = memory.team.share(of: weight.columns)
    for node in memory.nodes where !channels.isEmpty {
      let gradient = node.weightGradient(weight)
      DepthwiseConvolution.weightGradient(
        x: input(node), dy: outputGradient(node), shardImages: node.shardRows, into: gradient, shape: shape,
        channels: channels, scratch: memory.convolutions)
      for place in 0..<gradient.rows { node.note(gradient.row(place)[channels].largestMagnitude) }
    }
  }

  func multiplyForInput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.inputShape))
    DepthwiseConvolution.inputGradient(
      outputGradient(all).rows(part.rows), all.weight(weight),
      throughInput: wiring.inputActivation.map { ($0, input(all).rows(part.rows)) },
      into: inputGradient(all).rows(part.rows), shape: shape, scratch: memory.convolutions)
  }
}
