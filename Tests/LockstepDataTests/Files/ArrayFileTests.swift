import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

@Suite("Arrays in files")
struct ArrayFileTests {
  /// A file of NumPy's format with this header and body.
  private func npy(_ header: String, version: [UInt8] = [1, 0], body: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    let length =
      version[0] == 1
      ? [UInt8(text.count & 255), UInt8(text.count >> 8)] : [UInt8(text.count & 255), UInt8(text.count >> 8), 0, 0]
    return [0x93] + Array("NUMPY".utf8) + version + length + text + body
  }

  private func problem(_ bytes: [UInt8], _ open: (String) throws -> ArrayFile = { try .npy($0) }) throws -> String {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/x")
      do {
        _ = try open("\(folder)/x")
        return ""
      } catch { return "\(error)" }
    }
  }

  @Test func headersAreNotTrusted() throws {
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n"
    let body = [UInt8](repeating: 0, count: 8)
    #expect(try problem(npy(good, body: body)) == "")
    #expect(try problem(npy(good, version: [2, 0], body: body)) == "")
    #expect(try problem(npy(good, version: [3, 0], body: body)) == "")
    #expect(
      try problem(npy(good, version: [4, 0], body: body)).contains("found version 4.0, expected version 1, 2 or 3"))
    #expect(try problem([]).contains("found an empty file"))
    #expect(try problem([1, 2, 3]).contains("bytes that are not NumPy's"))
    #expect(try problem(npy(good, body: body + [0])).contains("found 9 bytes of elements, expected 8"))
    #expect(try problem(npy(good, body: Array(body.dropLast()))).contains("found 7 bytes of numbers"))
    #expect(try problem(Array(npy(good, body: body)[..<40])).contains("expected a header of"))
    func changed(_ from: String, _ to: String) throws -> String {
      try problem(npy(good.replacing(from, with: to), body: body))
    }
    #expect(try changed("(2, 1)", "(9223372036854775807, 9)").contains("found"))
    #expect(try changed("(2, 1)", "(99999999999999999999, 1)").contains("expected {'descr'"))
    #expect(try changed("(2, 1)", "(0, 8)").contains("found the shape [0, 8]"))
    #expect(try changed("(2, 1)", "()").contains("found a single number"))
    #expect(try changed("(2, 1)", "(-2, 1)").contains("expected {'descr'"))
    #expect(try changed("'<f4'", "'|O'").contains("found elements of dtype \"|O\""))
    #expect(try changed("'<f4'", "'<U4'").contains("found elements of dtype"))
    #expect(try changed("'<f4'", "[('a', '<f4')]").contains("found records"))
    #expect(try changed("'<f4'", "'<f3'").contains("found elements of dtype"))
    #expect(try changed("False", "Maybe").contains("expected {'descr'"))
    #expect(try changed("'shape'", "'descr'").contains("expected {'descr'"))
    #expect(
      try problem(npy(String(repeating: " ", count: 20_000), body: body)).contains(
        "found 20000 bytes, expected at most 10000"))
    #expect(try problem(npy(String(repeating: "(", count: 5_000), body: body)).contains("expected {'descr'"))
  }

  /// Random damage ends in an error or in an array, never in a crash.
  @Test(arguments: 0..<4)
  func damageNeverTraps(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let good = npy("{'descr': '<i2', 'fortran_order': True, 'shape': (3, 2), }\n", body: [UInt8](0..<12))
    try withTemporaryFolder { folder in
      for _ in 0..<500 {
        var bytes = good
        for _ in 0...generator.next() % 3 {
          bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        if generator.next() % 4 == 0 { bytes.removeLast(Int(generator.next() % UInt64(bytes.count))) }
        try write(bytes, to: "\(folder)/x")
        if let array = try? ArrayFile.npy("\(folder)/x") { _ = rows(of: array.values) }
      }
    }
  }

  @Test func filesOfMNIST() throws {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 51, 102, 153, 204, 255, 1, 2]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 3]
    try withTemporaryFolder { folder in
      try write(images, to: "\(folder)/images-idx3-ubyte")
      try write(labels, to: "\(folder)/labels-idx1-ubyte")
      let description = FileData.Description(
        train: .idx(images: "\(folder)/images-idx3-ubyte", labels: "\(folder)/labels-idx1-ubyte"), kind: .classes)
      let data = try training(description)
      let pixels: [Float] = [0, 51, 102, 153, 204, 255, 1, 2]
      let scaled = pixels.map { $0 / 255 }
      #expect(data.inputs == [Array(scaled[..<4]), Array(scaled[4...])])
      #expect(data.targets == [[1], [0]] && data.data.preprocessing.targets == .classes(["3", "7"]))
      if let gzip = program("gzip") {
        #expect(try run(gzip, ["\(folder)/images-idx3-ubyte"]).status == 0)
        let packed = FileData.Description(
          train: .idx(images: "\(folder)/images-idx3-ubyte.gz", labels: "\(folder)/labels-idx1-ubyte"), kind: .classes)
        #expect(try training(packed).inputs == data.inputs)
      }
    }
    let idx: (String) throws -> ArrayFile = { try .idx($0) }
    #expect(try problem([0, 0, 7] + images[3...], idx).contains("found the magic bytes 00 00 07 03"))
    #expect(try problem(Array(images[..<9]), idx).contains("found 9 bytes, expected a whole header"))
    #expect(try problem(Array(images.dropLast()), idx).contains("found"))
    #expect(try problem(images + [0], idx).contains("found 9 bytes of elements, expected 8"))
    #expect(try problem([0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), idx).contains("found"))
  }

  /// Types beside float32, big-endian.
  @Test func numbersOfIDX() throws {
    let cases: [(UInt8, [UInt8], [Float])] = [
      (0x09, [0xFF, 2], [-1, 2]), (0x0B, [0xFF, 0xFE, 1, 0], [-2, 256]),
      (0x0C, [0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [65536, -1]),
      (0x0D, [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0], [1.5, -2]),
      (0x0E, [0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]),
    ]
    try withTemporaryFolder { folder in
      for (type, body, expected) in cases {
        try write([0, 0, type, 2, 0, 0, 0, 1, 0, 0, 0, 2] + body, to: "\(folder)/x")
        #expect(rows(of: try ArrayFile.idx("\(folder)/x").values) == [expected])
      }
    }
  }

  @Test func tensorsAreNotTrusted() throws {
    func file(_ json: String, _ body: [UInt8]) -> [UInt8] {
      let text = Array(json.utf8)
      return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + body
    }
    let body: [UInt8] = [1, 2, 3, 4]
    func problem(_ json: String, _ body: [UInt8] = [1, 2, 3, 4]) throws -> String {
      try self.problem(file(json, body)) { try .safetensors($0, tensor: "x") }
    }
    try withTemporaryFolder { folder in
      try write(file(#"{"x":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}"#, body), to: "\(folder)/x")
      #expect(rows(of: try ArrayFile.safetensors("\(folder)/x", tensor: "x").values) == [[1, 2], [3, 4]])
    }
    #expect(try problem("{}").contains("its tensors take 0 bytes, and 4 bytes follow"))
    #expect(
      try problem(#"{"y":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#).contains(
        "found no tensor x, expected one of y"))
    // What others make of eight bits does not keep the tensors beside it from being read.
    try withTemporaryFolder { folder in
      let header =
        #"{"other":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"x":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#
      try write(file(header, body), to: "\(folder)/x")
      #expect(rows(of: try ArrayFile.safetensors("\(folder)/x", tensor: "x").values) == [[3], [4]])
    }
    #expect(
      try problem(#"{"x":{"dtype":"U8","shape":[2,3],"data_offsets":[0,6]}}"#).contains(
        "its tensors take 6 bytes, and 4 bytes follow"))
    #expect(
      try problem(#"{"x":{"dtype":"U8","shape":[2,2],"data_offsets":[-1,3]}}"#).contains("its data_offsets are [-1, 3]")
    )
    #expect(
      try problem(#"{"x":{"dtype":"U8","shape":[-2,-2],"data_offsets":[0,4]}}"#).contains(
        "its shape [-2, -2] has a negative size"))
    #expect(try problem(#"{"x":{"dtype":"F8","shape":[4],"data_offsets":[0,4]}}"#).contains("found the dtype \"F8\""))
    #expect(
      try problem(#"{"x":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#).contains(
        "its shape [4611686018427387904, 4] is too large"))
    #expect(try problem("[1]").contains("a damaged header"))
    #expect(try problem("{\"x\"").contains("not the JSON that was expected"))
    #expect(try problem(String(repeating: "[", count: 1000)).contains("not the JSON that was expected"))
    #expect(
      try self.problem([255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0]) { try .safetensors($0, tensor: "x") }.contains(
        "expected a header of 65535 bytes"))
    #expect(
      try self.problem([UInt8](repeating: 255, count: 20)) { try .safetensors($0, tensor: "x") }.contains(
        "not a safetensors file's"))
  }

  @Test func targetsMustFit() throws {
    func header(_ shape: String) -> String { "{'descr': '|u1', 'fortran_order': False, 'shape': \(shape), }\n" }
    try withTemporaryFolder { folder in
      try write(npy(header("(4, 2)"), body: [1, 2, 3, 4, 5, 6, 7, 8]), to: "\(folder)/x.npy")
      func problem(_ targets: [UInt8], _ kind: TargetKind = .classes) throws -> String {
        try write(targets, to: "\(folder)/y.npy")
        return LockstepDataTests.problem(
          FileData.Description(train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy"), kind: kind))
      }
      #expect(try problem(npy(header("(4,)"), body: [9, 10, 9, 2])) == "")
      #expect(try problem(npy(header("(3,)"), body: [0, 1, 0])).contains("found targets for 3 samples, expected 4"))
      #expect(try problem(npy(header("(4, 2)"), body: [0, 1, 0, 1, 0, 1, 0, 1])).contains("numpy.argmax(y, axis=1)"))
      let floats = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n"
      let half: [UInt8] = [0, 0, 0, 0x3F]
      #expect(
        try problem(npy(floats, body: half + half + half + half)).contains(
          "row 0: found the class 0.5, expected a whole number"))
      let nan: [UInt8] = [0, 0, 0xC0, 0x7F]
      #expect(try problem(npy(floats, body: half + nan + half + half), .numbers) == "")
      let data = try FileData(
        opening: FileData.Description(
          train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy"), kind: .numbers))
      let error = #expect(throws: (any Error).self) { try samples(of: data.sets.train) }
      #expect(
        "\(error.map(String.init(describing:)) ?? "")".contains(
          "y.npy: row 1, column 0: found nan, expected a finite number"))
    }
  }

  /// What the mapping cannot prevent is noticed before it is read.
  @Test func aFileThatShrinksIsNoticed() throws {
    try withTemporaryFolder { folder in
      let bytes = npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4096, 4), }\n", body: [UInt8](repeating: 0, count: 65_536))
      try write(bytes, to: "\(folder)/x.npy")
      try write(
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4096,), }\n", body: (0..<4096).map { UInt8($0 % 2) }),
        to: "\(folder)/y.npy")
      let data = try FileData(
        opening: FileData.Description(
          train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy"), kind: .classes))
      let train = data.sets.train
      _ = try samples(of: train)
      #expect(try run("/usr/bin/truncate", ["-s", "8192", "\(folder)/x.npy"]).status == 0)
      let error = #expect(throws: (any Error).self) { try samples(of: train) }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains("the file became shorter while it was used"))
    }
  }
}
