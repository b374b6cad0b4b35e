extension SafetensorsHeader {
  /// The length of the header from the file's first 8 bytes, checked before anything of that size is allocated.
  package static func length(fromPrefix bytes: [UInt8]) throws(SafetensorsError) -> Int {
    precondition(bytes.count == prefix)
    var length: UInt64 = 0
    for byte in bytes.reversed() { length = length << 8 | UInt64(byte) }
    guard length >= 2 && length <= UInt64(largestHeader) else { throw .headerSize(Int(clamping: length)) }
    return Int(length)
  }

  /// Reads a header strictly: every name once, the bytes of all tensors one after the other, as many as their shapes
  /// need.
  ///
  /// - Parameters:
  ///   - json: the header without the 8 bytes before it.
  ///   - type: what all elements must be; nil where tensors of any type may stand in the file, also of one that is none
  ///     of `ElementType`.
  package init(json: [UInt8], of type: ElementType? = nil) throws(SafetensorsError) {
    self.init(metadata: try Self.metadata(json), orderedEntries: try Self.entries(json, type))
  }

  /// The metadata alone; the tensors are skipped whatever they hold, so that a newer format can still say that it is
  /// one.
  package static func metadata(_ json: [UInt8]) throws(SafetensorsError) -> [String: String] {
    var metadata: [String: String]?
    var scanner = JSONScanner(json)
    var isFirst = true
    while let name = try member(&scanner, &isFirst) {
      if name != metadataName {
        try wrapping { () throws(JSONError) in try scanner.skipValue() }
      } else if metadata == nil {
        metadata = try texts(&scanner)
      } else {
        throw .metadata("they appear twice")
      }
    }
    try wrapping { () throws(JSONError) in try scanner.expectEnd() }
    return metadata ?? [:]
  }

  private static func texts(_ scanner: inout JSONScanner) throws(SafetensorsError) -> [String: String] {
    var texts: [String: String] = [:]
    var isFirst = true
    while let name = try member(&scanner, &isFirst) {
      guard scanner.peek() == UInt8(ascii: "\"") else {
        throw .metadata("\(JSONValue.quoted(name)) is \(scanner.found()), expected a text")
      }
      let text = try wrapping { () throws(JSONError) in try scanner.string() }
      guard texts.updateValue(text, forKey: name) == nil else {
        throw .metadata("\(JSONValue.quoted(name)) appears twice")
      }
      if texts.count > mostMetadata { throw .metadata("there are more than \(mostMetadata)") }
    }
    return texts
  }

  private static func entries(_ json: [UInt8], _ type: ElementType?) throws(SafetensorsError) -> [Entry] {
    var entries: [Entry] = []
    var names = Set<ByteText>()
    var scanner = JSONScanner(json)
    var isFirst = true
    while let name = try member(&scanner, &isFirst) {
      if name == metadataName {
        try wrapping { () throws(JSONError) in try scanner.skipValue() }
        continue
      }
      if entries.count == mostTensors { throw .tooManyTensors }
      guard names.insert(ByteText(name)).inserted else { throw .tensor(name, "it appears twice") }
      entries.append(try entry(&scanner, name, type))
    }
    return try inOrderOfBytes(entries)
  }

  /// `entries` sorted by their bytes, which must follow one another without gaps; tensors without bytes stay in the
  /// order of the header.
  private static func inOrderOfBytes(_ entries: [Entry]) throws(SafetensorsError) -> [Entry] {
    var entries = entries
    let isOrdered = zip(entries, entries.dropFirst()).allSatisfy { $0.bytes.lowerBound <= $1.bytes.lowerBound }
    if !isOrdered {
      let places = entries.indices.sorted {
        (entries[$0].bytes.lowerBound, entries[$0].bytes.upperBound, $0)
          < (entries[$1].bytes.lowerBound, entries[$1].bytes.upperBound, $1)
      }
      entries = places.map { entries[$0] }
    }
    var end = 0
    for entry in entries {
      let start = entry.bytes.lowerBound
      guard start == end else {
        let problem = start < end ? "within the tensor before it, which ends at" : "leaving a gap after"
        throw .tensor(entry.tensor.name, "its bytes begin at \(start), \(problem) \(end)")
      }
      end = entry.bytes.upperBound
    }
    return entries
  }

  private static func entry(
    _ scanner: inout JSONScanner, _ name: String, _ expected: ElementType?
  ) throws(SafetensorsError) -> Entry {
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
    do throws(JSONError) {
      var isFirst = true
      while let key = try scanner.nextMember(&isFirst) {
        switch key {
        case "dtype" where dtype == nil: dtype = try scanner.string()
        case "shape" where shape == nil: shape = try integers(&scanner, limit: mostDimensions)
        case "data_offsets" where offsets == nil: offsets = try integers(&scanner, limit: 2)
        case "dtype", "shape", "data_offsets": throw scanner.error("\(key) appears twice")
        default: throw scanner.error("unknown key \(JSONValue.quoted(key))")
        }
      }
    } catch {
      throw .tensor(name, error.description)
    }
    guard let dtype, let shape, let offsets else { throw .tensor(name, "expected dtype, shape and data_offsets") }
    let tensor = TensorInfo(name, shape: shape, dtype: dtype)
    if let expected, dtype != expected.rawValue { throw otherType(tensor, [expected]) }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw .tensor(name, "its data_offsets are \(offsets), expected its first byte and the one after its last")
    }
    let entry = Entry(tensor: tensor, bytes: offsets[0]..<offsets[1])
    guard let type = entry.type else {
      try expectShape(of: tensor)
      return entry
    }
    let size = try byteCount(of: tensor, type)
    guard entry.bytes.count == size else {
      throw .tensor(
        name, "its shape \(shape) takes \(size) bytes, its data_offsets \(offsets) span \(entry.bytes.count)")
    }
    return entry
  }

  private static func integers(_ scanner: inout JSONScanner, limit: Int) throws(JSONError) -> [Int] {
    var integers: [Int] = []
    var isFirst = true
    while try scanner.nextElement(&isFirst) {
      if integers.count == limit { throw scanner.error("a list of more than \(limit) numbers") }
      integers.append(try scanner.integer())
    }
    return integers
  }

  private static func member(
    _ scanner: inout JSONScanner, _ isFirst: inout Bool
  ) throws(SafetensorsError) -> String? {
    try wrapping { () throws(JSONError) in try scanner.nextMember(&isFirst) }
  }

  private static func wrapping<Result>(_ body: () throws(JSONError) -> Result) throws(SafetensorsError) -> Result {
    do throws(JSONError) {
      return try body()
    } catch {
      throw .json(error)
    }
  }
}

extension JSONScanner {
  /// Takes any value and forgets it, without recursion: what is inside is only checked as far as its strings and
  /// brackets go.
  mutating func skipValue() throws(JSONError) {
    var closers: [UInt8] = []
    repeat {
      switch peek() {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"):
        skip(1)
        closers.append(UInt8(ascii: "}"))
      case UInt8(ascii: "["):
        skip(1)
        closers.append(UInt8(ascii: "]"))
      case let byte? where byte == closers.last:
        skip(1)
        closers.removeLast()
      case UInt8(ascii: "}"), UInt8(ascii: "]"): throw error("found \(found()), which closes nothing")
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        if closers.isEmpty { throw error("found \(found()), expected a value") }
        skip(1)
      case nil: throw error("found the end, expected a value")
      default:
        if take(word: "true") || take(word: "false") || take(word: "null") { break }
        try skipNumber()
      }
    } while !closers.isEmpty
  }
}
