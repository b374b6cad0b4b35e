import LockstepKernels

/// What the bits of a run depend on besides its configuration: this machine's arithmetic.
///
/// A checkpoint carries it. Going on elsewhere is exact where all its parts agree; where one differs, later bits may.
public struct ArithmeticFingerprint: Sendable, Equatable {
  /// SHA-256 of the results of fixed products and kernels on this machine; see `ArithmeticProbe`.
  public var probe: String
  /// Of the vector loops, such as `x86-64-v4`.
  public var instructionSet: String
  /// Library of pow and its like and its version, such as `glibc 2.36`.
  public var mathLibrary: String

  public init(probe: String, instructionSet: String, mathLibrary: String) {
    self.probe = probe
    self.instructionSet = instructionSet
    self.mathLibrary = mathLibrary
  }

  /// That of this process, measured once.
  public static let current = ArithmeticFingerprint(
    probe: ArithmeticProbe.digest(), instructionSet: Processor.instructionSet, mathLibrary: Processor.mathLibrary)

  private static let keys = (
    probe: "arithmetic.probe", instructionSet: "arithmetic.instruction_set",
    mathLibrary: "arithmetic.math_library"
  )

  /// The texts that a checkpoint's metadata hold.
  public var metadata: [String: String] {
    [
      Self.keys.probe: probe, Self.keys.instructionSet: instructionSet,
      Self.keys.mathLibrary: mathLibrary,
    ]
  }

  /// The fingerprint in a checkpoint's metadata, or nil if it has none.
  public init?(metadata: [String: String]) {
    guard let probe = metadata[Self.keys.probe], let instructionSet = metadata[Self.keys.instructionSet],
      let mathLibrary = metadata[Self.keys.mathLibrary]
    else { return nil }
    self.init(
      probe: probe, instructionSet: instructionSet, mathLibrary: mathLibrary)
  }

  /// What tells `other`, the fingerprint of a checkpoint, from this one: a sentence each, none if they are equal.
  public func differences(from other: ArithmeticFingerprint) -> [String] {
    var differences: [String] = []
    if other.instructionSet != instructionSet {
      differences.append(
        "it was computed with the instruction set \(other.instructionSet), this machine uses \(instructionSet)")
    }
    if other.mathLibrary != mathLibrary {
      differences.append("its mathematical functions come from \(other.mathLibrary), here from \(mathLibrary)")
    }
    if other.probe != probe {
      differences.append(
        "its probe of the arithmetic gave \(other.probe.prefix(16))…, here it gives \(probe.prefix(16))…")
    }
    return differences
  }
}
