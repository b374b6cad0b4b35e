import LockstepFormats
import LockstepKernels

/// What the bits of a run depend on besides its configuration: the arithmetic of processor and program, found by
/// computing fixed things with it, part by part: every product, activation, layer, loss, optimizer, initializer,
/// schedule, generator.
///
/// A checkpoint carries it. Going on elsewhere is exact where every part that both know is the same, whatever the names
/// of processor, instruction set and system.
package struct ArithmeticFingerprint: Sendable, Equatable {
  /// Of every part, the first 16 digits of the SHA-256 of what it gave.
  package var parts: [String: String]
  /// The instruction set that computed it, such as `x86-64-v4`: for people, nothing follows from it.
  package var instructionSet: String
  /// What stands in the parts' place in checkpoints of before there were any: one digest of everything.
  package var former: String?

  /// A fingerprint that was measured elsewhere.
  package init(parts: [String: String], instructionSet: String, former: String? = nil) {
    (self.parts, self.instructionSet, self.former) = (parts, instructionSet, former)
  }

  /// The fingerprint of this process, measured once.
  package static let current = ArithmeticFingerprint(
    parts: results().parts.mapValues { String(SHA256Digest.hexadecimal(of: $0).prefix(16)) },
    instructionSet: Processor.instructionSet)

  /// The SHA-256 of all parts in the order of their names.
  package var digest: String {
    let lines = parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    return SHA256Digest.hexadecimal(of: Array(lines.joined().utf8))
  }

  /// The former digest of the arithmetic with fused multiply-add, which is the present one.
  private static let formerDigest = "c624864509a6fd650213c3f76b0e39b0cb98c101dd0b928c27ce6e01c286a762"

  /// In what `other`, the fingerprint of a checkpoint, differs from this one, as a sentence; nil where going on from it
  /// gives the bits of a run that was never stopped.
  package func difference(from other: ArithmeticFingerprint) -> String? {
    if let former = other.former {
      if former == Self.formerDigest, ArithmeticProbe.fusesMultiplyAdd { return nil }
      return
        "it was computed (\(other.instructionSet), \(former.prefix(16))…) by an earlier version of Lockstep, with an "
        + "arithmetic that is not this one's (\(instructionSet))"
    }
    let others = parts.keys.sorted().filter { other.parts[$0] != nil && other.parts[$0] != parts[$0] }
    guard !others.isEmpty else { return nil }
    let named = others.prefix(3).joined(separator: ", ")
    let more = others.count > 3 ? " and \(others.count - 3) other part\(others.count == 4 ? "" : "s")" : ""
    return "\(named)\(more) of its probe gave other bits where it was computed (\(other.instructionSet)) than here "
      + "(\(instructionSet))"
  }
}

// MARK: In a checkpoint

extension ArithmeticFingerprint {
  private enum Key {
    static let digest = "arithmetic.fingerprint"
    static let parts = "arithmetic.parts"
    static let instructionSet = "arithmetic.instruction_set"
    static let former = "arithmetic.probe"
  }

  /// The fingerprint as texts for a checkpoint's metadata.
  package var metadata: [String: String] {
    var object = JSONObject()
    for (name, digits) in parts.sorted(by: { $0.key < $1.key }) { object[name] = .string(digits) }
    return [
      Key.digest: digest, Key.parts: JSONValue.object(object).text, Key.instructionSet: instructionSet,
    ]
  }

  /// Reads the fingerprint in a checkpoint's metadata; nil if they hold none.
  package init?(metadata: [String: String]) {
    guard let instructionSet = metadata[Key.instructionSet] else { return nil }
    if let former = metadata[Key.former] {
      self.init(parts: [:], instructionSet: instructionSet, former: former)
      return
    }
    guard let text = metadata[Key.parts], let object = try? JSONValue(parsing: text).object else { return nil }
    var parts: [String: String] = [:]
    for member in object.members {
      guard let digits = member.value.string else { return nil }
      parts[member.name] = digits
    }
    guard !parts.isEmpty else { return nil }
    self.init(parts: parts, instructionSet: instructionSet)
  }
}
