import ArgumentParser
import Lockstep

/// What the commands have in common that measure a configuration and save no run: `diagnose`, `compare`, `find-lr`.
struct MeasurementOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. No figure but times depends on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var overrides: Overrides

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"))
  var json: String?

  @Option(name: .long, help: ArgumentHelp("Also write a page with charts.", valueName: "file"))
  var report: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): expected at least 1.") }
  }

  func configurationOverrides() throws -> [ConfigurationOverride] { try overrides.values(threads: threads) }

  /// Reads the configuration `file`, and says before anything is measured where a result could not be written.
  func configuration(_ file: String) throws -> RunConfiguration {
    let configuration = try RunConfiguration(file: file, overrides: configurationOverrides())
    if let json { try requireWritable(json, "--json") }
    if let report { try requireWritable(report, "--report") }
    return configuration
  }
}
