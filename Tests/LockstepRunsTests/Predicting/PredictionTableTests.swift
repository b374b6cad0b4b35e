import LockstepKernels
import TestSupport
import Testing

@testable import LockstepRuns

/// Tables of predictions as RFC 4180 has them, and the elements of arrays of them, byte for byte.
@Suite struct PredictionTableTests {
  private let memory = TestMemory()

  private func text(
    _ content: PredictionContent, _ outputs: [[Float]], _ concluded: [[Float]]? = nil, besides kept: [String] = []
  ) -> String {
    let table = PredictionTable(content)
    var bytes = table.header(besides: kept)
    for (output, row) in zip(outputs, concluded ?? outputs) {
      table.append(memory.vector(output), memory.vector(row), to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A quote within is doubled; quotes stand around commas, line ends, blanks at an end, and nothing at all.
  @Test(arguments: [
    ("plain", "plain"), ("two words", "two words"), ("", "\"\""), ("a,b", "\"a,b\""), ("\"", "\"\"\"\""),
    ("say \"no\"", "\"say \"\"no\"\"\""), ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), (" a", "\" a\""),
    ("a\t", "\"a\t\""), ("\"\",\"", "\"\"\"\"\",\"\"\""), ("é", "é"), ("'", "'"),
  ])
  func cells(text: String, cell: String) {
    #expect(PredictionTable.cell(text.utf8) == Array(cell.utf8))
    // As a class, as the name of a column, as one that is kept.
    #expect(self.text(.classes(["x", text]), [[0, 1]]) == "prediction\n\(cell)\n")
    #expect(
      self.text(.classesAndProbabilities([text, "y"]), [[1, 0]], [[0.75, 0.25]]).hasSuffix("\n\(cell),0.75,0.25\n"))
    #expect(self.text(.probabilities(["x", text]), []) == "x,\(cell)\n")
    #expect(self.text(.numbers(["z"]), [], besides: [text]) == "\(cell),z\n")
    #expect(self.text(.labelsAndProbabilities([text]), []).hasPrefix("\(cell),"))
  }

  @Test func theFirstOfEqualLogits() {
    let names = ["a", "b", "c"]
    #expect(text(.classes(names), [[1, 1, 1], [0, 2, 2], [3, 0, 3], [-1, -1, 0]]) == "prediction\na\nb\na\nc\n")
    #expect(text(.classes(["no", "yes"]), [[0], [-0.0], [0.5], [-2]]) == "prediction\nno\nno\nyes\nno\n")
    #expect(text(.labels(["u", "v"]), [[0, 1], [0.5, -0.5]]) == "u,v\n0,1\n1,0\n")
  }

  /// Of two classes in one column, the second is what the network gives; the first is what is left of 1.
  @Test func probabilitiesOfTwoClasses() {
    #expect(
      text(.classesAndProbabilities(["no", "yes"]), [[-1], [2]], [[0.25], [0.875]])
        == "prediction,no,yes\nno,0.75,0.25\nyes,0.125,0.875\n")
    #expect(
      text(.labelsAndProbabilities(["u", "v"]), [[-1, 2]], [[0.25, 0.875]])
        == "u,u_probability,v,v_probability\n0,0.25,1,0.875\n")
  }

  /// The elements of an array: whole numbers where all names are, else text in UTF-32 of the longest's length.
  @Test func elementsOfArrays() {
    func elements(_ content: PredictionContent, _ outputs: [Float]) -> [UInt8] {
      var bytes: [UInt8] = []
      PredictionArray(content).append(memory.vector(outputs), memory.vector(outputs), to: &bytes)
      return bytes
    }
    #expect(elements(.classes(["7", "-2"]), [0, 1]) == [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(elements(.classes(["7", "-2"]), [1, 1]) == [7, 0, 0, 0, 0, 0, 0, 0])
    #expect(elements(.classes(["é", "ab"]), [1, 0]) == [0xE9, 0, 0, 0, 0, 0, 0, 0])
    #expect(elements(.classes(["é", "ab"]), [0, 1]) == [0x61, 0, 0, 0, 0x62, 0, 0, 0])
    #expect(elements(.labels(["u", "v"]), [1, 0]) == [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8))
    #expect(elements(.probabilities(["u", "v"]), [0.25]) == [0, 0, 0x40, 0x3F, 0, 0, 0x80, 0x3E])
    #expect(elements(.numbers(["a", "b"]), [1.5, -2]) == [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0])
  }

  @Test(arguments: [
    (PredictionContent.classes(["7", "-2"]), "'<i8'", "(5,)"), (.classes(["é", "ab"]), "'<U2'", "(5,)"),
    (.labels(["u"]), "'<i8'", "(5,)"), (.labels(["u", "v"]), "'<i8'", "(5, 2)"),
    (.probabilities(["u"]), "'<f4'", "(5, 1)"), (.numbers(["a"]), "'<f4'", "(5,)"),
    (.numbers(["a", "b", "c"]), "'<f4'", "(5, 3)"),
  ])
  func headersOfArrays(content: PredictionContent, type: String, shape: String) {
    let bytes = PredictionArray(content).header(rows: 5)
    #expect(bytes.count == 128 && bytes.last == UInt8(ascii: "\n"))
    // "\x93NUMPY", version 1.0, 118 bytes of text.
    #expect(Array(bytes[..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    #expect(
      String(decoding: bytes[10...], as: UTF8.self).trimmingPrefix(" ").hasPrefix(
        "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }"))
  }
}
