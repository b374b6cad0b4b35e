import ArgumentParser
import Lockstep

/// What the commands have in common that measure a configuration on one number of threads: `diagnose`, `compare`,
/// `search`, `find-lr`.
struct MeasurementOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. No figure but times depends on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var result: ResultOptions

  var json: String? { result.json }
  var report: String? { result.report }
  var quiet: Bool { result.quiet }

  func validate() throws {
    try requirePositive(threads, "--threads")
  }

  func configurationOverrides() throws -> [ConfigurationOverride] { try result.overrides.values(threads: threads) }

  /// Reads the configuration `file`, opens its data, and says before anything is measured where a result could not be
  /// written.
  func configuration(
    _ file: String, unknown: RunConfiguration.DataSources.Unknown? = nil
  ) throws -> OpenedConfiguration {
    try result.configuration(file, threads: threads, unknown: unknown)
  }
}
