import LockstepFormats

/// Samples that stand in a file, or in a few of them. `targets` is nil where only the features are read, as for
/// predictions; `weights`, which only training reads, is nil where all samples have the weight 1.
public enum FileSource: Sendable, Equatable {
  /// A table of text.
  case csv(CSVSource)
  /// NumPy arrays, each in a file of its own.
  case npy(features: String, targets: String?, weights: String? = nil)
  /// Arrays of a NumPy archive, by name.
  case npz(path: String, features: String, targets: String?, weights: String? = nil)
  /// Files in the format of MNIST. Unsigned bytes, the pixels of images, are divided by 255.
  case idx(images: String, labels: String?)
  /// Pictures in the binary version of CIFAR-10 or CIFAR-100, several files as one, channels last, divided by 255.
  /// Classes are called as `batches.meta.txt` or `fine_label_names.txt` beside the first file says, where it is there.
  case cifar(files: [String], labels: CIFARLabels = .fine)
  /// Tensors of a safetensors file, by name.
  case safetensors(path: String, features: String, targets: String?, weights: String? = nil)
  /// A folder of pictures, a subfolder a class.
  case pictures(PictureSource)

  /// Which of the two labels of CIFAR-100 is learned.
  public enum CIFARLabels: String, Sendable, CaseIterable {
    /// The one of CIFAR-10, or one of 100.
    case fine
    /// One of the 20 that those of CIFAR-100 belong to.
    case coarse
  }

  /// The key that configurations use.
  package var kind: String {
    switch self {
    case .csv: "csv"
    case .npy: "npy"
    case .npz: "npz"
    case .idx: "idx"
    case .cifar: "cifar"
    case .safetensors: "safetensors"
    case .pictures: "pictures"
    }
  }

  /// The files, with the keys that name them.
  package var files: [(key: String, path: String)] {
    switch self {
    case .csv(let source): [("path", source.path)]
    case .npy(let features, let targets, let weights):
      [("features", features)] + (targets.map { [("targets", $0)] } ?? []) + (weights.map { [("weights", $0)] } ?? [])
    case .npz(let path, _, _, _), .safetensors(let path, _, _, _): [("path", path)]
    case .pictures(let source): [("path", source.path)]
    case .idx(let images, let labels): [("images", images)] + (labels.map { [("labels", $0)] } ?? [])
    case .cifar(let files, _): files.enumerated().map { ("files.\($0)", $1) }
    }
  }

  /// Whether its columns are taken by the settings of `other`, wherever the files stand and however samples are
  /// weighted.
  func isRead(as other: FileSource) -> Bool {
    switch (self, other) {
    case (.csv(let table), .csv(var former)):
      (former.path, former.weight) = (table.path, table.weight)
      return table == former
    case (.pictures(let pictures), .pictures(var former)):
      former.path = pictures.path
      return pictures == former
    case (.cifar(_, let labels), .cifar(_, let others)): return labels == others
    default: return kind == other.kind
    }
  }

  /// Whether the file at `path` is one of its own, by whatever name.
  package func reads(_ path: String) -> Bool {
    files.contains { Folder.isSame($0.path, path) }
  }

  /// This source without its targets and weights.
  package var withoutTargets: FileSource {
    switch self {
    case .csv, .cifar, .pictures: self
    case .npy(let features, _, _): .npy(features: features, targets: nil)
    case .npz(let path, let features, _, _): .npz(path: path, features: features, targets: nil)
    case .idx(let images, _): .idx(images: images, labels: nil)
    case .safetensors(let path, let features, _, _): .safetensors(path: path, features: features, targets: nil)
    }
  }
}

/// A table of text, a row a sample: RFC 4180, also packed by gzip or zstd.
public struct CSVSource: Sendable, Equatable {
  /// `-` is standard input, which can be read once: for samples to predict or to evaluate on.
  public var path: String
  /// The column of the class, or those of the numbers or labels to be learned.
  public var targets: [ColumnReference]
  /// Whether the first row holds the columns' names.
  public var hasHeader: Bool
  /// How its cells are written.
  public var dialect: CSVDialect
  /// Columns of categories, whatever they look like. A column in which no cell is a number is one without being named.
  public var categorical: [ColumnReference]
  /// Columns that are not looked at.
  public var ignored: [ColumnReference]
  /// The column of the samples' weights, which their loss is multiplied by in training; it is no feature.
  public var weight: ColumnReference?

  /// Nothing is opened here.
  public init(
    path: String, targets: [ColumnReference], hasHeader: Bool = true, dialect: CSVDialect = CSVDialect(),
    categorical: [ColumnReference] = [], ignored: [ColumnReference] = [], weight: ColumnReference? = nil
  ) {
    (self.path, self.targets, self.hasHeader, self.dialect) = (path, targets, hasHeader, dialect)
    (self.categorical, self.ignored, self.weight) = (categorical, ignored, weight)
  }

  /// This table under another path, which is what messages call its file.
  package func renamed(_ path: String) -> CSVSource {
    var source = self
    source.path = path
    return source
  }
}

/// A column of a table, by its name or its number.
public enum ColumnReference: Sendable, Equatable, CustomStringConvertible {
  /// As the header spells it.
  case name(String)
  /// From 0; −1 is the last.
  case index(Int)

  /// Names are equal where their bytes are.
  public static func == (a: ColumnReference, b: ColumnReference) -> Bool {
    switch (a, b) {
    case (.name(let a), .name(let b)): a.utf8.elementsEqual(b.utf8)
    case (.index(let a), .index(let b)): a == b
    default: false
    }
  }

  public var description: String {
    switch self {
    case .name(let name): Display.quoted(name)
    case .index(let index): "\(index)"
    }
  }
}
