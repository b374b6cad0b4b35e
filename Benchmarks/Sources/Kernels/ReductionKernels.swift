import LockstepData
import LockstepKernels
import LockstepTraining

/// From the shards' gradients to the updated parameters.
enum ReductionKernels {
  /// Elements that go from gradient to weight at once, as in a step.
  private static let chunk = 4096
  /// Parameters of `wide`, in whole chunks.
  private static let parameters = 958 * chunk

  /// Over all parameters, chunk by chunk.
  static let sums = KernelGroup(title: "sums over shards, of all parameters of wide") {
    let slots = 8
    let operands = Operands()
    let (leaves, sum) = (operands.vector(slots * parameters), operands.vector(parameters))
    func kernel(_ name: String, slots: Int, call: @escaping (Int, Vector) -> Void) -> Kernel {
      let traffic = Kernel.Traffic.elements(parameters, reads: slots, writes: 1)
      return Kernel(name: name, shape: "\(parameters)", work: .memory(traffic), operands: operands) {
        for start in stride(from: 0, to: parameters, by: chunk) { call(start, sum[start..<start + chunk]) }
      }
    }
    let trees = [2, 4, 8].map { count in
      kernel("tree of \(count) shards", slots: count) { start, sum in
        Tree.sum(leaves, leaves: count, stride: parameters, at: start, into: sum)
      }
    }
    return trees
      + [2, 3].map { workers in
        let runs = (0..<workers).map { Shard.owned(by: $0, of: workers, shards: slots) }
        let owned = runs.flatMap { Tree.nodes(in: $0, of: slots) }
        let nodes = Slots<Int32>(repeating: 0, count: owned.count)
        for (index, node) in owned.enumerated() { nodes[index] = Int32(node.count) }
        return kernel("nodes of \(workers) workers, 8 shards", slots: owned.count) { start, sum in
          Tree.sum(leaves, nodes: nodes, stride: parameters, at: start, into: sum)
        }
      }
  }

  static let updates = [("a chunk", chunk), ("all parameters of wide", parameters)].map { name, count in
    KernelGroup(title: "updates of \(name)") { updates(count) }
  }

  private static func updates(_ count: Int) -> [Kernel] {
    let operands = Operands()
    let (parameter, gradient) = (operands.vector(count), operands.vector(count))
    let (first, second) = (operands.vector(count), operands.positive(count))
    func kernel(_ name: String, reads: Int, writes: Int, call: @escaping () -> Void) -> Kernel {
      Kernel(
        name: name, shape: "\(count)",
        work: .memory(.elements(count, reads: reads, writes: writes, inPlace: writes > 0)), operands: operands,
        call: call)
    }
    /// Reads gradient, parameter and slots, writes parameter and slots.
    func kernel(_ name: String, slots: Int, call: @escaping () -> Void) -> Kernel {
      kernel(name, reads: 2 + slots, writes: 1 + slots, call: call)
    }
    return [
      kernel("squares, for the norm", reads: 1, writes: 0) { _ = gradient.sumOfSquares },
      kernel("clip and decay", reads: 2, writes: 1) {
        UpdateKernels.clipAndRegularize(
          gradient: gradient, parameter: parameter, scale: 0.999, limit: 1, l1: 0, l2: 1e-4)
      },
      kernel("sgd", slots: 0) {
        UpdateKernels.sgd(
          parameter, gradient: gradient, velocity: nil, keep: 1, rate: 1e-3, momentum: 0, nesterov: false)
      },
      kernel("sgd with momentum", slots: 1) {
        UpdateKernels.sgd(
          parameter, gradient: gradient, velocity: first, keep: 1, rate: 1e-3, momentum: 0.9, nesterov: false)
      },
      kernel("adagrad", slots: 1) {
        UpdateKernels.adagrad(parameter, gradient: gradient, sum: second, keep: 1, rate: 1e-3, epsilon: 1e-10)
      },
      kernel("rmsprop", slots: 1) {
        UpdateKernels.rmsprop(
          parameter, gradient: gradient, square: second, keep: 1, rate: 1e-3, decay: 0.99, epsilon: 1e-8)
      },
      kernel("adam", slots: 2) {
        UpdateKernels.adam(
          parameter, gradient: gradient, first: first, second: second, keep: 1, rate: 1e-3, gradientRate: 0,
          beta1: 0.9, beta2: 0.999, rootCorrection: 1, epsilon: 1e-8)
      },
      kernel("adamax", slots: 2) {
        UpdateKernels.adamax(
          parameter, gradient: gradient, first: first, norm: second, keep: 1, rate: 1e-3, beta1: 0.9, beta2: 0.999,
          epsilon: 1e-8)
      },
    ]
  }
}
