import LockstepData

extension RunFolder {
  /// What the newest checkpoint that can be read says of the files of its data, which may be large, or gone by now; nil
  /// where there is none.
  var recordedPreprocessing: Preprocessing? {
    guard let checkpoints = try? CheckpointStore(folder: checkpointsFolder, keep: 1).list() else { return nil }
    for checkpoint in checkpoints.reversed() {
      guard let header = try? CheckpointFile.readHeader(checkpoint.path) else { continue }
      return header.metadata[Preprocessing.key].flatMap(Preprocessing.init)
    }
    return nil
  }
}
