/// What a safetensors file says about its tensors: https://github.com/huggingface/safetensors#format
///
/// ```
/// 8 bytes   length of the header, little-endian
/// header    {"__metadata__": {"name": "text"}, "tensor": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
/// …}, then spaces
/// data      the tensors' elements, row-major, little-endian, without gaps
/// ```
/// Lockstep writes float32, and float64 where an export needs its digits, in the order given, and pads the header so
/// that the data begins on a multiple of 64 bytes.
public struct SafetensorsHeader: Sendable, Equatable {
  /// Name and shape of a tensor, and its bytes, counted from the beginning of the data.
  public struct Entry: Sendable, Equatable {
    public let name: String
    public let shape: [Int]
    public let bytes: Range<Int>
    public let type: ElementType

    init(name: String, shape: [Int], bytes: Range<Int>, type: ElementType = .float32) {
      self.name = name
      self.shape = shape
      self.bytes = bytes
      self.type = type
    }

    /// Number of elements.
    public var count: Int { bytes.count / type.size }
  }

  /// The longest header that is written or read, in bytes.
  public static let largestHeader = 16 << 20
  /// The most tensors that are written or read.
  public static let mostTensors = 100_000
  /// The most metadata that are written or read.
  public static let mostMetadata = 10_000
  /// The most dimensions of a tensor.
  public static let mostDimensions = 32
  /// Bytes before the header.
  package static let prefix = 8
  static let metadataName = "__metadata__"
  static let alignment = 64

  public let metadata: [String: String]
  /// In the order of the file.
  public let entries: [Entry]

  init(metadata: [String: String], orderedEntries entries: [Entry]) {
    self.metadata = metadata
    self.entries = entries
  }

  /// Lays out tensors one after the other.
  public init(metadata: [String: String], tensors: [(name: String, shape: [Int])]) throws(SafetensorsError) {
    try self.init(metadata: metadata, typedTensors: tensors.map { ($0.name, $0.shape, .float32) })
  }

  /// A header of tensors whose elements are of any type.
  package init(
    metadata: [String: String], typedTensors tensors: [(name: String, shape: [Int], type: ElementType)]
  ) throws(SafetensorsError) {
    var entries: [Entry] = []
    entries.reserveCapacity(tensors.count)
    var names = Set<ByteText>()
    var offset = 0
    for (name, shape, type) in tensors {
      if !CombiningMarks.areFew(in: name) { throw .tensor(name, "its name has too many combining marks in a row") }
      if name == Self.metadataName { throw .tensor(name, "the name is reserved") }
      guard names.insert(ByteText(name)).inserted else { throw .tensor(name, "it appears twice") }
      let count = try Self.byteCount(of: name, shape, type: type)
      let (end, overflow) = offset.addingReportingOverflow(count)
      if overflow { throw .tensor(name, "the tensors are too large for a file") }
      entries.append(Entry(name: name, shape: shape, bytes: offset..<end, type: type))
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
  public var dataSize: Int { entries.last?.bytes.upperBound ?? 0 }

  /// The bytes before the data.
  ///
  /// - Throws: `headerSize` where it would be larger than what is read again.
  public func encoded() throws(SafetensorsError) -> [UInt8] {
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
      JSONValue.appendString(entry.name, to: &text)
      let shape = entry.shape.map(String.init).joined(separator: ",")
      text += ":{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
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

  /// Bytes of a tensor.
  static func byteCount(
    of name: String, _ shape: [Int], type: ElementType = .float32
  ) throws(SafetensorsError) -> Int {
    if shape.count > mostDimensions {
      throw .tensor(name, "it has \(shape.count) dimensions, at most \(mostDimensions) are read")
    }
    var bytes = type.size
    for size in shape {
      if size < 0 { throw .tensor(name, "its shape \(shape) has a negative size") }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      if overflow { throw .tensor(name, "its shape \(shape) is too large") }
      bytes = product
    }
    return bytes
  }
}

/// What is wrong with a safetensors header.
public enum SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Its length, found or wanted, is out of bounds.
  case headerSize(Int)
  case json(JSONError)
  /// The metadata are not a list of texts.
  case metadata(String)
  case tensor(String, String)
  case tooManyTensors
  /// The tensors do not fill the data without gaps and overlaps.
  case dataSize(found: Int, expected: Int)

  public var description: String {
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
