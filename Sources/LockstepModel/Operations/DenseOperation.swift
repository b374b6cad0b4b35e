import LockstepKernels

/// y = f(x W + b), f the activation that follows, if any. Shapes: x [rows, inputs], W [inputs, units], b [units].
struct DenseOperation: LocalOperation {
  let weight: ParameterLayout.Place
  let bias: ParameterLayout.Place?
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: weight.columns))
    // A row of the product takes every column of its input. The batch's input stands there already.
    if wiring.input != 0 { memory.team.synchronize(from: weight.rows, to: weight.columns) }
    multiply(
      input(all).rows(part.rows), all.weight(weight).columns(part.columns),
      bias: bias.map { all.parameter($0)[part.columns] }, then: wiring.activation, into: output(all).part(part),
      scratch: memory.products.computing(in: pass.precision))
  }

  /// dW = xᵀ dy and db = Σ dy over each shard, dW summed over the shards of a node at once; dx = dy Wᵀ
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    memory.team.synchronize()
    if wiring.isTrained { differentiateParameters(memory, pass) }
    guard wiring.needsInputGradient else { return }
    let (all, part) = (memory.all, memory.part(of: weight.rows))
    multiplyTransposingSecond(
      outputGradient(all).rows(part.rows), all.weight(weight).rows(part.columns),
      throughInput: wiring.inputActivation.map { ($0, input(all).part(part)) }, into: inputGradient(all).part(part),
      scratch: memory.products.computing(in: pass.precision))
  }

  /// The weight is dealt as the output is, its rows in the place of the batch's.
  private func differentiateParameters(_ memory: WorkerMemory, _ pass: Pass) {
    let scratch = memory.products.computing(in: pass.precision)
    let columns = memory.team.columns(of: weight.columns)
    let inputs = memory.team.rows(weight.rows, width: weight.columns)
    for node in memory.nodes where !inputs.isEmpty {
      node.note(
        notedWeightGradient(
          x: input(node).columns(inputs), dy: outputGradient(node).columns(columns), shardRows: node.shardRows,
          into: node.weightGradient(weight).part(Part(rows: inputs, columns: columns)), scratch: scratch))
    }
    if let bias {
      for shard in memory.shards(width: weight.columns) {
        columnSums(outputGradient(shard).columns(columns), into: shard.gradient(bias)[columns])
      }
    }
  }
}
