import LockstepConfiguration
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

/// The most disk that the checkpoints of a run take, as if nothing could be compressed.
public struct DiskEstimate: Sendable, Equatable {
  /// Bytes of one checkpoint.
  public var checkpointBytes: Int
  /// The checkpoints that stand in the folder at the same time, by the reason why they stay; the one being written
  /// included.
  public var checkpoints: [Share]

  /// Checkpoints that stay for one reason.
  public struct Share: Sendable, Equatable {
    /// How many they are at most.
    public var count: Int
    /// The reason: `newest`, `of keep_every`, `best`, `to be taken back to`, `forked from`, `being written`.
    public var why: String
  }

  /// Number of checkpoints that stand in the folder at the same time.
  public var count: Int { checkpoints.reduce(0) { $0 + $1.count } }
  /// Bytes of all of them.
  public var bytes: Int { checkpointBytes * count }

  /// In words: `7 checkpoints of 10.4 KiB: 2 newest, 3 of keep_every, 1 best, 1 being written`.
  public var summary: String {
    let shares = checkpoints.map { "\(Format.count($0.count)) \($0.why)" }.joined(separator: ", ")
    return "\(Format.count(count)) checkpoints of \(Format.bytes(checkpointBytes)): \(shares)"
  }

  init(_ configuration: RunConfiguration, _ network: Network, isForked: Bool = false) {
    let slots = configuration.slotsBesideParameters
    let tensors = network.parameters.entries.count * (1 + slots) + network.runningStatistics.entries.count
    let elements = network.parameters.elements * (1 + slots) + network.runningStatistics.elements
    checkpointBytes =
      elements * MemoryLayout<Float>.stride + Self.headerBytes(configuration, tensors: tensors)
    let checkpoint = configuration.checkpoint
    let steps = configuration.totalSteps
    func due(_ interval: Interval) -> Int { steps / max(1, configuration.steps(in: interval)) }
    // The last step is saved though it may not be due.
    var shares = [Share(count: min(checkpoint.keep, (checkpoint.every.interval.map(due) ?? steps) + 1), why: "newest")]
    if let every = checkpoint.keepEvery { shares.append(Share(count: due(every), why: "of keep_every")) }
    if checkpoint.keepBest != nil { shares.append(Share(count: 1, why: "best")) }
    if case .restore(_, let tries) = configuration.training.onDivergence {
      // Those to which the run would be taken back, and the best ones of then.
      shares.append(
        Share(count: tries * (checkpoint.keepBest == nil ? 1 : 2), why: "to be taken back to"))
    }
    if isForked { shares.append(Share(count: 1, why: "forked from")) }
    checkpoints = shares.filter { $0.count > 0 } + [Share(count: 1, why: "being written")]
  }

  /// Most bytes that a checkpoint takes beside the numbers: names, shapes and places of its tensors, its texts, zstd's
  /// frame.
  private static func headerBytes(_ configuration: RunConfiguration, tensors: Int) -> Int {
    let preprocessing = configuration.data.preprocessing.map { JSONValue.object($0.json).text.utf8.count } ?? 0
    return (configuration.resolvedYAML.utf8.count + preprocessing) * 5 / 4 + tensors * 160 + 4096
  }

  /// A warning where the device of `folder` has less room than the run needs, of whose checkpoints `present` bytes
  /// stand there already; nil where it suffices or the system does not say.
  func warning(in folder: String, present: Int) -> String? {
    guard let free = Folder.freeBytes(at: folder), free < bytes - present else { return nil }
    return
      "\(folder): \(Format.bytes(free)) of disk are free, and the run may need \(Format.bytes(bytes - present)) more (\(summary)): "
      + "a smaller checkpoint.keep or a longer checkpoint.keep_every would take less"
  }
}
