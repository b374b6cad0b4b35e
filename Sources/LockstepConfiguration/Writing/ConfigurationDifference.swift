import LockstepTraining

/// A key in which two configurations differ.
public struct ConfigurationDifference: Sendable, Equatable, CustomStringConvertible {
  /// The key: keys and list indices joined by dots, as in `training.batch_size`.
  public var key: String
  /// Its value in the old configuration, as YAML; nil where it had none.
  public var old: String?
  /// Its value in the new configuration, as YAML; nil where it has none.
  public var new: String?
  /// Whether a run that went on with the new value would end with other bits.
  public var touchesBits: Bool

  package init(key: String, old: String?, new: String?, touchesBits: Bool) {
    self.key = key
    self.old = old
    self.new = new
    self.touchesBits = touchesBits
  }

  public var description: String {
    switch (old, new) {
    case (let old?, let new?): "\(key): \(old) → \(new)"
    case (nil, let new?): "\(key): \(new), new"
    case (let old?, nil): "\(key): \(old), gone"
    case (nil, nil): key
    }
  }
}

extension RunConfiguration {
  /// The keys in which this configuration differs from `old`, defaults included, in the order of the file.
  ///
  /// Another length of the run is reported, but does not count as touching bits: whoever changes it wants another
  /// horizon.
  public func differences(from old: RunConfiguration) -> [ConfigurationDifference] {
    var differences: [ConfigurationDifference] = []
    Self.compare(Encode.run(old), Encode.run(self), path: "", into: &differences)
    // Where a run ends that stops early follows from what it has been told; without the rule it goes on to its length.
    let watchesValidation =
      schedule.isPlateau || old.schedule.isPlateau || training.earlyStopping != nil
    let isTakenBack = training.onDivergence.isRestore && old.training.onDivergence.isRestore
    for i in differences.indices {
      differences[i].touchesBits = Self.touchesBits(
        differences[i].key, watchesValidation: watchesValidation, isTakenBack: isTakenBack)
      if differences[i].key == "training.early_stopping" { differences[i].touchesBits = training.earlyStopping != nil }
    }
    return differences
  }

  /// Every key that touches the bits, defaults included, and its value as YAML.
  package var bits: [(key: String, value: String)] {
    let watchesValidation = schedule.isPlateau || training.earlyStopping != nil
    return settings.map { ($0.key, $0.value.flow) }.filter {
      Self.touchesBits($0.key, watchesValidation: watchesValidation, isTakenBack: false)
    }
  }

  /// Every key that holds a value, as `--set` names it, in the order of the file, defaults included.
  package var settings: [(key: String, value: ResolvedValue)] {
    func leaves(_ value: ResolvedValue, _ path: String) -> [(key: String, value: ResolvedValue)] {
      switch value {
      case .mapping(let values): values.flatMap { leaves($0.value, Path.child($0.key, of: path)) }
      case .list(let values): values.indices.flatMap { leaves(values[$0], Path.child("\($0)", of: path)) }
      default: [(path, value)]
      }
    }
    return leaves(Encode.run(self), "")
  }

  /// - Parameters:
  ///   - watchesValidation: whether a schedule acts on what evaluation sees.
  ///   - isTakenBack: whether a run that diverges goes back to the checkpoints that are due.
  private static func touchesBits(_ key: String, watchesValidation: Bool, isTakenBack: Bool) -> Bool {
    func isIn(_ path: String) -> Bool { key == path || key.hasPrefix(path + ".") }
    if isIn("checkpoint.every") { return isTakenBack }
    if isIn("name") || isIn("checkpoint") || isIn("metrics") || isIn("logging") { return false }
    // A run that goes on does not read it again; the digest of what it held stands in the checkpoint.
    if isIn("model.weights") { return false }
    // As with the length: a run that has stopped early may be given more patience, and goes on as if it had had it from
    // the start.
    if isIn("training.early_stopping.patience") { return false }
    if isIn("training.threads") || isIn("training.accumulate") || isIn("training.steps") || isIn("training.epochs") {
      return false
    }
    // A file may be elsewhere: what it holds is compared by its fingerprint.
    let file = [
      "csv.path", "npy.features", "npy.targets", "npy.weights", "npz.path", "idx.images", "idx.labels",
      "safetensors.path", "pictures.path",
    ]
    if isIn("data"), file.contains(where: { key.hasSuffix(".\($0)") }) || key.contains(".cifar.files") { return false }
    // Evaluation only looks, unless a schedule acts on what it sees.
    if isIn("evaluation") || isIn("data.validation") { return watchesValidation }
    return true
  }

  private static func compare(
    _ old: ResolvedValue, _ new: ResolvedValue, path: String, into differences: inout [ConfigurationDifference]
  ) {
    if old == new { return }
    switch (old, new) {
    case (.mapping(let old), .mapping(let new)):
      for (key, value) in old {
        let keyPath = Path.child(key, of: path)
        if let other = new.first(where: { $0.key == key }) {
          compare(value, other.value, path: keyPath, into: &differences)
        } else {
          differences.append(ConfigurationDifference(key: keyPath, old: value.flow, new: nil, touchesBits: true))
        }
      }
      for (key, value) in new where !old.contains(where: { $0.key == key }) {
        differences.append(
          ConfigurationDifference(key: Path.child(key, of: path), old: nil, new: value.flow, touchesBits: true))
      }
    case (.list(let old), .list(let new)) where old.count == new.count:
      for i in old.indices { compare(old[i], new[i], path: Path.child("\(i)", of: path), into: &differences) }
    default:
      differences.append(ConfigurationDifference(key: path, old: old.flow, new: new.flow, touchesBits: true))
    }
  }
}

extension Schedule {
  package var isPlateau: Bool {
    if case .reduceOnPlateau = shape { true } else { false }
  }
}
