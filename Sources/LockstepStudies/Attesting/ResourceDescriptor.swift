import LockstepFormats

/// A thing that a statement names — ResourceDescriptor of the in-toto attestation framework, v1
/// (https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md).
struct ResourceDescriptor {
  /// Unique in its list.
  var name: String
  var uri: String?
  /// SHA-256 of its bytes, in hexadecimal.
  var sha256: String?
  var mediaType: String?
  var annotations: JSONObject = [:]

  var json: JSONValue {
    var json: JSONObject = ["name": .string(name)]
    json["uri"] = uri.map { .string($0) }
    json["digest"] = sha256.map { ["sha256": .string($0)] }
    json["mediaType"] = mediaType.map { .string($0) }
    if !annotations.members.isEmpty { json["annotations"] = .object(annotations) }
    return .object(json)
  }
}
