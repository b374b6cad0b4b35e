import LockstepFormats
import LockstepTraining

/// All that the folder of a run tells of it, for whoever looks back: its log, its checkpoints and the newest of their
/// weights. Nothing is locked for longer than an instant, and nothing is changed; the run may be going on.
public struct RunHistory: Sendable {
  /// A file of the folder `checkpoints`.
  public struct Checkpoint: Sendable, Equatable {
    public var step: Int
    public var path: String
    public var bytes: Int
    /// What its header says; nil where that cannot be read.
    public var weightsDigest: String?
  }

  public let record: RunRecord
  /// Where the run stands.
  public var state: RunRecord.State { record.state }
  /// The lines of `metrics.jsonl` that are whole, in their order.
  public let lines: [MetricsLine]
  /// Oldest first.
  public let checkpoints: [Checkpoint]
  /// Of the newest checkpoint that can be read; empty where there is none.
  public let metadata: [String: String]
  /// Of the same checkpoint, if it is whole.
  public let weights: [WeightFigures]

  /// - Throws: `RunError.input` where `path` is not the folder of a run, or its configuration or log cannot be read.
  public init(_ path: String) throws(RunError) {
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    let record = try RunRecord(path)
    let lines = try asInput { () throws(FileError) in try MetricsLog.lines(folder.metricsFile) }
    var checkpoints: [Checkpoint] = []
    var newest: (path: String, metadata: [String: String])?
    for entry in (try? CheckpointStore(folder: folder.checkpointsFolder, keep: 1).list()) ?? [] {
      // One that goes away meanwhile is none.
      guard let file = try? FileDescriptor.reading(entry.path), let bytes = try? file.size else { continue }
      let header = try? CheckpointFile.readHeader(entry.path)
      if let header { newest = (entry.path, header.metadata) }
      checkpoints.append(
        Checkpoint(
          step: entry.step, path: entry.path, bytes: bytes,
          weightsDigest: header?.metadata[CheckpointKey.weightsDigest]))
    }
    (self.record, self.lines, self.checkpoints) = (record, lines, checkpoints)
    metadata = newest?.metadata ?? [:]
    weights = newest.flatMap { try? RestoredRun(checkpoint: $0.path).checkpoint }.map(WeightFigures.all) ?? []
  }
}
