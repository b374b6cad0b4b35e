import Foundation

/// A safetensors file of other people's making, element types and all.
struct WeightsForgery {
  var tensors: [(name: String, type: String, shape: [Int], bytes: [UInt8])] = []

  /// Adds a tensor of float32 numbers.
  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, "F32", shape, values.map(\.bitPattern))
  }

  /// Adds a tensor of words, little-endian.
  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ words: [some FixedWidthInteger]) {
    let bytes = words.flatMap { word in
      (0..<word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    tensors.append((name, type, shape, bytes))
  }

  func write(to path: String) throws {
    var offset = 0
    let entries = tensors.map { tensor in
      defer { offset += tensor.bytes.count }
      return
        "\"\(tensor.name)\": {\"dtype\": \"\(tensor.type)\", \"shape\": \(tensor.shape), \"data_offsets\": [\(offset), \(offset + tensor.bytes.count)]}"
    }
    let header = Array("{\(entries.joined(separator: ", "))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    try Data(length + header + tensors.flatMap(\.bytes)).write(to: URL(filePath: path))
  }
}
