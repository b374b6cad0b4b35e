/// What a safetensors file says about its tensors: https://github.com/huggingface/safetensors#format
///
/// ```
/// 8 bytes   length of the header, little-endian
/// header    {"__metadata__": {"name": "text"},
///           "tensor": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}, then spaces
/// data      the tensors' elements, row-major, little-endian, without gaps
/// ```
/// Lockstep writes float32, and float64 where an export needs its digits, in the order given, and pads the header so
/// that the data begins on a multiple of 64 bytes.
package struct SafetensorsHeader: Sendable, Equatable {
  /// A tensor and the place of its elements.
  package struct Entry: Sendable, Equatable {
    /// Name, shape and dtype.
    package let tensor: TensorInfo
    /// Its bytes, counted from the beginning of the data.
    package let bytes: Range<Int>

    /// What the elements are; nil where it is a type that Lockstep does not compute with.
    package var type: ElementType? { ElementType(rawValue: tensor.dtype) }
  }

  /// The longest header that is written or read, in bytes.
  package static let largestHeader = 16 << 20
  /// The most tensors that are written or read.
  package static let mostTensors = 100_000
  /// The most metadata that are written or read.
  package static let mostMetadata = 10_000
  /// The most dimensions of a tensor.
  package static let mostDimensions = 32
  /// Bytes before the header.
  package static let prefix = 8
  static let metadataName = "__metadata__"
  static let alignment = 64

  /// Texts by name.
  package let metadata: [String: String]
  /// Every tensor, in the order of its bytes.
  package let entries: [Entry]

  init(metadata: [String: String], orderedEntries entries: [Entry]) {
    self.metadata = metadata
    self.entries = entries
  }

  /// Lays out tensors one after the other.
  ///
  /// - Throws: `tensor` for a name that stands twice or is reserved, a type that is none of `ElementType`, a shape that
  ///   no file holds; `metadata` and `tooManyTensors` beyond the limits.
  package init(metadata: [String: String], tensors: [TensorInfo]) throws(SafetensorsError) {
    var entries: [Entry] = []
    entries.reserveCapacity(tensors.count)
    var names = Set<ByteText>()
    var offset = 0
    for tensor in tensors {
      let name = tensor.name
      if !CombiningMarks.areFew(in: name) { throw .tensor(name, "its name has too many combining marks in a row") }
      if name == Self.metadataName { throw .tensor(name, "the name is reserved") }
      guard names.insert(ByteText(name)).inserted else { throw .tensor(name, "it appears twice") }
      guard let type = ElementType(rawValue: tensor.dtype) else { throw Self.otherType(tensor, ElementType.allCases) }
      let (end, overflow) = offset.addingReportingOverflow(try Self.byteCount(of: tensor, type))
      if overflow { throw .tensor(name, "the tensors are too large for a file") }
      entries.append(Entry(tensor: tensor, bytes: offset..<end))
      offset = end
    }
    if entries.count > Self.mostTensors { throw .tooManyTensors }
    if metadata.count > Self.mostMetadata { throw .metadata("there are more than \(Self.mostMetadata)") }
    for (name, text) in metadata where !CombiningMarks.areFew(in: name) || !CombiningMarks.areFew(in: text) {
      throw .metadata("\(JSONValue.quoted(name)) has too many combining marks in a row")
    }
    self.init(metadata: metadata, orderedEntries: entries)
  }

  /// Bytes of all tensors together.
  package var dataSize: Int { entries.last?.bytes.upperBound ?? 0 }

  /// The bytes before the data.
  ///
  /// - Throws: `headerSize` where it would be larger than what is read again.
  package func encoded() throws(SafetensorsError) -> [UInt8] {
    var text = "{"
    JSONValue.appendString(Self.metadataName, to: &text)
    text += ":{"
    for (index, (name, value)) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { text += "," }
      JSONValue.appendString(name, to: &text)
      text += ":"
      JSONValue.appendString(value, to: &text)
    }
    text += "}"
    for entry in entries {
      text += ","
      JSONValue.appendString(entry.tensor.name, to: &text)
      text += ":{\"dtype\":"
      JSONValue.appendString(entry.tensor.dtype, to: &text)
      text += ",\"shape\":[\(entry.tensor.shape.map(String.init).joined(separator: ","))],"
      text += "\"data_offsets\":[\(entry.bytes.lowerBound),\(entry.bytes.upperBound)]}"
    }
    text += "}"

    var length = text.utf8.count
    let excess = (Self.prefix + length) % Self.alignment
    if excess > 0 { length += Self.alignment - excess }
    if length > Self.largestHeader { throw .headerSize(length) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.prefix + length)
    for byte in 0..<Self.prefix { bytes.append(UInt8(truncatingIfNeeded: length >> (8 * byte))) }
    bytes.append(contentsOf: text.utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: Self.prefix + length - bytes.count))
    return bytes
  }

  /// Holds what follows the header against the tensors.
  ///
  /// - Throws: `dataSize` where they take fewer or more bytes.
  package func expect(dataSize found: Int) throws(SafetensorsError) {
    guard found == dataSize else { throw .dataSize(found: found, expected: dataSize) }
  }

  /// Bytes of a tensor of such elements.
  static func byteCount(of tensor: TensorInfo, _ type: ElementType) throws(SafetensorsError) -> Int {
    try expectShape(of: tensor)
    let (bytes, overflow) = tensor.count.multipliedReportingOverflow(by: type.size)
    // What is beyond `Int` counts as the largest, which no file holds either.
    if overflow || tensor.count == .max { throw .tensor(tensor.name, "its shape \(tensor.shape) is too large") }
    return bytes
  }

  static func expectShape(of tensor: TensorInfo) throws(SafetensorsError) {
    if tensor.shape.count > mostDimensions {
      throw .tensor(tensor.name, "it has \(tensor.shape.count) dimensions, at most \(mostDimensions) are read")
    }
    if tensor.shape.contains(where: { $0 < 0 }) {
      throw .tensor(tensor.name, "its shape \(tensor.shape) has a negative size")
    }
  }

  static func otherType(_ tensor: TensorInfo, _ types: [ElementType]) -> SafetensorsError {
    let names = types.map(\.rawValue).joined(separator: ", ")
    return .tensor(
      tensor.name,
      "its dtype is \(JSONValue.quoted(tensor.dtype)), expected \(types.count > 1 ? "one of " : "")\(names)")
  }
}

/// What is wrong with a safetensors header.
package enum SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Its length, found or wanted, is out of bounds.
  case headerSize(Int)
  /// It is not the JSON of the format.
  case json(JSONError)
  /// The metadata are not a list of texts.
  case metadata(String)
  /// The tensor of this name is wrong; the second text says how.
  case tensor(String, String)
  /// There are more than `mostTensors`.
  case tooManyTensors
  /// The tensors do not fill the data without gaps and overlaps.
  case dataSize(found: Int, expected: Int)

  package var description: String {
    switch self {
    case .headerSize(let size):
      "its safetensors header has \(size) bytes, expected 2 to \(SafetensorsHeader.largestHeader)"
    case .json(let error): "its safetensors header is not the JSON that was expected, \(error)"
    case .metadata(let problem): "the metadata of its safetensors header: \(problem)"
    case .tensor(let name, let problem): "tensor \(JSONValue.quoted(name)): \(problem)"
    case .tooManyTensors: "it has more than \(SafetensorsHeader.mostTensors) tensors"
    case .dataSize(let found, let expected):
      "its tensors take \(expected) bytes, and \(found) bytes follow its safetensors header"
    }
  }
}
