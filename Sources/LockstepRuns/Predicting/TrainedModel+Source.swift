import LockstepConfiguration
import LockstepData
import LockstepFormats

extension TrainedModel {
  /// The data that an argument of the command means: a path, or YAML as it stands under `data:` in a configuration.
  ///
  /// - Parameter label: what messages call it, such as `--data`.
  package static func source(
    _ argument: String, label: String, checkpoint path: String
  ) throws(RunError) -> DataSource {
    let isYAML = argument.contains("{") || argument.contains(": ")
    if !isYAML, FileSource(path: argument, like: nil) != nil || (try? Folder.item(at: argument)) == .folder {
      let header = try asInput { () throws(CheckpointError) in
        try CheckpointFile.readHeader(path, verifyingSeal: true)
      }
      let trained = try RunConfiguration(of: header, path).data.train.file
      if let source = FileSource(path: argument, like: trained) { return .file(source) }
    }
    let source = try asInput { () throws(ConfigurationErrors) in
      try DataSource(yaml: argument, label: label, defaultSplit: RunConfiguration.Defaults.validationSplit)
    }
    // {csv: {path: "-"}}, unless there is a file of that name.
    guard case .file(.csv(let table)) = source, table.path == Folder.absolute(ByteStream.standardInput),
      (try? Folder.item(at: table.path)) == .missing
    else { return source }
    return .file(.csv(table.renamed(ByteStream.standardInput)))
  }
}
