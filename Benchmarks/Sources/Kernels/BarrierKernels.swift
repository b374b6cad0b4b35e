import LockstepKernels
import LockstepTraining

/// What it costs two workers to meet.
enum BarrierKernels {
  static let group = KernelGroup(title: "two workers, time of one meeting") {
    let meetings = 1000
    let cores = Processor.availableCores
    let barrier = Barrier(parties: 2, spins: WorkerPool.spins(workers: 2, cores: cores))
    let meeting = try WorkerPool(workers: 2, cores: cores) { worker in
      for _ in 0..<meetings { barrier.wait(worker) }
    }
    let idle = try WorkerPool(workers: 2, cores: cores) { _ in }
    return [
      Kernel(name: "barrier", shape: "\(meetings) in turn", work: .latency, operands: Operands(), calls: meetings) {
        meeting.run()
      },
      Kernel(name: "start and finish", shape: "without work", work: .latency, operands: Operands()) { idle.run() },
    ]
  }
}
