import LockstepKernels

/// y = f(x W + b), f the activation that follows, if any. Shapes: x [rows, inputs], W [inputs, units], b [units].
struct DenseOperation: ProductOperation {
  let weight: ParameterLayout.Place
  var bias: ParameterLayout.Place?
  var wiring: Wiring

  /// y
  func multiplyForOutput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    multiply(
      input(all).rows(part.rows), all.weight(weight).columns(part.columns),
      bias: bias.map { all.parameter($0)[part.columns] }, then: wiring.activation, into: output(all).part(part),
      scratch: memory.products.computing(in: precision))
  }

  /// dW. The weight is dealt as the output is, its rows in the place of the batch's.
  func multiplyForWeight(_ memory: WorkerMemory, _ precision: Precision) {
    let scratch = memory.products.computing(in: precision)
    let columns = memory.team.columns(of: weight.columns)
    let inputs = memory.team.rows(weight.rows, width: weight.columns)
    for node in memory.nodes where !inputs.isEmpty {
      node.note(
        notedWeightGradient(
          x: input(node).columns(inputs), dy: outputGradient(node).columns(columns), shardRows: node.shardRows,
          into: node.weightGradient(weight).part(Part(rows: inputs, columns: columns)), goesPast: node.goesPastCaches,
          scratch: scratch))
    }
  }

  /// dx
  func multiplyForInput(_ memory: WorkerMemory, _ precision: Precision) {
    let (all, part) = (memory.all, memory.part(of: wiring.inputShape))
    multiplyTransposingSecond(
      outputGradient(all).rows(part.rows), all.weight(weight).rows(part.columns),
      throughInput: wiring.inputActivation.map { ($0, input(all).part(part)) }, into: inputGradient(all).part(part),
      scratch: memory.products.computing(in: precision))
  }
}
