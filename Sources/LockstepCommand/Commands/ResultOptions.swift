import ArgumentParser
import Lockstep

/// Where the commands that measure a configuration put what they have found: `diagnose`, `compare`, `search`,
/// `find-lr`, `scale`.
struct ResultOptions: ParsableArguments {
  @OptionGroup var overrides: Overrides

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"), completion: .file())
  var json: String?

  @Option(name: .long, help: ArgumentHelp("Also write a page with charts.", valueName: "file"), completion: .file())
  var report: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  /// Reads the configuration `file`, opens its data, and says before anything is measured where a result could not be
  /// written.
  func configuration(
    _ file: String, threads: Int? = nil, unknown: RunConfiguration.DataSources.Unknown? = nil
  ) throws -> OpenedConfiguration {
    let opened = try OpenedConfiguration(
      file: file, overrides: overrides.values(threads: threads), unknown: unknown)
    try checkPlaces()
    return opened
  }

  /// Throws where a result could not be written.
  func checkPlaces() throws {
    if let json { try requireWritable(json, "--json") }
    if let report { try requireWritable(report, "--report") }
  }
}
