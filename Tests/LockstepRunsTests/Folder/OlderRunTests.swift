import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepData
@testable import LockstepRuns

/// A run of version 0.1 that paused after 7 steps: `Tests/Fixtures/older`. At that time classes were numbered by the
/// bytes of their names, splits were random, and numbers became float32 before they were standardised. All that is as
/// it was then when it goes on. The arithmetic is not: the square root of the optimizers has become another since,
/// which must be accepted.
@Suite("Runs of earlier versions")
struct OlderRunTests {
  /// Where it ends with the present arithmetic from step 7 on. A change of the arithmetic needs it anew.
  private static let digest = "5ea6060331a85181db1e7c7f5aff1a0f776035da7845733503a08f499621292d"
  private static let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../Fixtures/older"
  ).standardized.path

  private func withRun<Result>(_ body: (_ folder: String, _ table: ConfigurationOverride) throws -> Result) throws
    -> Result
  {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(atPath: "\(Self.fixture)/run", toPath: "\(folder)/run")
      let table = ConfigurationOverride(path: "data.source.csv.path", value: "\(Self.fixture)/table.csv")
      return try body("\(folder)/run", table)
    }
  }

  @Test func otherArithmeticIsRefused() throws {
    try withRun { folder, table in
      let error = try #require(throws: RunError.self) { try TrainingRun.resume(folder, overrides: [table]) }
      #expect("\(error)".contains("this machine's arithmetic is another"))
    }
  }

  @Test func goOnWithTheirOwnDataOnceThatIsAccepted() throws {
    try withRun { folder, table in
      let run = try TrainingRun.resume(folder, overrides: [table], acceptsDifferentArithmetic: true)
      guard case .classes(let names)? = run.configuration.data.preprocessing?.targets else {
        Issue.record("targets that are no classes")
        return
      }
      #expect(names == ["0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"])
      #expect(run.configuration.data.split == .share(0.2, seed: 1, by: .random))
      #expect(try run.train().json["weights_digest"]?.string == Self.digest)
    }
  }

  @Test func predictWithTheirOwnOrderOfClasses() throws {
    try withRun { folder, _ in
      let model = try TrainedModel(checkpoint: "\(folder)/checkpoints/step-00000007.safetensors.zst")
      #expect(model.preprocessing.roundsFirst)
      // The same numbers in float32 are the same to it.
      let row = [0.1, 0.7, 1]
      #expect(try model.predict([row]) == model.predict([row.map { Double(Float($0)) }]))
    }
  }
}
