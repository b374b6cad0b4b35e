import LockstepKernels
import LockstepModel

/// The three matrix products of a dense layer.
enum ProductKernels {
  /// Rows, inputs and units of a dense layer.
  struct Shape: Hashable {
    var rows: Int
    var inputs: Int
    var units: Int
  }

  static let squares = KernelGroup(title: "matrix products, square") {
    [64, 256, 1024, 2048].flatMap { kernels(Shape(rows: $0, inputs: $0, units: $0)) }
  }

  /// The layers of a workload, each shape once, over the rows of one worker of two.
  static func layers(of file: String) -> KernelGroup {
    KernelGroup(title: "matrix products of \(file)") {
      let workload = try Workload(file: file)
      var seen: Set<Shape> = []
      return try Network(workload.model, seed: 1).products
        .map { Shape(rows: workload.batch / 2, inputs: $0.inputs, units: $0.units) }
        .filter { seen.insert($0).inserted }.flatMap(kernels)
    }
  }

  private static func kernels(_ shape: Shape) -> [Kernel] {
    [forward(shape), inputGradient(shape)] + [1, 4, 8].map { weightGradient(shape, shards: $0) }
  }

  /// y = x W
  private static func forward(_ shape: Shape) -> Kernel {
    let operands = Operands()
    let x = operands.matrix(shape.rows, shape.inputs)
    let weight = operands.matrix(shape.inputs, shape.units)
    let y = operands.matrix(shape.rows, shape.units)
    let scratch = ProductScratch()
    return kernel("forward", shape, operands) { multiply(x, weight, into: y, scratch: scratch) }
  }

  /// dx = dy Wᵀ
  private static func inputGradient(_ shape: Shape) -> Kernel {
    let operands = Operands()
    let dy = operands.matrix(shape.rows, shape.units)
    let weight = operands.matrix(shape.inputs, shape.units)
    let dx = operands.matrix(shape.rows, shape.inputs)
    let scratch = ProductScratch()
    return kernel("input gradient", shape, operands) {
      multiplyTransposingSecond(dy, weight, into: dx, scratch: scratch)
    }
  }

  /// dW = tree over the shards of xᵀ dy
  private static func weightGradient(_ shape: Shape, shards: Int) -> Kernel {
    let operands = Operands()
    let x = operands.matrix(shape.rows, shape.inputs)
    let dy = operands.matrix(shape.rows, shape.units)
    let gradient = operands.matrix(shape.inputs, shape.units)
    let shardRows = Slots(repeating: shape.rows / shards, count: shards)
    let scratch = ProductScratch(
      shards: shards, shardRows: shape.rows / shards, weights: [(shape.inputs, shape.units)])
    return kernel("weight gradient, \(shards) shard\(shards == 1 ? "" : "s")", shape, operands) {
      LockstepKernels.weightGradient(x: x, dy: dy, shardRows: shardRows, into: gradient, scratch: scratch)
    }
  }

  private static func kernel(
    _ name: String, _ shape: Shape, _ operands: Operands, call: @escaping () -> Void
  ) -> Kernel {
    let (rows, inputs, units) = (shape.rows, shape.inputs, shape.units)
    return Kernel(
      name: name, shape: "\(rows) × \(inputs) × \(units)", work: .operations(2 * Double(rows * inputs * units)),
      operands: operands, call: call)
  }
}
