import LockstepFormats
import LockstepRuns

/// What a model came of: an in-toto Statement v1 (https://in-toto.io/Statement/v1) with SLSA provenance v1
/// (https://slsa.dev/provenance/v1). It is not signed.
public struct ProvenanceStatement: Sendable, Equatable {
  /// All of it.
  public let json: JSONObject

  /// `_type`.
  static let type = "https://in-toto.io/Statement/v1"
  /// `predicateType`.
  static let predicateType = "https://slsa.dev/provenance/v1"
  /// `buildType`: what the parameters mean, docs/attest.md says.
  static let buildType = "lockstep:training/v1"
  /// `builder.id`: whoever holds the machine. Who that is says a signature.
  static let builder = "lockstep:train"

  /// A statement about `subject`.
  init(subject: [ResourceDescriptor], buildDefinition: JSONObject, runDetails: JSONObject) {
    json = [
      "_type": .string(Self.type), "subject": .array(subject.map(\.json)),
      "predicateType": .string(Self.predicateType),
      "predicate": ["buildDefinition": .object(buildDefinition), "runDetails": .object(runDetails)],
    ]
  }

  /// The file's text: JSON, equal for equal statements.
  public var text: String { JSONValue.object(json).prettyText + "\n" }

  /// SHA-256 of that text.
  public var digest: String { SHA256Digest.hexadecimal(of: Array(text.utf8)) }

  /// The program that has written it.
  var program: JSONValue? {
    json["predicate"]?.object?["runDetails"]?.object?["builder"]?.object?[Self.programKey]
  }

  /// All of it but the program that has written it.
  var claims: JSONObject {
    guard var predicate = json["predicate"]?.object, var details = predicate["runDetails"]?.object,
      var builder = details["builder"]?.object
    else { return json }
    builder[Self.programKey] = nil
    details["builder"] = .object(builder)
    predicate["runDetails"] = .object(details)
    var claims = json
    claims["predicate"] = .object(predicate)
    return claims
  }

  static let programKey = "builderDependencies"

  /// SHA-256 of the thing called `name` among what the model came of; nil where that is not told.
  package func sha256(of name: String) -> String? {
    let definition = json["predicate"]?.object?["buildDefinition"]?.object
    let thing = definition?["resolvedDependencies"]?.array?.first { $0.object?["name"]?.string == name }
    return thing?.object?["digest"]?.object?["sha256"]?.string
  }

  /// Reads a statement that `lockstep attest` has written.
  ///
  /// - Throws: `RunError.input` where it is none, or not the text that was written.
  public init(file path: String) throws(RunError) {
    let bytes = try asInput { () throws(FileError) in
      let file = try FileDescriptor.reading(path)
      // One byte more than is parsed tells a file that is too long, however long.
      var bytes = [UInt8](repeating: 0, count: JSONValue.longestText + 1)
      bytes.removeLast(bytes.count - (try file.read(into: &bytes)))
      return bytes
    }
    let json: JSONObject?
    do throws(JSONError) { json = try JSONValue(parsing: bytes).object } catch {
      throw .input("\(path): found no JSON (\(error)), expected a statement that lockstep attest has written")
    }
    for (key, expected) in [("_type", Self.type), ("predicateType", Self.predicateType)] {
      guard json?[key]?.string == expected else {
        let found = json?[key].map { Display.plain($0.text) } ?? "none"
        throw .input("\(path): \(key): found \(found), expected \"\(expected)\" as lockstep attest writes it")
      }
    }
    self.json = json ?? [:]
    if !bytes.elementsEqual(text.utf8) {
      throw .input(
        "\(path): found its values written in another way, expected the text that lockstep attest has written, byte for byte"
      )
    }
  }
}
