import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepTraining

extension RunConfiguration {
  /// Opens the files of the data of a checkpoint's configuration, to be read as it has recorded.
  mutating func reopenFiles(_ checkpoint: String) throws(RunError) {
    guard let description = data.fileDescription(loss), let recorded = data.preprocessing else { return }
    do throws(DataFileError) { data.files = try FileData(opening: description, recorded: recorded) } catch {
      throw .input("\(checkpoint): the data of its run cannot be read: \(error)")
    }
  }
}

/// A checkpoint, and a trainer that holds its tensors and its training data: for whoever looks at a network that has
/// been trained.
struct RestoredTrainer {
  let checkpoint: LoadedCheckpoint
  let configuration: RunConfiguration
  let data: RunData
  let trainer: Trainer

  /// - Parameter threads: nil for the configured ones.
  /// - Throws: `RunError.input` where the file is damaged, not a checkpoint, or of another model than it says.
  init(checkpoint path: String, threads: Int?) throws(RunError) {
    let loaded = try TrainingRun.load(path)
    checkpoint = loaded.checkpoint
    var configuration = loaded.configuration
    try configuration.reopenFiles(path)
    if let threads { configuration.training.threads = .count(threads) }
    self.configuration = configuration
    data = try RunData(configuration)
    trainer = try TrainingRun.makeTrainer(configuration, data)
    let targets = trainer.tensors.map(TensorRecord.init)
    try asInput { [checkpoint] () throws(CheckpointError) in try checkpoint.copy(into: targets) }
  }
}
