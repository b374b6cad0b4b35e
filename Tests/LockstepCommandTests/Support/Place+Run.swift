import TestSupport
import Testing

extension Place {
  /// With the run `a` of the full configuration, every sixth step of which is kept.
  static func keepingCheckpoints() throws -> Place {
    let place = try Place(Configurations.full)
    try place.succeed(
      "train", "config.yaml", "--output", "a", "--quiet", "--set", "checkpoint={every: {steps: 6}, keep: 9}")
    return place
  }
}
