import LockstepConfiguration
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// The folder of a search: what is searched, and of each trial its run and its results. So a search that was stopped
/// goes on.
///
/// ```
/// search.json     what the trials follow from
/// trial-0001/     the run of a trial, see `RunFolder`, and in trial.json its results
/// best.yaml       the configuration of the best trial, once all are done
/// ```
struct SearchStore {
  private let folder: String

  /// Makes the folder if need be.
  ///
  /// - Parameter identity: what all trials follow from.
  /// - Throws: `RunError.input` where the folder holds a run, or another search.
  init(_ folder: String, of identity: [(key: String, value: String)]) throws(RunError) {
    self.folder = folder
    if try asInput({ () throws(FileError) in try Folder.item(at: "\(folder)/config.yaml") }) != .missing {
      throw .input(
        "\(folder): found the folder of a run (config.yaml), expected that of a search or none; choose another by --output"
      )
    }
    let path = "\(folder)/search.json"
    if let found = try asInput({ () throws(FileError) in try RunFolder.readJSON(path) }) {
      try Self.check(found, identity, path)
      return
    }
    try asInput { () throws(FileError) in try Folder.create(folder) }
    var json: JSONObject = [:]
    for (key, value) in identity { json[key] = .string(value) }
    try JSONFile.write(json, to: path)
  }

  private static func check(
    _ found: JSONObject, _ identity: [(key: String, value: String)], _ path: String
  ) throws(RunError) {
    let gone = found.members.map(\.name).filter { name in !identity.contains { $0.key == name } }
    for (key, value) in identity + gone.map({ ($0, nil) }) as [(String, String?)] {
      let old = found[key]?.string
      guard old != value else { continue }
      throw .input(
        "\(path): the search was begun with \(key): \(old ?? "none"), found \(key): \(value ?? "none"). "
          + "Take the old value to go on with it, or begin another search by --output.")
    }
  }

  /// The folder of a trial's run.
  func run(_ trial: Int) -> String { Self.run(trial, in: folder) }

  static func run(_ trial: Int, in folder: String) -> String {
    let digits = "\(trial)"
    return "\(folder)/trial-\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
  }

  /// The results of a trial that stand there already.
  ///
  /// - Throws: `RunError.input` where the file has been damaged: the run beside it may be past them.
  func results(_ trial: Int) throws(RunError) -> [Search.Result] {
    let path = "\(run(trial))/trial.json"
    if try asFailure({ () throws(FileError) in try Folder.item(at: path) }) == .missing { return [] }
    let json = try asFailure { () throws(FileError) in try RunFolder.readJSON(path) }
    let results = json?["results"]?.array?.map { $0.object.flatMap(Search.Result.init) }
    guard let results, !results.contains(where: { $0 == nil }) else {
      throw .input(
        "\(path): found no results of a trial, expected them; remove the folder \(run(trial)) to train it again")
    }
    return results.compactMap(\.self)
  }

  func keep(_ trial: Search.Trial) throws(RunError) {
    try JSONFile.write(trial.stored, to: "\(run(trial.number))/trial.json")
  }

  /// Writes the configuration of the best trial.
  func keep(best text: String) throws(RunError) { try ResultFile.write(text, to: "\(folder)/best.yaml") }
}
