import Foundation
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

@Suite("Preprocessing")
struct PreprocessingTests {
  @Test func readsBackBitForBit() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<200 {
      let columns = (0..<1 + generator.next() % 5).map { _ -> Preprocessing.Column in
        let mean = Double(bitPattern: generator.next())
        let deviation = abs(Double(bitPattern: generator.next()))
        guard mean.isFinite, deviation.isNormal else {
          return .init(name: "q\"\\\n\u{2028}", encoding: .category(["", "b,", "é"]))
        }
        return .init(
          name: generator.next() % 2 == 0 ? nil : "name", encoding: .number(mean: mean, deviation: deviation))
      }
      let preprocessing = Preprocessing(
        columns: columns, targets: generator.next() % 2 == 0 ? .classes(["a", "b"]) : .numbers(3), targetNames: ["y"],
        isStandardized: true, fillsMissing: generator.next() % 2 == 0, samples: 7)
      #expect(Preprocessing(JSONValue.object(preprocessing.json).text) == preprocessing)
    }
    let plain = Preprocessing(identity: 784, .classification(classes: 3), samples: 5)
    #expect(JSONValue.object(plain.json).text.utf8.count < 200)
    #expect(Preprocessing(JSONValue.object(plain.json).text) == plain)
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"samples":1,"standardize":true,"missing":"error","columns":[{"name":"a"}],"classes":["a"]}"#,
    #"{"samples":1,"standardize":true,"missing":"error","columns":[{"mean":1,"deviation":0}],"targets":1}"#,
    #"{"samples":1,"standardize":true,"missing":"error","columns":-1,"targets":1}"#,
  ])
  func whatIsNoneIsNotRead(text: String) { #expect(Preprocessing(text) == nil) }

  /// A split keeps the same samples whatever the file is called, and whatever is done to its numbers.
  @Test func fingerprintsFollowFromContents() throws {
    try withTemporaryFolder { folder in
      let text = "a,y\n1,u\n2,v\n3,u\n4,v\n"
      try write(text, to: "\(folder)/t.csv")
      try write(text, to: "\(folder)/other.csv")
      try write(text.replacing("4", with: "5"), to: "\(folder)/changed.csv")
      func fingerprint(_ description: FileData.Description) throws -> String? {
        try FileData(opening: description).sets.train.fingerprint
      }
      let own = try fingerprint(.csv("\(folder)/t.csv"))
      #expect(try fingerprint(.csv("\(folder)/other.csv")) == own)
      #expect(try fingerprint(.csv("\(folder)/changed.csv")) != own)
      #expect(try fingerprint(.csv("\(folder)/t.csv", standardize: true)) != own)
      #expect(try fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 1))) != own)
      #expect(
        try fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 1)))
          != fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 2))))
    }
  }
}

/// What is recorded of the rules by which gaps, unknown categories and targets are treated.
@Suite("Recorded rules") struct RecordedRulesTests {
  /// Every combination reads back to an equal value; what is not so is not written, so that older records keep their
  /// bytes.
  @Test func everyRuleIsRecorded() throws {
    var generator = SeededGenerator(seed: 5)
    for bits in 0..<32 {
      let isSet = (0..<5).map { bits >> $0 & 1 == 1 }
      let scales = (0..<3).map { _ in
        Preprocessing.Scale(
          mean: Double(Int64(bitPattern: generator.next())) * 1e-7,
          deviation: Double(generator.next() >> 11) * 0x1p-60 + 1e-300)
      }
      let preprocessing = Preprocessing(
        columns: [
          .init(name: "a", encoding: .number(mean: 0.1, deviation: 3)),
          .init(name: "\u{2126}", encoding: .category(["Ω", "\u{2126}"])),
        ],
        targets: .numbers(3), targetNames: ["x", "y", "z"], targetScales: isSet[0] ? scales : [],
        isStandardized: isSet[1],
        fillsMissing: isSet[2], ignoresUnknown: isSet[3], needsPreciseInputs: isSet[4], samples: 9)
      let text = JSONValue.object(preprocessing.json).text
      let again = try #require(Preprocessing(text))
      #expect(again == preprocessing && JSONValue.object(again.json).text.utf8.elementsEqual(text.utf8))
      #expect(again.columns[1].categories?.map { Array($0.utf8) } == [Array("Ω".utf8), Array("\u{2126}".utf8)])
      for (key, bit) in [("target_scales", 0), ("unknown", 3), ("inputs", 4)] {
        #expect(text.contains("\"\(key)\"") == isSet[bit], "\(key)")
      }
      let rules = again.rules(withTargets: true)
      #expect(
        rules.fillsMissing == isSet[2] && rules.ignoresUnknown == isSet[3] && rules.isPrecise == (isSet[0] || isSet[1]))
    }
  }

  /// Scales of another number of targets, of none or of classes, are no record.
  @Test(arguments: [
    (#""targets":2,"target_scales":[{"mean":0,"deviation":1}]"#, false),
    (#""targets":1,"target_scales":[{"mean":0,"deviation":1}]"#, true),
    (#""targets":1,"target_scales":[{"mean":0,"deviation":0}]"#, false),
    (#""targets":1,"target_scales":[{"mean":0,"deviation":-1}]"#, false),
    (#""targets":1,"target_scales":[{"mean":0}]"#, false), (#""targets":1,"target_scales":[1]"#, false),
    (#""classes":["a","b"],"target_scales":[{"mean":0,"deviation":1}]"#, false),
    (#""targets":1,"target_scales":[]"#, true),
  ])
  func scalesAreNotTrusted(fields: String, isOne: Bool) {
    let text = #"{"samples":1,"standardize":true,"missing":"error","columns":2,\#(fields)}"#
    #expect((Preprocessing(text) != nil) == isOne)
  }
}
