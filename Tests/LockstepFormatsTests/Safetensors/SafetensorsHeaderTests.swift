import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Safetensors header")
struct SafetensorsHeaderTests {
  @Test func bytesAreThoseOfTheFormat() throws {
    let header = try SafetensorsHeader(
      metadata: ["b": "2", "a": "1\n"],
      tensors: [TensorInfo("w", shape: [2, 3]), TensorInfo("empty", shape: [0, 4]), TensorInfo("s", shape: [])])
    let text =
      #"{"__metadata__":{"a":"1\n","b":"2"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
      + #""empty":{"dtype":"F32","shape":[0,4],"data_offsets":[24,24]},"#
      + #""s":{"dtype":"F32","shape":[],"data_offsets":[24,28]}}"#
    let length = 248
    let spaces = String(repeating: " ", count: length - text.utf8.count)
    #expect(try header.encoded() == [UInt8(length), 0, 0, 0, 0, 0, 0, 0] + Array((text + spaces).utf8))
    #expect(header.dataSize == 28)
    #expect(try SafetensorsHeader(json: Array((text + spaces).utf8), of: .float32) == header)
  }

  @Test func dataBeginOnACacheLine() throws {
    for length in 0..<130 {
      let header = try SafetensorsHeader(metadata: ["k": String(repeating: "x", count: length)], tensors: [])
      let bytes = try header.encoded()
      #expect(bytes.count % 64 == 0)
      #expect(try SafetensorsHeader.length(fromPrefix: Array(bytes[..<8])) == bytes.count - 8)
      #expect(try SafetensorsHeader(json: Array(bytes[8...])) == header)
    }
  }

  @Test func tensorsAreReadInTheOrderOfTheirBytes() throws {
    let header = try decode(
      #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"shape":[1],"data_offsets":[0,4],"dtype":"F32"}}"#)
    #expect(header.entries.map(\.tensor.name) == ["a", "b"])
    #expect(header.metadata.isEmpty)
  }

  @Test func namesThatCannotBeWrittenAreRefused() {
    #expect(throws: SafetensorsError.tensor("w", "it appears twice")) {
      try SafetensorsHeader(metadata: [:], tensors: [TensorInfo("w", shape: [1]), TensorInfo("w", shape: [1])])
    }
    #expect(throws: SafetensorsError.tensor("__metadata__", "the name is reserved")) {
      try SafetensorsHeader(metadata: [:], tensors: [TensorInfo("__metadata__", shape: [1])])
    }
    #expect(throws: SafetensorsError.tensor("w", "its shape [-1] has a negative size")) {
      try SafetensorsHeader(metadata: [:], tensors: [TensorInfo("w", shape: [-1])])
    }
    let tooLong = SafetensorsHeader.largestHeader
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(metadata: ["k": String(repeating: "x", count: tooLong)], tensors: []).encoded()
    }
  }

  @Test(arguments: [
    [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 6, 0, 0, 0, 0],
    [255, 255, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 128], [1, 0, 0, 1, 0, 0, 0, 0],
  ])
  func lengthsOutOfBoundsAreRefused(prefix: [UInt8]) {
    #expect(throws: SafetensorsError.self) { try SafetensorsHeader.length(fromPrefix: prefix) }
  }

  /// A tensor that is wrong, and a word of the message about it.
  @Test(arguments: [
    (#"{"dtype":"F16","shape":[1],"data_offsets":[0,2]}"#, "F16"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0,8]}"#, "span"),
    (#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#, "span"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#, "gap"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}"#, "data_offsets"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[8,4]}"#, "data_offsets"),
    (#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#, "negative"),
    (#"{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}"#, "integer"),
    (#"{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}"#, "integer"),
    (#"{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}"#, "digit"),
    (#"{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}"#, "out of range"),
    (#"{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}"#, "too large"),
    (
      #"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}"#,
      "more than 32"
    ),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}"#, "more than 2"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0]}"#, "data_offsets"),
    (#"{"dtype":"F32","shape":[1]}"#, "expected dtype"),
    (#"{"shape":[1],"data_offsets":[0,4]}"#, "expected dtype"),
    (#"{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, "twice"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":1}"#, "unknown"),
    (#"{"dtype":null,"shape":[1],"data_offsets":[0,4]}"#, "string"),
    (#"{"dtype":"F32","shape":{},"data_offsets":[0,4]}"#, "expected '['"),
  ])
  func wrongTensorsAreNamed(tensor: String, word: String) {
    let error = #expect(throws: SafetensorsError.self) { try decode(#"{"model.3.weight":"# + tensor + "}") }
    let description = error?.description ?? ""
    #expect(description.contains("model.3.weight") && description.contains(word), "\(description)")
  }

  @Test(arguments: [
    "", "{", "[]", "null", "{}x", #"{"a":1}"#, #"{"a":[]}"#, #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":[]}"#,
    #"{"__metadata__":{"a":null}}"#, #"{"__metadata__":{"a":"1","a":"1"}}"#, #"{"__metadata__":{},"__metadata__":{}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
    #"{"a":}"#, #"{"a":{]}"#, #"{"a":,}"#, #"{"a":"# + String(repeating: "[", count: 100_000),
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#,
  ])
  func wrongHeadersAreRefused(json: String) {
    #expect(throws: SafetensorsError.self) { try decode(json) }
  }

  @Test func tooManyTextsAreRefused() throws {
    let texts = (0...SafetensorsHeader.mostMetadata).map { "\"\($0)\":\"\"" }.joined(separator: ",")
    #expect(throws: SafetensorsError.self) { try decode("{\"__metadata__\":{\(texts)}}") }
    let metadata = Dictionary(uniqueKeysWithValues: (0...SafetensorsHeader.mostMetadata).map { (String($0), "") })
    #expect(throws: SafetensorsError.self) { try SafetensorsHeader(metadata: metadata, tensors: []) }
  }

  @Test func tooManyTensorsAreRefused() {
    var json = "{"
    for index in 0...SafetensorsHeader.mostTensors {
      json += "\"\(index)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
    }
    json += "\"z\":{}}"
    #expect(throws: SafetensorsError.tooManyTensors) { try decode(json) }
  }

  @Test func mutatedHeadersNeverTrap() throws {
    let header = try SafetensorsHeader(
      metadata: ["format_version": "1"], tensors: [TensorInfo("w", shape: [2, 3]), TensorInfo("b", shape: [3])])
    let json = Array(try header.encoded()[8...])
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      var mutated = json
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: mutated[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: mutated.remove(at: place)
        default: mutated.insert(UInt8.random(in: 0x2C...0x3A, using: &random), at: place)
        }
      }
      _ = try? SafetensorsHeader(json: mutated)
    }
  }

  private func decode(_ json: String) throws -> SafetensorsHeader {
    try SafetensorsHeader(json: Array(json.utf8), of: .float32)
  }
}
