import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Gaps over what a run has recorded")
struct ReadingOverridesTests {
  private func preprocessing(_ text: String, standardize: Bool = false, missing: Bool = false) throws -> Preprocessing {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      return try FileData(
        opening: FileData.Description(
          train: .csv(CSVSource(path: "\(folder)/t.csv", targets: [.name("y")])), isStandardized: standardize,
          fillsMissing: missing, kind: .classes)
      ).preprocessing
    }
  }

  /// A mean of 0 is one too: it is recorded that there are means, not only what they are.
  @Test func meansAreRecordedAlways() throws {
    for text in ["a,y\n1,u\n4,v\n", "a,y\n-1,u\n1,v\n"] {
      for (standardize, missing) in [(false, false), (true, false), (false, true)] {
        let found = try preprocessing(text, standardize: standardize, missing: missing)
        #expect(found.hasMeans)
        #expect((found.json["means"] == true) == (!standardize && !missing))
        #expect(Preprocessing(JSONValue.object(found.json).text) == found)
        let filling = try found.reading(ReadingOverrides(missing: .mean), "c")
        #expect(filling.fillsMissing && filling.columns == found.columns)
        #expect(try !filling.reading(ReadingOverrides(missing: .error), "c").fillsMissing)
      }
    }
  }

  /// As earlier versions wrote it: the same text, so the same fingerprint.
  @Test func olderCheckpointsHaveNoMeans() throws {
    let text =
      #"{"samples":9,"standardize":false,"missing":"error","columns":[{"name":"k","categories":["a"]},{"name":"x","mean":0.0,"deviation":1.0},{"name":"z","mean":0.0,"deviation":1.0}],"classes":["u","v"]}"#
    let found = try #require(Preprocessing(text))
    #expect(!found.hasMeans && JSONValue.object(found.json).text == text)
    let error = #expect(throws: RunError.self) { try found.reading(ReadingOverrides(missing: .mean), "old.zst") }
    #expect(
      "\(error.map { "\($0)" } ?? "")".hasPrefix(
        "old.zst: --missing mean: found no mean of column \"x\" and 1 other column, expected"))
    #expect(try found.reading(ReadingOverrides(unknown: .ignore), "old.zst").ignoresUnknown)
    #expect(try found.reading(ReadingOverrides(), "old.zst") == found)
    // Categories need none.
    var categories = found
    categories.columns.removeLast(2)
    #expect(try categories.reading(ReadingOverrides(missing: .mean), "old.zst").fillsMissing)
  }
}
