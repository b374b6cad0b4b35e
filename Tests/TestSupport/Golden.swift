#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A value of a golden file: JSON, read by name and place.
///
/// The files lie in the folder that the environment variable `LOCKSTEP_GOLDEN` names, else in `Tests/Fixtures/golden`.
@dynamicMemberLookup
public enum Golden: Decodable, Sendable {
  case number(Double)
  case text(String)
  case list([Golden])
  case object([String: Golden])
  case nothing

  /// What was asked of a golden file and is not in it.
  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  /// Reads a file such as `activations.json`.
  public static func load(_ name: String) throws -> Golden {
    let path = folder + "/" + name
    let data = try Data(contentsOf: URL(filePath: path))
    return try JSONDecoder().decode(Golden.self, from: data)
  }

  public static var folder: String {
    if let folder = ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"], !folder.isEmpty { return folder }
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appending(path: "Fixtures/golden").path
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([Golden].self) {
      self = .list(value)
    } else if let value = try? container.decode([String: Golden].self) {
      self = .object(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else {
      self = .nothing
    }
  }

  /// A member of an object, `.nothing` where there is none.
  public subscript(key: String) -> Golden {
    if case .object(let members) = self { return members[key] ?? .nothing }
    return .nothing
  }

  public subscript(dynamicMember key: String) -> Golden { self[key] }

  /// The members of an object.
  public var members: [String: Golden] {
    if case .object(let members) = self { return members }
    return [:]
  }

  /// The elements of a list.
  public var elements: [Golden] {
    if case .list(let elements) = self { return elements }
    return []
  }

  public func number() throws -> Double {
    if case .number(let value) = self { return value }
    throw Missing(description: "expected a number in a golden file, found \(self)")
  }

  public func integer() throws -> Int { Int(try number()) }

  /// All numbers of nested lists, in row-major order.
  public func numbers() throws -> [Double] {
    switch self {
    case .number(let value): return [value]
    case .list(let elements): return try elements.flatMap { try $0.numbers() }
    default: throw Missing(description: "expected numbers in a golden file, found \(self)")
    }
  }

  /// The same, rounded to float32.
  public func floats() throws -> [Float] { try numbers().map { Float($0) } }
}
