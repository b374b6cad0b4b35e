import LockstepFormats
import LockstepRuns
import LockstepTraining

/// Everything that the folder of a run holds: what `RunRecord` reads, the log, the checkpoints, and the weights of the
/// newest. Nothing is changed, nor locked for longer than an instant; the run may be going on.
public struct RunHistory: Sendable {
  /// A checkpoint of the run.
  public struct Checkpoint: Sendable, Equatable {
    /// How many steps had been done when it was saved, by its file's name.
    public var step: Int
    /// The file.
    public var path: String
    /// Size of the file.
    public var bytes: Int
    /// SHA-256 of its tensors' bytes as its header says, not verified; nil where the header cannot be read.
    public var weightsDigest: String?
  }

  /// Configuration, state, summary and evaluations.
  public let record: RunRecord
  /// Whether the run is going on, or how it ended.
  public var state: RunRecord.State { record.state }
  /// The lines of `metrics.jsonl` that are whole, in their order.
  public let lines: [MetricsLine]
  /// All checkpoints, oldest first.
  public let checkpoints: [Checkpoint]
  /// The texts of the newest checkpoint whose header can be read; empty where there is none.
  public let metadata: [String: String]
  /// Figures of that checkpoint's weights; empty unless it is whole.
  public let weights: [WeightFigures]
  /// That checkpoint, where it is whole.
  private let newest: RestoredRun?

  /// Reads the folder `path`.
  ///
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
    self.newest = newest.flatMap { try? RestoredRun(checkpoint: $0.path) }
    weights = self.newest.map { WeightFigures.all(in: $0.checkpoint) } ?? []
  }

  /// What that checkpoint's network makes of pictures, for which the data is opened; nil where the run is not one of
  /// images, or the checkpoint not whole.
  package var pictures: RunPictures? { newest.flatMap { RunPictures($0) } }
}
