import LockstepKernels

// What TensorBoard's table of hyperparameters reads: with which settings a run began, and how it ended. Its metrics are
// the scalars of the runs in the folders beside the file.
extension Event {
  /// That a run begins now with `settings`: numbers, truth values and texts by their names; others are left out.
  package static func sessionStart(_ settings: [(name: String, value: JSONValue)]) throws(FileError) -> [UInt8] {
    var start = Tensorboard_HParams.Start()
    start.startTimeSecs = WallClock.seconds()
    for (name, value) in settings {
      var entry = Tensorboard_HParams.Setting()
      if let truth = value.bool {
        entry.boolValue = truth
      } else if let number = value.number {
        entry.numberValue = number
      } else if let text = value.string {
        entry.stringValue = text
      } else {
        continue
      }
      start.hparams[name] = entry
    }
    return try record("_hparams_/session_start_info", .sessionStartInfo(start))
  }

  /// That the run has come to its end now, or has failed.
  package static func sessionEnd(hasFailed: Bool) throws(FileError) -> [UInt8] {
    var end = Tensorboard_HParams.End()
    (end.status, end.endTimeSecs) = (hasFailed ? .failure : .success, WallClock.seconds())
    return try record("_hparams_/session_end_info", .sessionEndInfo(end))
  }

  private static func record(
    _ tag: String, _ data: Tensorboard_HParams.OneOf_Data
  ) throws(FileError) -> [UInt8] {
    var value = Tensorboard_Summary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "hparams"
    value.metadata.pluginData.content.data = data
    // TensorFlow's number of float32.
    value.tensor.dtype = 1
    value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    value.tensor.floatVal = [0]
    return try record(value, at: 0)
  }
}
