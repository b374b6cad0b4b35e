import LockstepFormats
import LockstepKernels
import LockstepModel

// What ranks have in common, and what each of them has for itself.
extension Trainer {
  /// Gives all ranks the tensors as they are here: to be done once `tensors` have been overwritten. A trainer that is
  /// alone has nobody to give them to.
  package func publish() {
    ranks?.tell(.takeTensors)
    takeTensors()
  }

  /// Every rank takes part in it.
  func takeTensors() {
    guard let ranks else { return }
    coordinator.bounds = .unknown
    ranks.give(coordinator.parameters.all, from: 0)
    ranks.give(coordinator.running.all, from: 0)
    if let average = coordinator.average { ranks.give(average.all, from: 0) }
    let slots = coordinator.optimizerSlots.indices.compactMap { source(of: .slot($0)) }
    for slot in slots { slot.deal() }
    ranks.communicator.complete()
    for slot in slots { slot.releaseOthers() }
  }

  /// Gives all ranks the running statistics of rank 0; every rank takes part in it.
  func takeStatistics() { coordinator.exchange.share { $0.give(coordinator.running.all, from: 0) } }

  /// nil where the trainer is alone.
  func source(of tensor: SharedTensor) -> SharedElements? {
    guard let ranks else { return nil }
    switch tensor {
    case .slot(let index): return SharedElements(ranks: ranks, tensor: tensor, arena: coordinator.optimizerSlots[index])
    case .average: return coordinator.average.map { SharedElements(ranks: ranks, tensor: tensor, arena: $0) }
    }
  }

  /// Throws where a rank has other parameters or running statistics than this one: one of the machines, or the way
  /// between them, has changed bits.
  package func compareRanks() throws(TrainingError) {
    guard let ranks else { return }
    ranks.tell(.digest)
    let digests = digests(ranks)
    let others = ranks.communicator.others.filter { digests[$0] != digests[0] }
    guard !others.isEmpty else { return }
    // Where most agree, they are right.
    let most = digests.max { a, b in digests.count { $0 == a } < digests.count { $0 == b } }
    let odd = digests.indices.filter { digests[$0] != most }
    throw .ranksDiffer(
      step: state.step, ranks: (odd.isEmpty ? Array(others) : odd).map(ranks.communicator.name))
  }

  /// Of all ranks, in order; every rank takes part in it.
  func digests(_ ranks: Ranks) -> [[UInt64]] {
    var digest = SHA256Digest()
    for arena in [coordinator.parameters, coordinator.running] { arena.all.withBytes { digest.update($0) } }
    let bytes = digest.finish()
    let words = bytes.count / 8
    let all = Slots<UInt64>(repeating: 0, count: ranks.count * words)
    for (index, byte) in bytes.enumerated() {
      all[ranks.rank * words + index / 8] |= UInt64(byte) << (8 * (index % 8))
    }
    ranks.communicator.share(all) { $0 * words..<($0 + 1) * words }
    ranks.communicator.complete()
    return (0..<ranks.count).map { rank in (0..<words).map { all[rank * words + $0] } }
  }
}
