import Foundation
import TestSupport
import Testing

@testable import LockstepFiles

@Suite("Preprocessing")
struct PreprocessingTests {
  @Test func readsBackBitForBit() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<200 {
      let columns = (0..<1 + generator.next() % 5).map { _ -> Preprocessing.Column in
        let mean = Double(bitPattern: generator.next())
        let deviation = abs(Double(bitPattern: generator.next()))
        guard mean.isFinite, deviation.isNormal else {
          return .init(name: "q\"\\\n\u{2028}", kind: .category(["", "b,", "é"]))
        }
        return .init(name: generator.next() % 2 == 0 ? nil : "name", kind: .number(mean: mean, deviation: deviation))
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
        try FileData(opening: description).sets?.train.fingerprint
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
