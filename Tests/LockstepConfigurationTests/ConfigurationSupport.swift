import LockstepConfiguration
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is wrong with `yaml`, a line an error; empty if nothing is.
func messages(_ yaml: String, set overrides: [String] = []) -> [String] {
  do throws(ConfigurationErrors) {
    var parsed: [ConfigurationOverride] = []
    for override in overrides { parsed.append(try ConfigurationOverride(override)) }
    _ = try RunConfiguration(yaml: yaml, file: "tiny.yaml", overrides: parsed)
    return []
  } catch {
    return error.errors.map(\.description)
  }
}

/// The repository, found from this file.
let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

/// The shipped configurations, by path.
func shippedConfigurations() throws -> [String] {
  try ["configs", "configs/bench"].flatMap { folder in
    try FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)").sorted()
      .filter { $0.hasSuffix(".yaml") }.map { "\(repository)/\(folder)/\($0)" }
  }
}
