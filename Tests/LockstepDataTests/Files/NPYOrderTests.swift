import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Both orders of axes and both orders of bytes, from files as NumPy writes them: `numpy.save(path, x)`, whose elements
/// are copied here byte for byte.
@Suite("Orders of NumPy's arrays")
struct NPYOrderTests {
  /// A file whose header is padded as NumPy pads it.
  private func file(_ type: String, fortran: Bool, _ shape: String, _ elements: [UInt8]) -> [UInt8] {
    let text = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
    let header = Array(text.utf8) + [UInt8](repeating: 0x20, count: 117 - text.utf8.count) + [0x0A]
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 0x76, 0] + header + elements
  }

  private func read(_ bytes: [UInt8]) throws -> ArrayFile {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/x.npy")
      return try ArrayFile.npy("\(folder)/x.npy")
    }
  }

  private func expect(_ bytes: [UInt8], _ expected: [[Float]], location: SourceLocation = #_sourceLocation) throws {
    let array = try read(bytes).values
    #expect(rows(of: array) == expected, sourceLocation: location)
    // The same in Double, and as text.
    for row in expected.indices {
      var found = [Double](repeating: .nan, count: expected[row].count)
      array.read(row: row, into: &found)
      #expect(found == expected[row].map(Double.init), sourceLocation: location)
      for column in found.indices {
        #expect(Float(array.text(row: row, column: column)) == expected[row][column], sourceLocation: location)
      }
    }
  }

  /// [[1, 2, 3], [4, 5, 6]] as int16.
  @Test func rowsAndColumns() throws {
    let rows: [[Float]] = [[1, 2, 3], [4, 5, 6]]
    try expect(file("<i2", fortran: false, "(2, 3)", [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]), rows)
    try expect(file("<i2", fortran: true, "(2, 3)", [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0]), rows)
    try expect(file(">i2", fortran: true, "(2, 3)", [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6]), rows)
  }

  /// [[1.5, −2], [0.25, 4], [8, −16]] as float32: the fast way is for rows in their order alone.
  @Test func floats() throws {
    let rows: [[Float]] = [[1.5, -2], [0.25, 4], [8, -16]]
    let big: [[UInt8]] = [
      [0x3F, 0xC0, 0, 0], [0x3E, 0x80, 0, 0], [0x41, 0, 0, 0], [0xC0, 0, 0, 0], [0x40, 0x80, 0, 0], [0xC1, 0x80, 0, 0],
    ]
    try expect(file(">f4", fortran: true, "(3, 2)", big.flatMap { $0 }), rows)
    try expect(file("<f4", fortran: true, "(3, 2)", big.flatMap { $0.reversed() }), rows)
    let inRows = [0, 3, 1, 4, 2, 5].map { big[$0] }
    try expect(file(">f4", fortran: false, "(3, 2)", inRows.flatMap { $0 }), rows)
    try expect(file("<f4", fortran: false, "(3, 2)", inRows.flatMap { $0.reversed() }), rows)
  }

  /// IEEE 754 binary16: 1, −2, the largest, the smallest normal, the largest and the smallest below it, nearly a third.
  @Test func halves() throws {
    let bits: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0400, 0x03FF, 0x8001, 0x3555, 0x8000]
    let values: [Float] = [1, -2, 65504, 0x1p-14, 0x1.FF8p-15, -0x1p-24, 0x1.554p-2, -0.0]
    let little = bits.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    try expect(
      file("<f2", fortran: false, "(4, 2)", little), stride(from: 0, to: 8, by: 2).map { [values[$0], values[$0 + 1]] })
    try expect(file("<f2", fortran: true, "(4, 2)", little), (0..<4).map { [values[$0], values[$0 + 4]] })
  }

  /// One axis is the same in both orders; three are read in rows, and refused in columns.
  @Test func otherNumbersOfAxes() throws {
    for fortran in [false, true] { try expect(file("|u1", fortran: fortran, "(3,)", [7, 8, 255]), [[7], [8], [255]]) }
    try expect(file("|i1", fortran: false, "(2, 1, 2)", [1, 0xFE, 3, 0x80]), [[1, -2], [3, -128]])
    let error = #expect(throws: DataFileError.self) {
      try read(file("|i1", fortran: true, "(2, 1, 2)", [1, 2, 3, 4]))
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("3 axes in Fortran order"))
  }

  /// Rows that stand apart, as every type is read: the columns of a Fortran array of 17 rows.
  @Test(arguments: [
    ("|b1", 1), ("|i1", 1), ("|u1", 1), ("<i2", 2), ("<u2", 2), ("<i4", 4), ("<u4", 4), ("<i8", 8), ("<u8", 8),
  ])
  func everyIntegerInColumns(type: String, size: Int) throws {
    let values = (0..<17 * 5).map { type == "|b1" ? $0 % 2 : ($0 * 7) % 128 }
    let bytes = values.flatMap { value in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let expected = (0..<17).map { row in (0..<5).map { Float(values[$0 * 17 + row]) } }
    try expect(file(type, fortran: true, "(17, 5)", bytes), expected)
  }
}
