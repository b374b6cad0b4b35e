import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel

/// A first configuration for data in files: what its columns hold, which of them is learned, and a network that fits
/// their number.
///
/// ```swift
/// let proposal = try Proposal(file: "iris.csv", target: "species")
/// print(proposal.yaml)
/// ```
public struct Proposal: Sendable {
  /// What kind of answer is learned.
  public enum Task: String, Sendable, CaseIterable {
    /// One of several classes.
    case classification
    /// A number.
    case regression
  }

  /// The columns of a table, in its order; none of arrays.
  public let columns: [ProposedColumn]
  /// What was found and decided, in sentences.
  public let notes: [String]
  /// The configuration, with comments. Its paths are relative to the folder that it was made for.
  public let yaml: String
  /// What the configuration and its run are called: the file, without folder and ending.
  public let name: String

  /// - Parameters:
  ///   - path: a table (`.csv`, `.tsv`, `.txt`), an array (`.npy`, `.npz`, `.safetensors`) or images in the format of
  ///     MNIST, packed or not; or a folder of pictures, a subfolder a class.
  ///   - target: the column of the target, by name or number; beside `.npy` and images the file of the targets or
  ///     labels. Nil for the column that looks like one: by its name, or because it is the last.
  ///   - task: nil for what the target looks like.
  ///   - folder: where the configuration is to stand.
  /// - Throws: what is wrong with the file, or with learning that target from it.
  public init(file path: String, target: String? = nil, task: Task? = nil, in folder: String = ".")
    throws(ConfigurationErrors)
  {
    let survey = try DataSurvey(file: path, target: target)
    self = try survey.proposal(target: target, task: task, in: folder)
  }

  init(columns: [ProposedColumn], notes: [String], yaml: String, name: String) {
    (self.columns, self.notes, self.yaml, self.name) = (columns, notes, yaml, name)
  }
}

/// A file of data, looked at once, from which a `Proposal` is made when it is known what is to be learned.
public struct DataSurvey: Sendable {
  enum Content: Sendable {
    case table(TableSurvey)
    case arrays(ArraySurvey)
    case pictures(PictureSurvey)
  }

  /// The file.
  public let path: String
  let content: Content

  /// - Parameter target: as for a `Proposal`; beside arrays it names a file.
  /// - Throws: what is wrong with the file.
  public init(file path: String, target: String? = nil) throws(ConfigurationErrors) {
    self.path = path
    content = try asConfiguration { () throws(DataFileError) in try Self.content(path, target: target) }
  }

  private static func content(_ path: String, target: String?) throws(DataFileError) -> Content {
    guard path != ByteStream.standardInput else {
      throw DataFileError(path, found: "standard input", expected: "a file, which training reads again")
    }
    if PictureSurvey.isFolder(path) { return .pictures(try PictureSurvey(path)) }
    switch FileSource(path: path, like: nil) {
    case .csv?: return .table(try TableSurvey(path: path, target: target))
    case .pictures?:
      throw nothing(at: path)
        ?? DataFileError(path, found: "a picture alone", expected: "the folder of all, a subfolder a class")
    case .some(let source): return .arrays(try ArraySurvey(source, target: target))
    case nil:
      throw nothing(at: path)
        ?? DataFileError(
          path, found: "an ending that is that of no format",
          expected:
            ".csv, .tsv, .txt, .npy, .npz, .safetensors or -ubyte, packed by .gz or .zst or not, or a folder of pictures"
        )
    }
  }

  /// The error of a path at which nothing stands.
  private static func nothing(at path: String) -> DataFileError? {
    guard (try? Folder.item(at: path)) == .missing else { return nil }
    return DataFileError(path, found: "no such file or folder", expected: "one of data")
  }

  /// Whether a path is that of data: by its ending, or because it is a folder and not that of a run.
  public static func isData(_ path: String) -> Bool {
    FileSource(path: path, like: nil) != nil || PictureSurvey.isFolder(path)
  }

  /// The columns that could be learned, and the one that looks like it; nil of arrays, whose targets are a file, and of
  /// pictures, whose folders are their classes.
  public var targets: (names: [String], likely: String)? {
    guard case .table(let table) = content else { return nil }
    let columns = table.proposedColumns
    let candidates = columns.filter { $0.use == .feature }
    let words = ["target", "label", "class", "y", "outcome", "response", "species", "diagnosis"]
    let named = words.lazy.compactMap { word in candidates.last { $0.name.lowercased() == word } }.first
    guard let likely = named ?? candidates.last(where: { $0.missing == 0 }) ?? candidates.last else { return nil }
    return (candidates.map(\.name), likely.name)
  }

  /// - Parameters: as of `Proposal(file:target:task:in:)`.
  public func proposal(
    target: String? = nil, task: Proposal.Task? = nil, in folder: String = "."
  ) throws(ConfigurationErrors) -> Proposal {
    try asConfiguration { () throws(DataFileError) in
      switch content {
      case .table(let table): try table.proposal(target: target ?? targets?.likely, task: task, in: folder)
      case .arrays(let arrays): try arrays.proposal(path, task: task, in: folder)
      case .pictures(let pictures): try pictures.proposal(path, target: target, task: task, in: folder)
      }
    }
  }
}

/// Runs `body`; what it finds wrong with a file is wrong with the configuration that is to be made of it.
private func asConfiguration<Result>(_ body: () throws(DataFileError) -> Result) throws(ConfigurationErrors) -> Result {
  do throws(DataFileError) {
    return try body()
  } catch {
    throw ConfigurationErrors(
      ConfigurationError(
        at: ConfigurationLocation(
          source: Folder.shown(error.file), line: error.line, column: error.column ?? error.line.map { _ in 1 }),
        path: error.place,
        found: error.found, expected: error.expected, hint: error.hint))
  }
}
