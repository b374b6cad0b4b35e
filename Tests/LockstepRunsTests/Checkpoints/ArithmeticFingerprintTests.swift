import Foundation
import LockstepFormats
import LockstepKernels
import TestSupport
import Testing

@testable import LockstepRuns

@Suite("Arithmetic fingerprint", .serialized)
struct ArithmeticFingerprintTests {
  private static let current = ArithmeticFingerprint.current

  @Test func itIsTheSameEveryTimeAndOnEveryThread() async {
    let results = ArithmeticFingerprint.results().parts
    #expect(results.values.reduce(0) { $0 + $1.count } > 1 << 18)
    #expect(results.values.allSatisfy { $0.count >= 100 })
    await withTaskGroup(of: [String: [UInt8]].self) { group in
      for _ in 0..<4 { group.addTask { ArithmeticFingerprint.results().parts } }
      for await other in group { #expect(other == results) }
    }
    #expect(Self.current.digest.count == 64)
    #expect(Self.current.instructionSet == Processor.instructionSet)
  }

  /// `Tests/Fixtures/arithmetic.json` holds the bits of every processor with fused multiply-add. Bits that have changed
  /// are those of every run: LOCKSTEP_RECORD_ARITHMETIC=1 records them, where that is meant.
  @Test(.enabled(if: ArithmeticProbe.fusesMultiplyAdd, "this processor has no fused multiply-add"))
  func theBitsAreTheRecordedOnes() throws {
    let path = "\(PrivatePython.repository)/Tests/Fixtures/arithmetic.json"
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_ARITHMETIC"] != nil {
      var object = JSONObject()
      for (name, digits) in Self.current.parts.sorted(by: { $0.key < $1.key }) { object[name] = .string(digits) }
      try write(JSONValue.object(object).prettyText + "\n", to: path)
    }
    let recorded = try #require(JSONValue(parsing: String(contentsOfFile: path, encoding: .utf8)).object)
    #expect(Set(recorded.members.map(\.name)) == Set(Self.current.parts.keys))
    for member in recorded.members {
      #expect(Self.current.parts[member.name] == member.value.string, "\(member.name) gives other bits")
    }
  }

  /// The promise, as far as one processor can show it: every instruction set that it has, but the one without fused
  /// multiply-add, gives all the same bits. Tests beside this one do not notice, for the same reason.
  @Test func everyFusingInstructionSetGivesTheSameBits() throws {
    let widest = Processor.instructionSet
    defer { Processor.run(instructionSet: widest) }
    let expected = ArithmeticFingerprint.results().parts
    for set in Processor.instructionSets where set != "x86-64" {
      Processor.run(instructionSet: set)
      #expect(Processor.instructionSet == set)
      for (name, bytes) in ArithmeticFingerprint.results().parts {
        #expect(bytes == expected[name], "\(name) gives other bits with \(set) than with \(widest)")
      }
    }
  }

  @Test func metadataReadBack() {
    let current = Self.current
    #expect(ArithmeticFingerprint(metadata: current.metadata) == current)
    for key in ["arithmetic.parts", "arithmetic.instruction_set"] {
      var metadata = current.metadata
      metadata[key] = nil
      #expect(ArithmeticFingerprint(metadata: metadata) == nil, "without \(key)")
      metadata[key] = "{\"a\": 1}"
      if key == "arithmetic.parts" { #expect(ArithmeticFingerprint(metadata: metadata) == nil) }
    }
  }

  @Test func differencesAreNamed() throws {
    let current = Self.current
    #expect(current.difference(from: current) == nil)
    // Names of processors and instruction sets decide nothing.
    var other = current
    other.instructionSet = "z80"
    #expect(current.difference(from: other) == nil)
    // Nor does what only one of the two knows.
    other.parts["activation of the future"] = "00"
    other.parts["activation gelu"] = nil
    #expect(current.difference(from: other) == nil)
    for name in ["activation relu", "loss huber", "optimizer adam", "schedule cosine"] { other.parts[name] = "00" }
    let difference = try #require(current.difference(from: other))
    #expect(
      difference
        == "activation relu, loss huber, optimizer adam and 1 other part of its probe gave other bits where it was computed (z80) than here (\(current.instructionSet))"
    )
  }

  /// Checkpoints of before say one digest of everything and the instruction set.
  @Test(.enabled(if: ArithmeticProbe.fusesMultiplyAdd, "this processor has no fused multiply-add"))
  func formerCheckpoints() throws {
    var metadata = [
      "arithmetic.probe": "c624864509a6fd650213c3f76b0e39b0cb98c101dd0b928c27ce6e01c286a762",
      "arithmetic.instruction_set": "x86-64-v3", "arithmetic.math_library": "glibc 2.39",
    ]
    let same = try #require(ArithmeticFingerprint(metadata: metadata))
    #expect(Self.current.difference(from: same) == nil)
    metadata["arithmetic.probe"] = String(repeating: "1", count: 64)
    let other = try #require(ArithmeticFingerprint(metadata: metadata))
    let difference = try #require(Self.current.difference(from: other))
    #expect(difference.contains("x86-64-v3, 1111111111111111…") && difference.contains("earlier version"))
  }
}
