import LockstepFormats
import LockstepKernels

extension CheckpointFile {
  /// Reads a checkpoint and verifies every byte: the seal, zstd's checksum, the exact size, the header, and the digest
  /// of the weights.
  ///
  /// Nothing is kept of a checkpoint that fails, and no memory for tensors is taken before the header has passed every
  /// check.
  ///
  /// - Parameters:
  ///   - expected: names and shapes that the tensors must have; a difference is `otherModel`, found before the tensors
  ///     are read.
  ///   - checkingFinite: whether an infinite or NaN value is an error, `notFinite`.
  ///   - memoryLimit: bytes that the tensors may take; nil for as many as this process can have.
  public static func read(
    _ path: String, expecting expected: [TensorInfo]? = nil, checkingFinite: Bool = false,
    memoryLimit: Int? = nil
  ) throws(CheckpointError) -> LoadedCheckpoint {
    var file = try CheckpointError.wrapping(path) { () throws(ZstdError) in try SealedZstdReader(path) }
    let header = try readHeader(&file, path, expecting: expected)
    let limit = memoryLimit ?? min(MachineMemory.bytes, MachineMemory.addresses)
    if header.dataSize > limit || !MachineMemory.grants(header.dataSize) {
      throw .tooLarge(path: path, bytes: header.dataSize, limit: limit)
    }

    let checkpoint = LoadedCheckpoint(path: path, header: header)
    let digest = try CheckpointError.wrapping(path) { () throws(ZstdError) in
      var digest = SHA256Digest()
      for tensor in checkpoint.tensors {
        try tensor.values.withMutableBytes { (bytes) throws(ZstdError) in try file.read(into: &bytes) }
        tensor.values.withBytes { digest.update($0) }
      }
      try file.finish()
      return SHA256Digest.hexadecimal(digest.finish())
    }
    try compare(digest, with: header, path)
    if checkingFinite { try findNotFinite(checkpoint) }
    return checkpoint
  }

  /// Reads only the header.
  ///
  /// - Parameter verifyingSeal: true reads the whole file to see that no byte was changed; false is quick, and the
  ///   tensors may be damaged or missing.
  package static func readHeader(
    _ path: String, verifyingSeal: Bool = false
  ) throws(CheckpointError) -> SafetensorsHeader {
    var file = try CheckpointError.wrapping(path) { () throws(ZstdError) in
      try SealedZstdReader(path, verifyingSeal: verifyingSeal)
    }
    return try readHeader(&file, path)
  }

  /// What tells `found` from `expected`, a sentence each: missing, extra and misshapen tensors. Order does not matter.
  static func differences(
    _ found: [TensorInfo], expected: [TensorInfo]
  ) -> [String] {
    let shapes = Dictionary(found.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    var problems: [String] = []
    for tensor in expected {
      let name = JSONValue.quoted(tensor.name)
      guard let shape = shapes[tensor.name] else {
        problems.append("tensor \(name) of shape \(tensor.shape) is missing")
        continue
      }
      if shape != tensor.shape { problems.append("tensor \(name) has shape \(shape), expected \(tensor.shape)") }
    }
    let expectedNames = Set(expected.map(\.name))
    for tensor in found where !expectedNames.contains(tensor.name) {
      problems.append("tensor \(JSONValue.quoted(tensor.name)) of shape \(tensor.shape) is not part of the model")
    }
    return problems
  }

  /// The safetensors header of tensors that are `expected` and fill the rest of the file.
  static func readHeader(
    _ file: inout SealedZstdReader, _ path: String, expecting expected: [TensorInfo]?
  ) throws(CheckpointError) -> SafetensorsHeader {
    let header = try readHeader(&file, path)
    if let expected {
      let problems = differences(header.entries.map(\.tensor), expected: expected)
      if !problems.isEmpty { throw .otherModel(path: path, problems: problems) }
    }
    let dataSize = file.contentSize - file.position
    try CheckpointError.wrapping(path) { () throws(SafetensorsError) in try header.expect(dataSize: dataSize) }
    return header
  }

  /// The safetensors header as it stands at the beginning of the file.
  private static func readHeader(
    _ file: inout SealedZstdReader, _ path: String
  ) throws(CheckpointError) -> SafetensorsHeader {
    let prefix = try CheckpointError.wrapping(path) { () throws(ZstdError) in
      try file.read(SafetensorsHeader.prefix)
    }
    let length = try CheckpointError.wrapping(path) { () throws(SafetensorsError) in
      try SafetensorsHeader.length(fromPrefix: prefix)
    }
    let json = try CheckpointError.wrapping(path) { () throws(ZstdError) in try file.read(length) }
    // The version comes first: a newer format may hold what this one calls damage.
    let metadata = try CheckpointError.wrapping(path) { () throws(SafetensorsError) in
      try SafetensorsHeader.metadata(json)
    }
    try checkFormat(metadata, path)
    return try CheckpointError.wrapping(path) { () throws(SafetensorsError) in
      try SafetensorsHeader(json: json, of: .float32)
    }
  }

  private static func checkFormat(_ metadata: [String: String], _ path: String) throws(CheckpointError) {
    guard let version = metadata[CheckpointKey.formatVersion] else {
      throw .notACheckpoint(path: path, problem: "its metadata have no format_version")
    }
    guard let number = Int(version), number >= 1 else {
      throw .damaged(path: path, problem: "its format_version is \(JSONValue.quoted(version))")
    }
    if number > formatVersion { throw .newerFormat(path: path, found: number, supported: formatVersion) }
  }

  static func compare(
    _ digest: String, with header: SafetensorsHeader, _ path: String
  ) throws(CheckpointError) {
    let promised = header.metadata[CheckpointKey.weightsDigest]
    if promised == digest { return }
    let named = promised.map { "names \(JSONValue.quoted($0, limit: 64))" } ?? "has none"
    throw .damaged(path: path, problem: "the SHA-256 of its tensors is \(digest), its weights_digest \(named)")
  }

  private static func findNotFinite(_ checkpoint: LoadedCheckpoint) throws(CheckpointError) {
    for tensor in checkpoint.tensors {
      guard let index = tensor.values.firstNonFinite else { continue }
      throw .notFinite(path: checkpoint.path, tensor: tensor.name, index: index, value: tensor.values[index])
    }
  }
}
