import Libc
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// What the bits of a run depend on besides its configuration: this machine's arithmetic.
///
/// A checkpoint carries it. Going on elsewhere is exact where all its parts agree; where one differs, later bits may.
package struct ArithmeticFingerprint: Sendable, Equatable {
  /// SHA-256 of the results of fixed products and kernels on this machine; see `probe()`.
  package var probe: String
  /// The instruction set of the vector loops, such as `x86-64-v4`.
  package var instructionSet: String
  /// The library of pow and other mathematical functions, with its version, such as `glibc 2.36`.
  package var mathLibrary: String

  /// A fingerprint that was measured elsewhere.
  package init(probe: String, instructionSet: String, mathLibrary: String) {
    self.probe = probe
    self.instructionSet = instructionSet
    self.mathLibrary = mathLibrary
  }

  /// The fingerprint of this process, measured once.
  package static let current = ArithmeticFingerprint(
    probe: probe(), instructionSet: Processor.instructionSet, mathLibrary: Processor.mathLibrary)

  /// The SHA-256 of what every kind of kernel, and of what Lockstep leaves to the mathematical library, gives for fixed
  /// data.
  private static func probe() -> String {
    var digest = SHA256Digest()
    digest.update(ArithmeticProbe.results())
    withFloatingPointEnvironment { takeMathLibrary(into: &digest) }
    return SHA256Digest.hexadecimal(digest.finish())
  }

  /// Learning rates, the optimizers' corrections, truncated normal weights.
  private static func takeMathLibrary(into digest: inout SHA256Digest) {
    func take(_ value: Double) {
      digest.update((0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) })
    }
    let schedules: [Schedule] = [
      .step(every: 7, gamma: 0.3), .exponential(rate: 0.97, every: 13), .polynomial(power: 1.7, end: 0.01),
      .cosine(end: 0.1).warmedUp(over: 10), .oneCycle(peak: 0.3, divide: 25, finalDivide: 10_000),
    ]
    for schedule in schedules {
      for step in 0..<100 { take(schedule.factor(step: step, horizon: 97)) }
    }
    for decay in [0.9, 0.95, 0.99, 0.999] {
      for update in 1...100 { take(pow(decay, Double(update))) }
    }
    // NAdam's momentum.
    for update in 1...100 { take(pow(0.96, Double(update) * 0.004)) }
    let memory = Arena(count: 1000)
    let weight = memory.vector(at: 0, count: 1000)
    Initializer.heNormal.fill(weight, shape: .vector(1000), key: RandomKey(seed: 1, purpose: .initialization))
    weight.withBytes { digest.update($0) }
    // Vectors do not own what they show.
    withExtendedLifetime(memory) {}
  }

  private static let keys = (
    probe: "arithmetic.probe", instructionSet: "arithmetic.instruction_set",
    mathLibrary: "arithmetic.math_library"
  )

  /// The fingerprint as texts for a checkpoint's metadata.
  package var metadata: [String: String] {
    [
      Self.keys.probe: probe, Self.keys.instructionSet: instructionSet,
      Self.keys.mathLibrary: mathLibrary,
    ]
  }

  /// Reads the fingerprint in a checkpoint's metadata; nil if they hold none.
  package init?(metadata: [String: String]) {
    guard let probe = metadata[Self.keys.probe], let instructionSet = metadata[Self.keys.instructionSet],
      let mathLibrary = metadata[Self.keys.mathLibrary]
    else { return nil }
    self.init(
      probe: probe, instructionSet: instructionSet, mathLibrary: mathLibrary)
  }

  /// In what `other`, the fingerprint of a checkpoint, differs from this one: a sentence for each part.
  package func differences(from other: ArithmeticFingerprint) -> [String] {
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
