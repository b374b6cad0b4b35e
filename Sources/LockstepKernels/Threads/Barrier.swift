internal import CKernels

/// A barrier that spins briefly and then parks: `wait` returns once all parties have called it. It can be used again at
/// once.
///
/// Parties arrive in groups, and the last of a group arrives for it among the groups (a combining tree; Yew, Tzeng and
/// Lawrie 1987, https://doi.org/10.1109/TC.1987.1676929): a counter that many cores change costs each of them the way
/// of its line from the one before, 16 ways in turn for 16 parties of one counter, 8 for groups of four.
///
/// What a party wrote before `wait` every party sees after it: the counters and the generation are atomics, and the
/// last to arrive publishes the new generation after having seen all arrivals.
///
/// `@unchecked Sendable`: its words are touched by atomics alone.
@safe
package final class Barrier: @unchecked Sendable {
  package let parties: Int
  private let spins: Int
  /// A cache line each: the generation, how many are parked, and the counters, those of the first groups first. So
  /// arriving does not disturb those that watch the generation.
  private let words: UnsafeMutablePointer<UInt32>
  private var generation: UnsafeMutablePointer<UInt32> { words }
  private var parked: UnsafeMutablePointer<UInt32> { words + Barrier.line }

  private static let line = 64 / MemoryLayout<UInt32>.stride
  private static let group = 4

  /// - Parameters:
  ///   - parties: how many threads meet.
  ///   - spins: how often a waiting thread looks before it parks; few where there are more parties than cores.
  package init(parties: Int, spins: Int) {
    precondition(parties >= 1)
    self.parties = parties
    self.spins = spins
    // There are fewer groups than parties.
    let count = (parties + 2) * Barrier.line
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<UInt32>.stride, alignment: Barrier.line * MemoryLayout<UInt32>.stride)
    words = memory.initializeMemory(as: UInt32.self, repeating: 0, count: count)
  }

  deinit { words.deallocate() }

  /// - Parameter party: which one this is, counted from 0.
  package func wait(_ party: Int) {
    if parties == 1 { return }
    let current = lk_load(generation)
    if isLast(party) {
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

  /// Counts a party in, and says whether all others have come before.
  private func isLast(_ party: Int) -> Bool {
    var (index, count, counters) = (party, parties, words + 2 * Barrier.line)
    while count > 1 {
      let groups = (count + Barrier.group - 1) / Barrier.group
      let size = min(Barrier.group, count - index / Barrier.group * Barrier.group)
      index /= Barrier.group
      let arrived = counters + index * Barrier.line
      if lk_fetch_add(arrived, 1) != UInt32(size - 1) { return false }
      lk_store(arrived, 0)
      counters += groups * Barrier.line
      count = groups
    }
    return true
  }
}
