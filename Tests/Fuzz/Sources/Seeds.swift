@testable import LockstepFormats
@testable import LockstepRuns

/// Valid inputs to begin with, and what makes a file of them.
enum Seeds {
  static let configuration = """
    name: tiny
    seed: 3
    data:
      train: {synthetic: {kind: gaussian_clusters, samples: 1000, features: 8, classes: 4}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 200, features: 8, classes: 4, split: test}}
    model:
      layers:
        - dense: {units: 16, initializer: {normal: {mean: 0, stddev: 1e-2}}, bias: false}
        - batch_norm: {statistics: batch}
        - repeat: {times: 2, layers: [relu, {residual: [{dense: {units: 16}}, prelu, "elu"]}]}
        - dense: {units: 4}
    loss: {softmax_cross_entropy: {label_smoothing: 0.1}}
    optimizer: {adamw: {learning_rate: 0.001, weight_decay: 0.01}}
    schedule: {cosine: {warmup_steps: 5}}
    training: {batch_size: 100, shards: 4, steps: 50, gradient_clip: {global_norm: 1.0}}
    evaluation: {every: {epochs: 1}}
    checkpoint: {every: {steps: 10}, keep: 3}

    """

  static let smallConfiguration = """
    data: {train: {synthetic: {kind: spirals, samples: 9, features: 2, classes: 2}}}
    model: {layers: [{dense: {units: 2}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 1}}
    training: {batch_size: 9, shards: 1, steps: 5}

    """

  private static let data = [UInt8](repeating: 1, count: 8)

  private static var header: String {
    let metadata =
      "{\"format_version\":\"1\",\"weights_digest\":\"\(SHA256Digest.hexadecimal(of: data))\",\"step\":\"3\"}"
    return "{\"__metadata__\":\(metadata),\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
      + "\"\\u00e9\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}"
  }

  private static var safetensors: [UInt8] {
    let json = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json + data
  }

  private static let runState =
    #"{"step":9,"updates":8,"momentum_product":0.5,"plateau":{"factor":"inf","best":null,"waited":1},"#
    + #""window":{"count":100,"loss":"nan 0x7ff8000000000000","first":1e-3,"second":-0.0,"steps":2,"gradient_norm":null},"#
    + #""last_loss":0.25,"evaluation_pending":false,"evaluation":{"step":8,"metrics":{"loss":0.5,"accuracy":1}}}"#

  private static let scaling =
    #"{"name":"a","processor":"b","cores":2,"automatic_threads":2,"steps":60,"batch":512,"shards":8,"weak":false,"#
    + #""ideal_ceiling_samples_per_second":9e5,"rows":[{"threads":1,"batch":512,"shards":8,"teams":1,"samples_per_second":2e5,"#
    + #""speed_up":1,"efficiency":1,"ceiling_samples_per_second":3e5,"phases":{"load":0.1,"differentiate":0.9},"weights_digest":"d"},"#
    + #"{"threads":2,"samples_per_second":3e5,"speed_up":1.5,"efficiency":0.75,"ceiling_samples_per_second":6e5,"#
    + #""phases":{"differentiate":0.7,"update":0.1,"wait":0.2},"weights_digest":"d"}]}"#

  private static let attestation = """
    {
      "_type": "https://in-toto.io/Statement/v1",
      "subject": [
        {
          "name": "checkpoints/step-00000006.safetensors.zst",
          "digest": {
            "sha256": "d"
          }
        }
      ],
      "predicateType": "https://slsa.dev/provenance/v1",
      "predicate": {
        "buildDefinition": {
          "resolvedDependencies": []
        }
      }
    }

    """

