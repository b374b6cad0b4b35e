import Foundation
import Testing

/// A folder of its own for one test, with a configuration in it; removed afterwards.
public final class Place {
  public let folder: String

  /// - Parameter configuration: what `config.yaml` holds.
  public init(_ configuration: String = Configurations.full) throws {
    folder = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(configuration, to: "config.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The whole path of `name` in this folder.
  public func path(_ name: String) -> String { "\(folder)/\(name)" }

  public func lockstep(_ arguments: String..., environment: [String: String] = [:]) throws -> Tool.Outcome {
    try Tool.run(arguments, in: folder, environment: environment)
  }

  /// A call that must end with status 0.
  @discardableResult
  public func succeed(_ arguments: String..., location: SourceLocation = #_sourceLocation) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(outcome)", sourceLocation: location)
    return outcome
  }

  /// A call that must end with `status`, nothing on standard output, all of `words` in its errors, and every file as it
  /// was.
  @discardableResult
  public func refuse(
    _ arguments: [String], status: Int32 = 2, _ words: [String], location: SourceLocation = #_sourceLocation
  ) throws -> Tool.Outcome {
    let before = try bytes()
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == status, "\(arguments): \(outcome)", sourceLocation: location)
    #expect(outcome.output == "", "\(arguments)", sourceLocation: location)
    for word in words {
      #expect(outcome.errors.contains(word), "\(arguments): no \(word) in: \(outcome.errors)", sourceLocation: location)
    }
    let after = try bytes()
    #expect(Set(before.keys) == Set(after.keys), "\(arguments): files came or went", sourceLocation: location)
    for (name, content) in before {
      #expect(after[name] == content, "\(arguments): \(name) has changed", sourceLocation: location)
    }
    return outcome
  }

  /// Every file's bytes by its name; folders too, without bytes.
  public func bytes() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      files[name] = FileManager.default.contents(atPath: path(name)) ?? Data()
    }
    return files
  }

  public func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }
  public func write(_ data: Data, to name: String) throws { try data.write(to: URL(filePath: path(name))) }
  public func read(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }
  public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }
  public func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: path(name), toPath: path(other))
  }

  /// Checkpoints of the run in `run`, oldest first.
  public func checkpoints(_ run: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path("\(run)/checkpoints")).sorted().map {
      "\(run)/checkpoints/\($0)"
    }
  }

  /// `summary.json` of the run in `run`.
  public func summary(_ run: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: read("\(run)/summary.json")) as? [String: Any] ?? [:]
  }

  /// The lines of the run's `metrics.jsonl`.
  public func metrics(_ run: String) throws -> [[String: Any]] {
    try String(decoding: read("\(run)/metrics.jsonl"), as: UTF8.self).split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }
}
