import LockstepFormats
import LockstepRuns

/// Whether each of a run's checkpoints holds the digest of the one before it, so that the digest of the last vouches
/// for all.
struct CheckpointChain {
  /// What is not as the links say, a sentence each.
  private(set) var findings: [String] = []
  /// Where links are missing that no one has changed.
  private(set) var notes: [String] = []

  /// - Parameter records: the checkpoints of a run, in the order of their steps.
  init(_ records: [CheckpointRecord]) {
    if records.count > 1, records.allSatisfy({ $0.predecessor == nil }) {
      notes.append("there is no chain: the checkpoints do not hold the digest of the one before")
      return
    }
    for (earlier, later) in zip(records, records.dropFirst()) {
      guard let link = later.predecessor else {
        notes.append("\(later.path): does not say what checkpoint was before it")
        continue
      }
      if link.step > earlier.step { continue }
      if link != CheckpointLink(step: earlier.step, weightsDigest: earlier.weightsDigest) {
        findings.append(
          "\(later.path): it came after a checkpoint of step \(link.step) with the digest \(link.weightsDigest), found step \(earlier.step) with \(earlier.weightsDigest)"
        )
      }
    }
    let gaps = zip(records, records.dropFirst()).filter { earlier, later in
      later.predecessor.map { $0.step > earlier.step } ?? false
    }
    if let first = gaps.first {
      let count = gaps.count
      notes.append(
        "the chain has \(count) \(Format.plural(count, "gap")), where checkpoints were not kept: the first between steps \(first.0.step) and \(first.1.step)"
      )
    }
  }
}
