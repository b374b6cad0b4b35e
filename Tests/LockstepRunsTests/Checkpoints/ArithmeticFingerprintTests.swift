import LockstepKernels
import Testing

@testable import LockstepRuns

@Suite("Arithmetic fingerprint")
struct ArithmeticFingerprintTests {
  @Test func itIsTheSameEveryTimeAndOnEveryThread() async {
    let results = ArithmeticProbe.results()
    #expect(results.count > 1 << 18)
    await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<4 { group.addTask { ArithmeticProbe.results() } }
      for await other in group { #expect(other == results) }
    }
    #expect(ArithmeticFingerprint.current.probe.count == 64)
    #expect(ArithmeticFingerprint.current.instructionSet == Processor.instructionSet)
  }

  @Test func metadataReadBack() {
    let current = ArithmeticFingerprint.current
    #expect(ArithmeticFingerprint(metadata: current.metadata) == current)
    #expect(current.metadata.count == 3)
    for key in current.metadata.keys {
      var metadata = current.metadata
      metadata[key] = nil
      #expect(ArithmeticFingerprint(metadata: metadata) == nil, "without \(key)")
    }
  }

  @Test func differencesAreNamed() {
    let current = ArithmeticFingerprint.current
    #expect(current.differences(from: current).isEmpty)
    let other = ArithmeticFingerprint(
      probe: "00", instructionSet: "x86-64-v9", mathLibrary: "glibc 9.9")
    let differences = current.differences(from: other)
    #expect(differences.count == 3)
    #expect(differences[1].contains("glibc 9.9") && differences[1].contains(current.mathLibrary))
    #expect(differences[0].contains("x86-64-v9") && differences[0].contains(current.instructionSet))
  }
}
