import ArgumentParser
import Lockstep

/// Where a command puts what it has found, beside the terminal: `explain`, and all that measure a configuration.
struct ResultPlaces: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"), completion: .file())
  var json: String?

  @Option(name: .long, help: ArgumentHelp("Also write a page with charts.", valueName: "file"), completion: .file())
  var report: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  /// Throws where a result could not be written.
  func check() throws {
    if let json { try requireWritable(json, "--json") }
    if let report { try requireWritable(report, "--report") }
  }
}
