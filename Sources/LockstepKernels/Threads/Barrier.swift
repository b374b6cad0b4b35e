internal import CKernels

/// A barrier that spins briefly and then parks: `wait()` returns once all parties have called it. It can be used again
/// at once.
///
/// What a party wrote before `wait()` every party sees after it: the arrival counter and the generation are atomics,
/// and the last to arrive publishes the new generation after having seen all arrivals.
///
/// `@unchecked Sendable`: its words are touched by atomics alone.
@safe
package final class Barrier: @unchecked Sendable {
  package let parties: Int
  private let spins: Int
  // A cache line each, so that arriving does not disturb those that watch the generation.
  private let words: UnsafeMutablePointer<UInt32>
  private var arrived: UnsafeMutablePointer<UInt32> { words }
  private var generation: UnsafeMutablePointer<UInt32> { words + 16 }
  private var parked: UnsafeMutablePointer<UInt32> { words + 32 }

  /// - Parameters:
  ///   - parties: how many threads meet.
  ///   - spins: how often a waiting thread looks before it parks; few where there are more parties than cores.
  package init(parties: Int, spins: Int) {
    precondition(parties >= 1)
    self.parties = parties
    self.spins = spins
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 192, alignment: 64)
    words = memory.initializeMemory(as: UInt32.self, repeating: 0, count: 48)
  }

  deinit { words.deallocate() }

  package func wait() {
    if parties == 1 { return }
    let current = lk_load(generation)
    if lk_fetch_add(arrived, 1) == UInt32(parties - 1) {
      lk_store(arrived, 0)
      // The order of these two (all fetch_adds are sequentially consistent) against the parking side's own two is what
      // loses no wake-up.
      _ = lk_fetch_add(generation, 1)
      if lk_fetch_add(parked, 0) > 0 { lk_unpark_all(generation) }
      return
    }
    for _ in 0..<spins {
      if lk_load(generation) != current { return }
      lk_relax()
    }
    _ = lk_fetch_add(parked, 1)
    while lk_load(generation) == current { lk_park(generation, current) }
    _ = lk_fetch_add(parked, UInt32.max)
  }
}
