import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// Headers of sealed checkpoints that lie about their tensors, each refused by a typed error that names one.
@Suite("Hostile headers")
struct HostileHeaderTests {
  private static let first = #""model.a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  private func tensor(
    _ name: String = "model.b", _ dtype: String = "F32", _ shape: String = "2", _ offsets: String = "8,16"
  ) -> String {
    #""\#(name)":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
  }

  /// What reading a file of the tensors `model.a` and `second` comes to.
  private func error(
    _ second: String, expecting expected: [TensorInfo]? = nil, values: [Float] = [1, 2, 3, 4],
    digest: String? = nil
  ) throws -> CheckpointError? {
    try withTemporaryFolder { folder in
      let data = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
      let digest = digest ?? SHA256Digest.hexadecimal(of: data)
      let metadata = #""__metadata__":{"format_version":"1","weights_digest":"\#(digest)"}"#
      let json = Array("{\(metadata),\(Self.first),\(second)}".utf8)
      let content = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json + data
      var file = try SealedZstdWriter(replacing: "\(folder)/a", contentSize: content.count, level: 1)
      try file.write(content)
      try file.commit()
      var errors: [CheckpointError?] = []
      do throws(CheckpointError) {
        _ = try CheckpointFile.read("\(folder)/a", expecting: expected, checkingFinite: true)
        errors.append(nil)
      } catch { errors.append(error) }
      do throws(CheckpointError) {
        _ = try CheckpointFile.summarize("\(folder)/a", expecting: expected)
        errors.append(nil)
      } catch { errors.append(error) }
      // A summary says of numbers that are not finite what they are.
      if case .notFinite = errors[0] { #expect(errors[1] == nil) } else { #expect(errors[0] == errors[1]) }
      return errors[0]
    }
  }

  @Test func wholeIsRead() throws {
    #expect(try error(tensor()) == nil)
    #expect(
      try error(tensor(), expecting: [TensorInfo("model.b", shape: [2]), TensorInfo("model.a", shape: [2])]) == nil)
  }

  @Test(arguments: [
    ("F16", "2", "8,16", "its dtype is \"F16\""), ("F32", "2", "0,8", "within the tensor before it"),
    ("F32", "2", "4,12", "within the tensor before it"), ("F32", "2", "9,17", "leaving a gap"),
    ("F32", "2", "-8,0", "data_offsets"), ("F32", "2", "16,8", "data_offsets"),
    ("F32", "-2", "8,16", "negative size"), ("F32", "3", "8,16", "takes 12 bytes"),
    ("F32", "2", "8,9223372036854775807", "span"), ("F32", "2", "8,9223372036854775808", "out of range"),
    ("F32", "4611686018427387904,4", "8,16", "too large"),
    ("F32", "2", "9223372036854775800,9223372036854775808", "out of"),
    ("F32", "2305843009213693951", "8,9223372036854775804", "span"),
    ("F32", "2305843009213693949", "8,9223372036854775804", "9223372036854775804 bytes, and 16 bytes follow"),
  ])
  func liesAreNamed(dtype: String, shape: String, offsets: String, word: String) throws {
    let description = try #require(try error(tensor("model.b", dtype, shape, offsets))).description
    #expect(description.contains(word), "\(description)")
    #expect(description.contains("tensor \"model.") || word.contains("follow"), "\(description)")
  }

  @Test func tensorsOfAnotherModelAreNamed() throws {
    let model: [TensorInfo] = [TensorInfo("model.a", shape: [2]), TensorInfo("model.b", shape: [2])]
    func problems(_ second: String, _ expected: [TensorInfo]) throws -> [String] {
      guard case .otherModel(_, let problems) = try error(second, expecting: expected) else { return [] }
      return problems
    }
    #expect(
      try problems(tensor("model.c"), model) == [
        "tensor \"model.b\" of shape [2] is missing", "tensor \"model.c\" of shape [2] is not part of the model",
      ])
    #expect(
      try problems(tensor("model.b", "F32", "1,2"), model) == ["tensor \"model.b\" has shape [1, 2], expected [2]"])
    #expect(
      try problems(tensor(), [TensorInfo("model.a", shape: [2])]) == [
        "tensor \"model.b\" of shape [2] is not part of the model"
      ])
  }

  @Test func namesTwiceDigestsAndNumbersThatAreNotFinite() throws {
    #expect(try error(tensor("model.a"))?.description.contains("tensor \"model.a\": it appears twice") == true)
    #expect(try error(tensor(), digest: "00")?.description.contains("its weights_digest names \"00\"") == true)
    for value in [Float.infinity, -.infinity, .nan] {
      guard case .notFinite(_, let tensor, let index, let found) = try error(tensor(), values: [1, 2, 3, value]) else {
        Issue.record("\(value) was accepted")
        continue
      }
      #expect(tensor == "model.b" && index == 1 && found.bitPattern == value.bitPattern)
    }
  }

  /// What would make a message as long as the file, or a comparison without an end.
  @Test func longNamesAndManyMarks() throws {
    let long = try #require(try error(tensor(String(repeating: "n", count: 1_000_000), "F16"))).description
    #expect(long.contains("F16") && long.utf8.count < 2000)
    let flags = String(repeating: "\u{1F1E9}", count: 200_000)
    let character = try #require(try error(tensor("a" + String(repeating: "\u{200D}", count: 200_000), "F16")))
      .description
    #expect(character.utf8.count < 2000)
    #expect(try error(tensor(flags)) == nil)
    let marks = String(repeating: "\u{301}\u{323}", count: 200_000)
    for text in [marks, "a" + marks, String(repeating: "\\u0301\\u0323", count: 100_000)] {
      #expect(try error(tensor(text))?.description.contains("combining marks in a row") == true)
      #expect(try error(tensor("b", text))?.description.contains("combining marks in a row") == true)
    }
    // As many as a language needs.
    #expect(try error(tensor("Việt Nam.हिन्दी")) == nil)
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(metadata: [:], tensors: [TensorInfo(marks, shape: [1])])
    }
    #expect(throws: SafetensorsError.self) { try SafetensorsHeader(metadata: ["a": marks], tensors: []) }
    // Short, because the dictionary compares it.
    let short = String(repeating: "\u{301}\u{323}", count: 16)
    #expect(throws: SafetensorsError.self) { try SafetensorsHeader(metadata: [short: ""], tensors: []) }
  }

  @Test func anythingButAFloatTensorInBytes() throws {
    for text in [
      #""model.b":1"#, #""model.b":null"#, #""model.b":[]"#, #""model.b":{}"#, #""model.b":{"dtype":1}"#,
      #""model.b":{"dtype":"F32","shape":[2],"data_offsets":[8,16],"dtype":"F32"}"#,
    ] {
      #expect(try error(text)?.description.contains("tensor \"model.b\": ") == true, "\(text)")
    }
    let deep = "\"model.b\":" + String(repeating: "{\"a\":[", count: 500_000)
    #expect(try error(deep)?.description.contains("JSON") == true)
  }
}
