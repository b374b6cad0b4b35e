import LockstepKernels

/// Rows of numbers that stand somewhere in a file, of any element type and in either order of axes. A row becomes
/// float32 when it is asked for: the file is not copied.
package struct NumericArray: Sendable {
  /// The file, or the first of several that are one array.
  package let bytes: FileBytes
  /// The others, each with the number of its first row.
  private var further: [(first: Int, bytes: FileBytes)] = []
  package let type: ElementType
  let isBigEndian: Bool
  /// The byte at which element (0, 0) begins.
  let offset: Int
  package private(set) var rows: Int
  package let columns: Int
  /// Bytes from a row to the next, and from an element of a row to the next.
  let rowStride: Int
  let columnStride: Int
  /// What every element is divided by: 255 for the pixels of an image.
  package var divisor: Float = 1
  /// How many planes a row stands in, one behind the other: the channels of an image, each with all its positions. A
  /// row is given out position by position, so that column (position · planes + plane) is element (plane, position).
  package var planes = 1

  /// An array in row-major order, or in column-major order where `isFortran`.
  ///
  /// - Throws: where the file does not hold so many bytes.
  init(
    _ bytes: FileBytes, _ type: ElementType, isBigEndian: Bool = false, at offset: Int, rows: Int, columns: Int,
    isFortran: Bool = false
  ) throws(DataFileError) {
    let size = rows.multipliedReportingOverflow(by: columns)
    let length = size.partialValue.multipliedReportingOverflow(by: type.size)
    let end = length.partialValue.addingReportingOverflow(offset)
    guard !size.overflow, !length.overflow, !end.overflow, end.partialValue <= bytes.count, rows >= 0, columns >= 0
    else {
      throw DataFileError(
        bytes.path, found: "\(max(0, bytes.count - offset)) bytes of numbers",
        expected: "those of \(rows) × \(columns) numbers of \(type.size) bytes, as its header says")
    }
    (self.bytes, self.type, self.isBigEndian, self.offset) = (bytes, type, isBigEndian, offset)
    (self.rows, self.columns) = (rows, columns)
    rowStride = (isFortran ? 1 : columns) * type.size
    columnStride = (isFortran ? rows : 1) * type.size
  }

  /// The columns `range` of a table in memory, row-major, of `width` columns.
  package init(table bytes: FileBytes, _ type: ElementType, width: Int, columns range: Range<Int>) {
    let size = type.size
    (self.bytes, self.type, isBigEndian) = (bytes, type, false)
    rows = width == 0 ? 0 : bytes.count / (width * size)
    (offset, columns) = (range.lowerBound * size, range.count)
    (rowStride, columnStride) = (width * size, size)
  }

  /// The columns `range` of records of `width` bytes, which stand in several files, one behind the other.
  init(records files: [FileBytes], width: Int, columns range: Range<Int>) {
    self.init(table: files[0], .uint8, width: width, columns: range)
    for file in files.dropFirst() {
      further.append((rows, file))
      rows += file.count / width
    }
  }

  /// Hands over the files that its rows stand in, in their order.
  package func forEachFile<Failure: Error>(_ body: (FileBytes) throws(Failure) -> Void) throws(Failure) {
    try body(bytes)
    for file in further { try body(file.bytes) }
  }

  /// Whether float32 holds every element as it is.
  package var isExactInFloat: Bool {
    switch type {
    case .int32, .uint32, .int64, .uint64, .float64: false
    case .bool, .int8, .uint8, .int16, .uint16, .float16, .bfloat16, .float32: divisor == 1
    }
  }

  private func place(of index: Int) -> (bytes: FileBytes, place: Elements) {
    precondition(index >= 0 && index < rows, "row outside the array")
    var (bytes, first) = (bytes, 0)
    for file in further where file.first <= index { (first, bytes) = file }
    let place = Elements(
      start: offset + (index - first) * rowStride, stride: columnStride, planes: planes, isBigEndian: isBigEndian,
      divisor: divisor)
    return (bytes, place)
  }

  /// Reads row `index` as Doubles, each the nearest to its element.
  package func read(row index: Int, into row: inout [Double]) {
    precondition(row.count == columns, "a row of another length")
    unsafe row.withUnsafeMutableBufferPointer { row in
      forEach(row: index) { column, value in unsafe row[column] = value }
    }
  }

  /// Hands the elements of row `index` to `body` in the order of the file, each with its column and as the Double that
  /// is nearest to it.
  @inline(__always)
  package func forEach(row index: Int, _ body: (_ column: Int, _ value: Double) -> Void) {
    let (bytes, place) = place(of: index)
    switch type {
    case .bool: bytes.forEach(place, columns, { (value: UInt8) in value == 0 ? 0 : 1 }, body)
    case .int8: bytes.forEach(place, columns, { (value: Int8) in Double(value) }, body)
    case .uint8: bytes.forEach(place, columns, { (value: UInt8) in Double(value) }, body)
    case .int16: bytes.forEach(place, columns, { (value: UInt16) in Double(Int16(bitPattern: value)) }, body)
    case .uint16: bytes.forEach(place, columns, { (value: UInt16) in Double(value) }, body)
    case .int32: bytes.forEach(place, columns, { (value: UInt32) in Double(Int32(bitPattern: value)) }, body)
    case .uint32: bytes.forEach(place, columns, { (value: UInt32) in Double(value) }, body)
    case .int64: bytes.forEach(place, columns, { (value: UInt64) in Double(Int64(bitPattern: value)) }, body)
    case .uint64: bytes.forEach(place, columns, { (value: UInt64) in Double(value) }, body)
    case .float16: bytes.forEach(place, columns, { (value: UInt16) in Double(ElementType.float(half: value)) }, body)
    case .bfloat16:
      bytes.forEach(place, columns, { (value: UInt16) in Double(Float(bitPattern: UInt32(value) << 16)) }, body)
    case .float32: bytes.forEach(place, columns, { (value: UInt32) in Double(Float(bitPattern: value)) }, body)
    case .float64: bytes.forEach(place, columns, { (value: UInt64) in Double(bitPattern: value) }, body)
    }
  }

  /// Reads row `index` as float32, each the nearest to its element.
  package func read(row index: Int, into row: Vector) {
    precondition(row.count == columns, "a row of another length")
    let (bytes, place) = place(of: index)
    switch type {
    case .bool: bytes.read(place, into: row) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .int8: bytes.read(place, into: row) { (value: Int8) in Float(value) }
    case .uint8: bytes.read(place, into: row) { (value: UInt8) in Float(value) }
    case .int16: bytes.read(place, into: row) { (value: UInt16) in Float(Int16(bitPattern: value)) }
    case .uint16: bytes.read(place, into: row) { (value: UInt16) in Float(value) }
    case .int32: bytes.read(place, into: row) { (value: UInt32) in Float(Int32(bitPattern: value)) }
    case .uint32: bytes.read(place, into: row) { (value: UInt32) in Float(value) }
    case .int64: bytes.read(place, into: row) { (value: UInt64) in Float(Int64(bitPattern: value)) }
    case .uint64: bytes.read(place, into: row) { (value: UInt64) in Float(value) }
    case .float16: bytes.read(place, into: row) { (value: UInt16) in ElementType.float(half: value) }
    case .bfloat16: bytes.read(place, into: row) { (value: UInt16) in Float(bitPattern: UInt32(value) << 16) }
    case .float32:
      let isPlain = columnStride == 4 && planes == 1 && !isBigEndian && divisor == 1
      if isPlain {
        bytes.copy(at: place.start, into: row)
      } else {
        bytes.read(place, into: row) { (value: UInt32) in Float(bitPattern: value) }
      }
    case .float64: bytes.read(place, into: row) { (value: UInt64) in Float(Double(bitPattern: value)) }
    }
  }

  /// Element (row, column) as it would be written, to name a class or to say what was found.
  package func text(row: Int, column: Int) -> String {
    let element = column % planes * (columns / planes) + column / planes
    let (bytes, place) = place(of: row)
    let (start, size) = (place.start + element * columnStride, type.size)
    var bits: UInt64 = 0
    for (i, byte) in bytes.copy(start..<start + size).enumerated() {
      bits |= UInt64(byte) << UInt64(8 * (isBigEndian ? size - 1 - i : i))
    }
    switch type {
    case .bool: return bits == 0 ? "0" : "1"
    case .int8: return "\(Int8(truncatingIfNeeded: bits))"
    case .int16: return "\(Int16(truncatingIfNeeded: bits))"
    case .int32: return "\(Int32(truncatingIfNeeded: bits))"
    case .int64: return "\(Int64(bitPattern: bits))"
    case .uint8, .uint16, .uint32, .uint64: return "\(bits)"
    case .float16: return "\(ElementType.float(half: UInt16(truncatingIfNeeded: bits)))"
    case .bfloat16: return "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits << 16)))"
    case .float32: return "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))"
    case .float64: return "\(Double(bitPattern: bits))"
    }
  }
}

/// Where the elements of a row stand.
struct Elements {
  var start: Int
  var stride: Int
  var planes: Int
  var isBigEndian: Bool
  var divisor: Float
}
