import ArgumentParser
import Lockstep

/// Where the commands that measure a configuration put what they have found: `diagnose`, `compare`, `search`,
/// `find-lr`, `scale`.
struct ResultOptions: ParsableArguments {
  @OptionGroup var overrides: Overrides

  @OptionGroup var places: ResultPlaces

  var json: String? { places.json }
  var report: String? { places.report }
  var quiet: Bool { places.quiet }

  /// Reads the configuration `file`, opens its data, and says before anything is measured where a result could not be
  /// written.
  func configuration(
    _ file: String, threads: Int? = nil, unknown: RunConfiguration.DataSources.Unknown? = nil
  ) throws -> OpenedConfiguration {
    let opened = try OpenedConfiguration(
      file: file, overrides: overrides.values(threads: threads), unknown: unknown)
    try places.check()
    return opened
  }
}
