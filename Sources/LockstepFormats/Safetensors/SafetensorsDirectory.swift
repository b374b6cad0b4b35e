/// The tensors of somebody's safetensors file, of any element type; `SafetensorsHeader` is the strict reader of
/// Lockstep's own.
struct SafetensorsDirectory {
  struct Tensor: Equatable {
    var type: ElementType
    var shape: [Int]
    /// From the file's first byte.
    var bytes: Range<Int>
  }

  private let path: String
  private let header: JSONObject
  private let data: Range<Int>

  init(_ bytes: FileBytes) throws(DataFileError) {
    path = bytes.path
    let wrong = DataFileError(
      bytes.path, found: "bytes that are not a safetensors file's", expected: "a header of JSON")
    guard bytes.count >= 10 else { throw wrong }
    let length: Int
    do throws(SafetensorsError) { length = try SafetensorsHeader.length(fromPrefix: bytes.copy(0..<8)) } catch {
      throw wrong
    }
    guard length <= bytes.count - 8 else {
      throw DataFileError(
        path, found: "\(bytes.count) bytes", expected: "a header of \(length) bytes", hint: "it may be cut off")
    }
    let json: JSONValue
    do throws(JSONError) { json = try JSONValue(parsing: bytes.copy(8..<8 + length)) } catch {
      throw DataFileError(path, place: "header", found: "what is not JSON, \(error)", expected: "a header of JSON")
    }
    guard let object = json.object else { throw wrong }
    header = object
    data = 8 + length..<bytes.count
  }

  func tensor(_ name: String) throws(DataFileError) -> Tensor {
    let names = header.members.map(\.name).filter { $0 != SafetensorsHeader.metadataName }
    guard name != SafetensorsHeader.metadataName, let entry = header[name]?.object else {
      throw DataFileError(
        path, found: "no tensor \(name)", expected: "one of \(names.prefix(20).joined(separator: ", "))",
        hint: NearestName.hint(for: name, among: names))
    }
    func wrong(_ found: String, _ expected: String) -> DataFileError {
      DataFileError(path, place: "tensor \(name)", found: found, expected: expected)
    }
    let dtype = entry["dtype"]?.string ?? ""
    guard let type = ElementType(rawValue: dtype) else {
      throw wrong(
        "the dtype \(Display.quoted(dtype))",
        "one of \(ElementType.allCases.map(\.rawValue).sorted().joined(separator: ", "))")
    }
    guard let shape = entry["shape"]?.array?.map(\.integer), shape.count <= SafetensorsHeader.mostDimensions,
      let offsets = entry["data_offsets"]?.array?.compactMap(\.integer), offsets.count == 2,
      !shape.contains(where: { $0.map { $0 < 0 } ?? true })
    else { throw wrong("\(Display.quoted(JSONValue.object(entry).text))", "a shape and two data_offsets") }
    let sizes = shape.compactMap { $0 }
    var size = type.size
    for axis in sizes {
      let product = size.multipliedReportingOverflow(by: axis)
      guard !product.overflow else { throw wrong("the shape \(sizes)", "one that fits a file") }
      size = product.partialValue
    }
    guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count, offsets[1] - offsets[0] == size else {
      throw wrong("the data_offsets \(offsets)", "\(size) bytes among the \(data.count) of the file")
    }
    return Tensor(
      type: type, shape: sizes, bytes: data.lowerBound + offsets[0]..<data.lowerBound + offsets[1])
  }
}
