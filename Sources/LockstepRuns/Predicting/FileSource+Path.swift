import LockstepConfiguration
import LockstepData
import LockstepFormats

extension FileSource {
  /// The source that a path alone means, by its ending; `-` is a table on standard input. A second ending `.gz` or
  /// `.zst` is passed over.
  ///
  /// - Parameter model: the data of a run. Where it is of the same format, a table has its delimiter, header and
  ///   target, an archive or safetensors file its names of arrays, which are otherwise `x` and `y`.
  /// - Returns: nil where the ending is that of no format.
  public init?(path: String, like model: FileSource?) {
    var name = Folder.lastName(of: path).lowercased()
    for packing in [".gz", ".zst"] where name.hasSuffix(packing) { name.removeLast(packing.count) }
    func ends(_ endings: String...) -> Bool { endings.contains { name.hasSuffix($0) } }
    if path == ByteStream.standardInput || ends(".csv", ".tsv", ".txt") {
      var source = CSVSource(path: path, targets: [])
      if case .csv(let table)? = model { source = table }
      source.path = path
      if case .csv? = model {} else if ends(".tsv") { source.dialect.delimiter = "\t" }
      self = .csv(source)
    } else if ends(".npy") {
      self = .npy(features: path, targets: nil)
    } else if ends(".npz") {
      if case .npz(_, let features, let targets, _)? = model {
        self = .npz(path: path, features: features, targets: targets)
      } else {
        self = .npz(path: path, features: "x", targets: "y")
      }
    } else if ends(".safetensors") {
      if case .safetensors(_, let features, let targets, _)? = model {
        self = .safetensors(path: path, features: features, targets: targets)
      } else {
        self = .safetensors(path: path, features: "x", targets: "y")
      }
    } else if ends(".idx", "-ubyte", ".idx1", ".idx2", ".idx3") {
      self = .idx(images: path, labels: nil)
    } else {
      return nil
    }
  }
}

extension TrainedModel {
  /// The data that an argument of the command means: a path, or YAML as it stands under `data:` in a configuration.
  ///
  /// - Parameter label: what messages call it, such as `--data`.
  package static func source(
    _ argument: String, label: String, checkpoint path: String
  ) throws(RunError) -> DataSource {
    let isYAML = argument.contains("{") || argument.contains(": ")
    if !isYAML, FileSource(path: argument, like: nil) != nil {
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
