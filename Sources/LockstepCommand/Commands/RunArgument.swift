import ArgumentParser
import Lockstep

/// Where runs stand unless another folder is said.
enum RunPlaces {
  static let standard = "runs"

  /// - Parameter command: which asks for a run.
  static func noRun(for command: String) -> RunError {
    .input(
      "\(standard): found no run there, expected one that lockstep train CONFIG has begun; those of another folder by lockstep \(command) FOLDER"
    )
  }
}

/// The run that a command takes.
struct RunArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The folder of a run. (default: in \(RunPlaces.standard), the one that began or went on last)"),
    completion: .directory)
  var folder: String?

  /// The folder; says which where it was chosen.
  func path(for command: String) throws -> String {
    if let folder {
      try requirePath(folder, "the folder of the run")
      return folder
    }
    guard let newest = try RunFolder.newest(in: RunPlaces.standard) else { throw RunPlaces.noRun(for: command) }
    Terminal.error("note: \(Display.whole(newest.path)): the newest run in \(RunPlaces.standard)")
    return newest.path
  }
}

/// Where a run that begins is written.
struct NewRunOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Folder of the run. (default: runs/<name of the run>, then runs/<name>-2, runs/<name>-3, …)",
      valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(
    name: .long,
    help:
      "Give up the run that stands in the output folder, without --output in runs/<name>: what it has written is removed, other files stay. On a terminal it is asked first."
  )
  var overwrite = false

  func validate() throws {
    if let output { try requirePath(output, "--output") }
  }

  /// - Parameter name: of the run.
  func folder(for name: String) throws(RunError) -> NewRunFolder {
    let standard = Self.standard(name)
    guard overwrite else { return output.map { .at($0) } ?? .numbered(standard) }
    let path = output ?? standard
    try Self.confirm(path)
    return .at(path, overwriting: true)
  }

  static func standard(_ name: String) -> String { "\(RunPlaces.standard)/\(name)" }

  /// Asks on a terminal whether the run at `path` is to be lost. Elsewhere the flag itself says so.
  private static func confirm(_ path: String) throws(RunError) {
    guard Terminal.canAsk, let run = try? RunRecord(path) else { return }
    // Whoever starts the run says so again, and for sure.
    if run.state == .running { return }
    let best = run.best.map { ", \($0.metric) \(Format.significant($0.value))" } ?? ""
    let what = "\(run.state.words), \(Format.count(run.steps)) \(Format.plural(run.steps, "step"))\(best)"
    guard Terminal.ask("\(Display.whole(path)): found a run (\(what)). Remove it?") else {
      throw RunError.input("\(path): the run stays as it is; choose another folder by --output")
    }
  }
}
