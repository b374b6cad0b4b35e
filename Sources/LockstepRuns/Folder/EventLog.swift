import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// What TensorBoard shows of a run, laid out and named as Keras 3's callback does: the figures of training, of the
/// layers and histograms in `tensorboard/train`, those of validation in `tensorboard/validation`, under the same tags,
/// so that they lie on one chart; and the settings beside both.
///
/// Source: keras/src/callbacks/tensorboard.py, https://github.com/keras-team/keras
final class EventLog: Sendable {
  private let train: EventFolder
  private let validation: EventFolder
  private let settings: String
  /// What the file of settings begins with.
  private let beginning: [UInt8]

  /// Goes on with the events that stand in `folder`, or, where there are none, with those that the log at the path
  /// `log` makes.
  ///
  /// - Parameter state: where the run stands; nil for one that begins.
  init(
    _ folder: String, log: String, after state: RunState?, _ configuration: RunConfiguration
  ) throws(FileError) {
    try Folder.createOwn(folder)
    try EventFolder.removeTemporaries(in: folder)
    func open(_ name: String) throws(FileError) -> EventFolder {
      try EventFolder("\(folder)/\(name)", after: state?.trainer.step ?? 0) { state?.includes(name, at: $0) == true }
    }
    (train, validation) = (try open("train"), try open("validation"))
    settings = "\(folder)/\(EventFolder.prefix)settings"
    beginning = try Event.version() + Event.sessionStart(configuration.settings.map { ($0.key, $0.value.json) })
    try TemporaryFile.replace(settings, with: beginning)
    let new = [train, validation].filter(\.isNew)
    if !new.isEmpty {
      try MetricsLog.forEachLine(log) { (line) throws(FileError) in
        if new.contains(where: { $0 === events(of: line) }) { try append(line) }
      }
    }
  }

  private func events(of line: MetricsLine) -> EventFolder { line.event == "validation" ? validation : train }

  /// Adds the numbers of a line of the log.
  func append(_ line: MetricsLine) throws(FileError) { try events(of: line).append(try Event.records(of: line)) }

  /// Adds a histogram of every tensor, `weights/dense0.weight` where `kind` is `weights`.
  func append(_ kind: String, of tensors: [Tensor], at step: Int) throws(FileError) {
    for tensor in tensors { try train.append(Event.record(of: tensor, kind, at: step)) }
  }

  /// Waits until the device holds every event.
  func synchronize() throws(FileError) {
    try train.synchronize()
    try validation.synchronize()
  }

  /// Removes the events that came after `state`, to which the run is taken back.
  func goBack(to state: RunState) throws(FileError) {
    try train.goBack(to: state.trainer.step) { state.includes("train", at: $0) }
    try validation.goBack(to: state.trainer.step) { state.includes("validation", at: $0) }
  }

  /// Says beside the settings that the run has come to its end, or has failed.
  func end(hasFailed: Bool) throws(FileError) {
    try TemporaryFile.replace(settings, with: beginning + Event.sessionEnd(hasFailed: hasFailed))
  }

  /// Removes the files of events in `folder`, and the folder if nothing else is in it.
  static func remove(_ folder: String) throws(FileError) {
    for name in ["train", "validation"] { try EventFolder.remove("\(folder)/\(name)") }
    try Folder.removeFile("\(folder)/\(EventFolder.prefix)settings")
    // Those of earlier versions, which had but one folder.
    try EventFolder.remove(folder)
  }
}