  static func of(_ target: Target) -> [[UInt8]] {
    switch target {
    case .configuration: [Array(configuration.utf8)]
    case .override:
      ["training.steps=7\noptimizer.adam.learning_rate=1e-4\nmodel.layers.0.dense.units=9", "data={a: [1]}"].map {
        Array($0.utf8)
      }
    // The first byte says what the rest is; see `Target`.
    case .checkpoint: [[2] + safetensors, [1] + frame(safetensors), [0] + sealed(frame(safetensors))]
    case .safetensors: [Array(header.utf8)]
    case .json: [#"{"a":[1,-2.5e-3,true,null],"b":{"c":"\ud83d\ude00\n"}}"#, runState].map { Array($0.utf8) }
    case .runState: [Array(runState.utf8)]
    case .metrics:
      [Array("{\"event\":\"train\",\"step\":1,\"loss\":0.5}\n{\"event\":\"note\",\"step\":101}\n{\"event\":\"tr".utf8)]
    case .events:
      if let record = try? Event.records(of: MetricsLine(event: "train", step: 3, ["loss": 0.5])) {
        [[0] + record + record, [1] + record.dropFirst(12).dropLast(4)]
      } else {
        []
      }
    case .table:
      // Numbers and categories, quotes, empty cells; weights before, a class or a number at the end.
      [
        [0x29] + Array("a,b,\"c\"\"d\",y\r\n1,x,-2.5e-3,no\r\n3,\"é, z\",1e9,yes\r\n".utf8),
        [0x3A] + Array("1;;x;0\n2;3;y;1\n".utf8), [0x04] + Array("0.5,1,2\n1,4,-5\n".utf8),
      ]
    case .array: [[0] + npy, [1] + npz, [2, 0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9], [3] + tensor]
    case .png: pngs.map { [1] + $0 }
    case .jpeg: [jpeg]
    case .cifar:
      // Names; two pictures of CIFAR-10, and two of CIFAR-100 with either label.
      [
        [1] + Array((0..<10).map { "name \($0)\r\n" }.joined().utf8), [0] + [3] + picture + [9] + picture,
        [4] + [19, 99] + picture + [0, 1] + picture, [2] + [19, 99] + picture + [0, 1] + picture,
      ]
    case .scaling: [Array(scaling.utf8)]
    case .attestation: [Array(attestation.utf8)]
    case .export: [[0] + tensor, [1] + npz, [2] + onnx]
    }
  }

  /// Grey of 8 bits, two entries of a palette, colours of 16 bits in passes: each of 2 × 2 pixels.
  private static var pngs: [[UInt8]] {
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
      [0, 0, 0, UInt8(content.count)] + Array(name.utf8) + content + [0, 0, 0, 0]
    }
    func file(depth: UInt8, color: UInt8, passes: UInt8, _ palette: [UInt8], _ rows: [UInt8]) -> [UInt8] {
      let (low, high) = (UInt8(rows.count), UInt8(0))
      var (a, b) = (1, 0)
      for byte in rows { (a, b) = (a + Int(byte), b + a + Int(byte)) }
      let sum = [b >> 8, b & 0xFF, a >> 8, a & 0xFF].map { UInt8($0) }
      return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        + chunk("IHDR", [0, 0, 0, 2, 0, 0, 0, 2, depth, color, 0, 0, passes])
        + (palette.isEmpty ? [] : chunk("PLTE", palette))
        + chunk("IDAT", [0x78, 0x01, 1, low, high, ~low, ~high] + rows + sum) + chunk("IEND", [])
    }
    let pixel: [UInt8] = [1, 2, 3, 4, 5, 6]
    return [
      file(depth: 8, color: 0, passes: 0, [], [0, 9, 8, 2, 7, 6]),
      file(depth: 1, color: 3, passes: 0, pixel, [0, 0x40, 0, 0x80]),
      file(depth: 16, color: 2, passes: 1, [], [0] + pixel + [1] + pixel + [2] + pixel + pixel),
    ]
  }

  /// Grey, 8 × 8, all of one value: quantisation by 1, codes of one bit for no difference and for the end of a block.
  private static let jpeg: [UInt8] =
    [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    + [0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]
    + [0xFF, 0xC4, 0, 20, 0, 1] + [UInt8](repeating: 0, count: 15) + [0]
    + [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    + [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9]

  /// Red, green and blue of 32 × 32 pixels.
  private static let picture = (0..<3072).map { UInt8(truncatingIfNeeded: $0 * 7) }

  /// A graph of one tensor, w [2], and the metadata k: v.
  private static var onnx: [UInt8] {
    [0x3A, 9, 0x2A, 7, 0x08, 2, 0x10, 1, 0x42, 1, 0x77] + [0x72, 6, 0x0A, 1, 0x6B, 0x12, 1, 0x76]
  }

  private static var npy: [UInt8] {
    let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + data
  }

  private static var tensor: [UInt8] {
    let json = Array(#"{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json + data
  }

  /// An archive of one array, not packed.
  private static var npz: [UInt8] {
    /// Numbers, little-endian, with so many bytes each.
    func fields(_ fields: [(value: Int, bytes: Int)]) -> [UInt8] {
      fields.flatMap { field in (0..<field.bytes).map { UInt8(truncatingIfNeeded: field.value >> (8 * $0)) } }
    }
    let (name, size) = (Array("x.npy".utf8), npy.count)
    var checksum = CRC32()
    checksum.update(npy.span.bytes)
    let facts = fields([(0, 8), (Int(checksum.value), 4), (size, 4), (size, 4), (name.count, 2), (0, 2)])
    let local: [UInt8] = fields([(0x0403_4B50, 4), (20, 2)]) + facts + name + npy
    let central: [UInt8] = fields([(0x0201_4B50, 4), (20, 2), (20, 2)]) + facts + fields([(0, 8), (0, 6)]) + name
    let end = fields([(0x0605_4B50, 4), (0, 4), (1, 2), (1, 2), (central.count, 4), (local.count, 4), (0, 2)])
    return local + central + end
  }

  /// A folder for every target, a file for every seed.
  static func write(to folder: String) throws {
    for target in Target.allCases {
      try Folder.create("\(folder)/\(target.rawValue)")
      for (index, seed) in of(target).enumerated() {
        let file = try FileDescriptor.creating("\(folder)/\(target.rawValue)/seed-\(index)")
        try file.write(seed, 0..<seed.count)
      }
    }
  }

  /// One zstd frame (RFC 8878) that holds `content` as it is, in a block.
  static func frame(_ content: [UInt8]) -> [UInt8] {
    func littleEndian(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return [0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0x50] + littleEndian(content.count, 8)
      + littleEndian(content.count << 3 | 1, 3) + content
  }

  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var digest = SHA256Digest()
    digest.update(bytes)
    return bytes + FileSeal.bytes(sealing: digest.finish())
  }
}
