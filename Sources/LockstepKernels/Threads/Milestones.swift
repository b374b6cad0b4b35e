internal import CKernels

/// How far each of several parties has come, as the others see it while all go on: a number that only grows, and that
/// begins again from 0 after 2³² of them.
///
/// What a party wrote before it reached a number every party sees that has seen the number.
///
/// `@unchecked Sendable`: its words are touched by atomics alone.
@safe
package final class Milestones: @unchecked Sendable {
  private let parties: Int
  private let spins: Int
  /// A cache line each: how many are parked, and what each party has reached.
  private let words: UnsafeMutablePointer<UInt32>
  private var parked: UnsafeMutablePointer<UInt32> { words }

  private static let line = 64 / MemoryLayout<UInt32>.stride

  /// - Parameters:
  ///   - spins: how often a party that waits looks before it parks.
  package init(parties: Int, spins: Int) {
    self.parties = parties
    self.spins = spins
    let count = (parties + 1) * Milestones.line
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<UInt32>.stride, alignment: Milestones.line * MemoryLayout<UInt32>.stride)
    words = memory.initializeMemory(as: UInt32.self, repeating: 0, count: count)
  }

  deinit { words.deallocate() }

  private func word(_ party: Int) -> UnsafeMutablePointer<UInt32> {
    precondition(party >= 0 && party < parties, "no such party")
    return words + (party + 1) * Milestones.line
  }

  /// The party itself says so; no less than before.
  package func reach(_ party: Int, _ number: UInt32) {
    let word = word(party)
    // Sequentially consistent like the other side's two, so that no wake-up is lost; see `Barrier`.
    _ = lk_fetch_add(word, number &- lk_load(word))
    if lk_fetch_add(parked, 0) > 0 { lk_unpark_all(word) }
  }

  /// Whether a party has come as far.
  package func has(_ party: Int, reached number: UInt32) -> Bool {
    Int32(bitPattern: lk_load(word(party)) &- number) >= 0
  }

  /// Waits until a party has come as far.
  package func wait(for party: Int, toReach number: UInt32) {
    for _ in 0..<spins {
      if has(party, reached: number) { return }
      lk_relax()
    }
    let word = word(party)
    _ = lk_fetch_add(parked, 1)
    while true {
      let current = lk_load(word)
      if Int32(bitPattern: current &- number) >= 0 { break }
      lk_park(word, current)
    }
    _ = lk_fetch_add(parked, UInt32.max)
  }
}
