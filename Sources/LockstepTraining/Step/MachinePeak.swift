import LockstepKernels

/// What the machine's matrix products reach: the measure that every step is held against.
package enum MachinePeak {
  /// Best of several products of 1024 × 1024 matrices, in GFLOP/s: on one core, and on `threads` at once.
  ///
  /// - Throws: `TrainingError` where there are not so many worker threads left.
  package static func measure(threads: Int) throws(TrainingError) -> (oneCore: Double, allCores: Double) {
    (try measure(workers: 1), try measure(workers: max(1, threads)))
  }

  private static func measure(workers: Int) throws(TrainingError) -> Double {
    let size = 1024
    let operands = (0..<workers).map { _ in (0..<3).map { _ in Arena(count: size * size) } }
    for arenas in operands { for arena in arenas { arena.all.fill(0.5) } }
    let scratch = (0..<workers).map { _ in ProductScratch() }
    let pool = try WorkerPool(workers: workers, cores: Processor.availableCores) { worker in
      let matrices = operands[worker].map { $0.matrix(at: 0, rows: size, columns: size) }
      multiply(matrices[0], matrices[1], into: matrices[2], scratch: scratch[worker])
    }
    var best = Double.infinity
    for _ in 0..<12 {
      let start = MonotonicClock.seconds()
      pool.run()
      best = min(best, MonotonicClock.seconds() - start)
    }
    let operations = 2 * Double(size) * Double(size) * Double(size) * Double(workers)
    return operations / best * 1e-9
  }
}
