/// One array of a file: its shape, and its rows as they will be read.
package struct ArrayFile {
  /// Its name in messages: that of the file, then that of the array where the file holds several.
  package let name: String
  package let shape: [Int]
  /// One row for each index of the first axis; all other axes flattened in row-major order.
  package var values: NumericArray
  /// The whole content of the file, whose digest tells it from other files.
  package let bytes: FileBytes

  private init(
    _ name: String, _ bytes: FileBytes, _ type: ElementType, isBigEndian: Bool = false, at offset: Int, shape: [Int],
    isFortran: Bool = false
  ) throws(DataFileError) {
    guard !shape.isEmpty else {
      throw DataFileError(name, found: "a single number", expected: "an array with a row for each sample")
    }
    guard shape.count <= 2 || !isFortran else {
      throw DataFileError(
        name, found: "an array of \(shape.count) axes in Fortran order", expected: "at most 2 axes in that order",
        hint: "save numpy.ascontiguousarray(x)")
    }
    var columns = 1
    for size in shape.dropFirst() {
      let product = columns.multipliedReportingOverflow(by: size)
      guard !product.overflow, size >= 0 else {
        throw DataFileError(name, found: "the shape \(shape)", expected: "one that fits a file")
      }
      columns = product.partialValue
    }
    guard shape[0] > 0, columns > 0 else {
      throw DataFileError(name, found: "the shape \(shape)", expected: "at least one row and one column")
    }
    (self.name, self.shape, self.bytes) = (name, shape, bytes)
    values = try NumericArray(
      bytes, type, isBigEndian: isBigEndian, at: offset, rows: shape[0], columns: columns, isFortran: isFortran)
  }

  /// A NumPy array, `.npy`.
  package static func npy(_ path: String) throws(DataFileError) -> ArrayFile {
    let bytes = try FileBytes.content(of: path)
    return try npy(bytes, 0..<bytes.count, name: path)
  }

  /// The array `name` of a NumPy archive, `.npz`.
  package static func npz(_ path: String, array name: String) throws(DataFileError) -> ArrayFile {
    let archive = try ZipArchive(FileBytes(mapping: path))
    guard let member = archive.members.first(where: { $0.name.utf8.elementsEqual("\(name).npy".utf8) }) else {
      let names = archive.members.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
      throw DataFileError(
        path, found: "no array \(name)", expected: "one of \(names.prefix(20).joined(separator: ", "))",
        hint: NearestName.hint(for: name, among: names))
    }
    let content = try archive.content(of: member)
    return try npy(content.bytes, content.range, name: "\(path)[\(name)]")
  }

  private static func npy(_ bytes: FileBytes, _ range: Range<Int>, name: String) throws(DataFileError) -> ArrayFile {
    let header = try NPYHeader(bytes, range, name: name)
    let array = try ArrayFile(
      name, bytes, header.type, isBigEndian: header.isBigEndian, at: header.dataOffset, shape: header.shape,
      isFortran: header.isFortran)
    let size = array.values.rows * array.values.columns * header.type.size
    guard header.dataOffset + size == range.upperBound else {
      throw DataFileError(
        name, found: "\(range.upperBound - header.dataOffset) bytes of elements",
        expected: "\(size), as its shape \(header.shape) says")
    }
    return array
  }

  /// An IDX file, the format of MNIST — http://yann.lecun.com/exdb/mnist/: two zero bytes, the type, the number of
  /// axes, the size of each in 4 big-endian bytes, then the elements, big-endian.
  package static func idx(_ path: String) throws(DataFileError) -> ArrayFile {
    let bytes = try FileBytes.content(of: path)
    let start = bytes.copy(0..<min(4, bytes.count))
    let types: [UInt8: ElementType] = [
      0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
    ]
    guard start.count == 4, start[0] == 0, start[1] == 0, let type = types[start[2]], (1...8).contains(start[3]) else {
      let digits = start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
      throw DataFileError(
        path, found: "the magic bytes \(digits)", expected: "00 00, a type from 08 to 0e, 1 to 8 axes: an IDX file")
    }
    let axes = Int(start[3])
    guard bytes.count >= 4 + 4 * axes else {
      throw DataFileError(path, found: "\(bytes.count) bytes", expected: "a whole header")
    }
    let sizes = bytes.copy(4..<4 + 4 * axes)
    let shape = (0..<axes).map { axis in sizes[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } }
    let array = try ArrayFile(path, bytes, type, isBigEndian: true, at: 4 + 4 * axes, shape: shape)
    let size = array.values.rows * array.values.columns * type.size
    guard bytes.count == 4 + 4 * axes + size else {
      throw DataFileError(
        path, found: "\(bytes.count - 4 - 4 * axes) bytes of elements", expected: "\(size), as its shape \(shape) says")
    }
    return array
  }

  /// The tensor `name` of a safetensors file.
  package static func safetensors(_ path: String, tensor name: String) throws(DataFileError) -> ArrayFile {
    let bytes = try FileBytes.content(of: path)
    let (header, dataStart) = try safetensorsHeader(bytes)
    guard let entry = header.entries.first(where: { $0.tensor.name.utf8.elementsEqual(name.utf8) }) else {
      let names = header.entries.map(\.tensor.name)
      throw DataFileError(
        path, found: "no tensor \(name)", expected: "one of \(names.prefix(20).joined(separator: ", "))",
        hint: NearestName.hint(for: name, among: names))
    }
    guard let type = entry.type else {
      throw DataFileError(
        path, place: "tensor \(name)", found: "the dtype \(Display.quoted(entry.tensor.dtype))",
        expected: "one of \(ElementType.allCases.map(\.rawValue).sorted().joined(separator: ", "))")
    }
    return try ArrayFile(
      "\(path)[\(name)]", bytes, type, at: dataStart + entry.bytes.lowerBound, shape: entry.tensor.shape)
  }

  private static func safetensorsHeader(
    _ bytes: FileBytes
  ) throws(DataFileError) -> (SafetensorsHeader, dataStart: Int) {
    guard bytes.count > SafetensorsHeader.prefix,
      let length = try? SafetensorsHeader.length(fromPrefix: bytes.copy(0..<SafetensorsHeader.prefix))
    else {
      throw DataFileError(
        bytes.path, found: "bytes that are not a safetensors file's", expected: "a header of JSON")
    }
    let dataStart = SafetensorsHeader.prefix + length
    guard dataStart <= bytes.count else {
      throw DataFileError(
        bytes.path, found: "\(bytes.count) bytes", expected: "a header of \(length) bytes", hint: "it may be cut off")
    }
    do throws(SafetensorsError) {
      let header = try SafetensorsHeader(json: bytes.copy(SafetensorsHeader.prefix..<dataStart))
      try header.expect(dataSize: bytes.count - dataStart)
      return (header, dataStart)
    } catch {
      throw DataFileError(bytes.path, found: "a damaged header: \(error)", expected: "a whole safetensors file")
    }
  }
}
