import LockstepFormats

extension FileSource {
  /// The source that a path alone means, by its ending; `-` is a table on standard input. A second ending `.gz` or
  /// `.zst` is passed over. Beside a run on pictures a folder is one of pictures.
  ///
  /// - Parameter model: the data of a run. Where it is of the same format, a table has its delimiter, header and
  ///   target, an archive or safetensors file its names of arrays, which are otherwise `x` and `y`; and pictures are
  ///   brought to their size in the same way.
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
    } else if case .pictures(var pictures)? = model,
      (try? Folder.item(at: path)) == .folder || PictureFolder.isPicture(path)
    {
      pictures.path = path
      self = .pictures(pictures)
    } else if PictureFolder.isPicture(path) {
      self = .pictures(PictureSource(path: path))
    } else if ends(".idx", "-ubyte", ".idx1", ".idx2", ".idx3") {
      self = .idx(images: path, labels: nil)
    } else if ends(".bin") {
      if case .cifar(_, let labels)? = model {
        self = .cifar(files: [path], labels: labels)
      } else {
        self = .cifar(files: [path])
      }
    } else {
      return nil
    }
  }
}

extension FileSource {
  /// Whether it is a table on standard input, which can be read once.
  package var isStandardInput: Bool {
    if case .csv(let table) = self { table.path == ByteStream.standardInput } else { false }
  }
}
