import Dispatch
import KernelProbes
import Libc
import LockstepKernels
import LockstepTraining
import Synchronization
import Testing

/// Workers that stay, more of them than cores: every run reaches every worker once, and nothing is lost between two
/// runs.
@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3, 5, 8, 16])
  func everyWorkerRunsOnce(workers: Int) throws {
    let counts = Slots(repeating: 0, count: workers)
    let pool = try WorkerPool(workers: workers, cores: 2) { counts[$0] += 1 }
    for round in 1...500 {
      pool.run()
      for worker in 0..<workers where counts[worker] != round {
        Issue.record("worker \(worker) of \(workers): \(counts[worker]) runs after \(round)")
        return
      }
    }
  }

  /// What every worker writes in one phase every other reads in the next: a value that comes late makes the sum wrong
  /// for good.
  @Test(arguments: [2, 3, 4, 5, 8, 9, 17, 21], [50, 1_000])
  func phasesSeeEachOther(workers: Int, spins: Int) throws {
    let barrier = Barrier(parties: workers, spins: spins)
    let values = Slots(repeating: 1, count: workers)
    let next = Slots(repeating: 0, count: workers)
    let rounds = 300
    let pool = try WorkerPool(workers: workers, cores: 2) { worker in
      for _ in 0..<rounds {
        // Each becomes its own value and all others' less itself: the sum times (workers − 1), kept small by a
        // remainder.
        let sum = (0..<workers).reduce(0) { $0 + values[$1] }
        next[worker] = (sum + worker) % 1009
        barrier.wait(worker)
        values[worker] = next[worker]
        barrier.wait(worker)
      }
    }
    pool.run()
    var expected = [Int](repeating: 1, count: workers)
    for _ in 0..<rounds {
      let sum = expected.reduce(0, +)
      expected = (0..<workers).map { (sum + $0) % 1009 }
    }
    #expect((0..<workers).map { values[$0] } == expected)
  }

  /// Nobody leaves a barrier before the last has come.
  @Test func barrierHoldsEverybody() throws {
    let (workers, rounds) = (22, 200)
    let barrier = Barrier(parties: workers, spins: 20)
    let arrived = Atomic(0)
    let early = Atomic(0)
    let pool = try WorkerPool(workers: workers, cores: 2) { worker in
      for round in 1...rounds {
        if worker == round % workers { for _ in 0..<50 { _ = arrived.load(ordering: .relaxed) } }
        arrived.add(1, ordering: .relaxed)
        barrier.wait(worker)
        if arrived.load(ordering: .relaxed) < round * workers { early.add(1, ordering: .relaxed) }
        barrier.wait(worker)
      }
    }
    pool.run()
    #expect(early.load(ordering: .relaxed) == 0 && arrived.load(ordering: .relaxed) == rounds * workers)
  }

  /// What a party has written before it reached a number is seen by whoever has waited for that, or has found it
  /// reached; numbers go on after the last of 32 bits.
  @Test(arguments: [2, 3, 8], [0, 1_000])
  func milestones(workers: Int, spins: Int) throws {
    let (rounds, milestones) = (400, Milestones(parties: workers, spins: spins))
    let first = UInt32.max - UInt32(rounds) / 2
    for worker in 0..<workers { milestones.reach(worker, first) }
    let values = Slots(repeating: 0, count: workers * rounds)
    let wrong = Atomic(0)
    let pool = try WorkerPool(workers: workers, cores: 2) { worker in
      let before = (worker + workers - 1) % workers
      for round in 0..<rounds {
        let number = first &+ UInt32(round) &+ 1
        // A ring: each waits for the one before, but for the first, who begins.
        if worker > 0 { milestones.wait(for: before, toReach: number) }
        if worker > 0, values[before * rounds + round] != round + before { wrong.add(1, ordering: .relaxed) }
        values[worker * rounds + round] = round + worker
        milestones.reach(worker, number)
        if milestones.has(before, reached: number), values[before * rounds + round] != round + before {
          wrong.add(1, ordering: .relaxed)
        }
        if milestones.has(worker, reached: number &+ 1) || !milestones.has(worker, reached: number) {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    pool.run()
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func barrierOfOneHoldsNobody() {
    let barrier = Barrier(parties: 1, spins: 0)
    for _ in 0..<1000 { barrier.wait(0) }
  }

  /// A pool ends where its workers are parked, or spinning, or have never run.
  @Test func poolsEnd() throws {
    let count = Atomic(0)
    for round in 0..<200 {
      let pool = try WorkerPool(workers: 1 + round % 7, cores: round % 3) { _ in count.add(1, ordering: .relaxed) }
      for _ in 0..<round % 4 { pool.run() }
    }
    let expected = (0..<200).reduce(0) { $0 + (1 + $1 % 7) * ($1 % 4) }
    #expect(count.load(ordering: .relaxed) == expected)
  }

  /// Many pools at once, each led by a thread of its own.
  @Test func poolsSideBySide() {
    let total = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let pool = try? WorkerPool(workers: 4, cores: 2) { _ in total.add(1, ordering: .relaxed) }
      for _ in 0..<100 { pool?.run() }
    }
    #expect(total.load(ordering: .relaxed) == 4 * 4 * 100)
  }

  /// Denormals, made or read, are what they are on every worker, and the caller's thread is as it was afterwards.
  @Test func denormalsAreKept() throws {
    let products = Slots(repeating: Float(1), count: 4)
    let small = Slots(repeating: Float.leastNormalMagnitude, count: 1)
    let denormal = Slots(repeating: Float.leastNormalMagnitude / 4, count: 1)
    let readings = Slots(repeating: Float(1), count: 4)
    lk_probe_flush_denormals(1)
    defer { lk_probe_flush_denormals(0) }
    let pool = try WorkerPool(workers: 4, cores: 2) {
      products[$0] = small[0] / 4
      readings[$0] = denormal[0] * 0x1p60
    }
    #expect(small[0] / 4 == 0 && denormal[0] * 0x1p60 == 0)
    pool.run()
    #expect(small[0] / 4 == 0, "the caller's thread keeps denormals after the run")
    lk_probe_flush_denormals(0)
    #expect((0..<4).allSatisfy { products[$0] == 0x1p-128 && readings[$0] == 0x1p-68 })
  }

  /// Workers stay on their threads.
  @Test func threadsStay() throws {
    let threads = Slots(repeating: UInt64(0), count: 4)
    let changes = Atomic(0)
    let pool = try WorkerPool(workers: 4, cores: 2) { worker in
      let current = currentThread()
      if threads[worker] != 0 && threads[worker] != current { changes.add(1, ordering: .relaxed) }
      threads[worker] = current
    }
    for _ in 0..<50 { pool.run() }
    #expect(changes.load(ordering: .relaxed) == 0)
    #expect(Set((0..<4).map { threads[$0] }).count == 4)
  }
}

/// A number that tells the calling thread from others.
private func currentThread() -> UInt64 {
  #if os(Linux)
    UInt64(pthread_self())
  #else
    UInt64(UInt(bitPattern: pthread_self()))
  #endif
}
