import Foundation
import TestSupport
import Testing

/// Every command on every kind of source: what works on synthetic data works on tables and arrays.
@Suite("Commands on every kind of data")
struct CommandSourceTests {
  /// A kind of source: what stands under `data`, the files that it needs, and what `--data` takes in its place.
  struct Source: Sendable, CustomTestStringConvertible {
    let name: String
    let data: String
    var files: [String: [UInt8]] = [:]
    /// For `evaluate` and `predict`; nil where there is no file.
    var file: String?
    /// What the network begins with.
    var start = ""

    var testDescription: String { name }
  }

  private static let samples = 120
  private static let features: [[Float]] = {
    var generator = SeededGenerator(seed: 9)
    return (0..<samples).map { row in generator.normal(4).map { $0 + Float(row % 3) } }
  }()
  private static let labels = (0..<samples).map { $0 % 3 }

  private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0) }
  }

  private static func floats(_ values: [[Float]]) -> [UInt8] {
    values.flatMap { $0.flatMap { bytes($0.bitPattern.littleEndian) } }
  }

  private static func npy(_ type: String, _ shape: String, _ body: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes(UInt16(header.utf8.count).littleEndian) + Array(header.utf8)
      + body
  }

  private static let table: [UInt8] = {
    var text = "a,b,c,d,label\n"
    for (row, label) in zip(features, labels) {
      for value in row { text += "\(value)," }
      text += "class \(label)\n"
    }
    return Array(text.utf8)
  }()

  private static let safetensors: [UInt8] = {
    let (x, y) = (floats(features), labels.flatMap { bytes(Int64($0).littleEndian) })
    let header =
      #"{"x":{"dtype":"F32","shape":[\#(samples),4],"data_offsets":[0,\#(x.count)]},"#
      + #""y":{"dtype":"I64","shape":[\#(samples)],"data_offsets":[\#(x.count),\#(x.count + y.count)]}}"#
    return bytes(UInt64(header.utf8.count).littleEndian) + Array(header.utf8) + x + y
  }()

  private static let pixels: [UInt8] = {
    var bytes: [UInt8] = [0, 0, 8, 2]
    for count in [samples, 4] { bytes += Self.bytes(UInt32(count).bigEndian) }
    for row in features {
      for value in row { bytes.append(UInt8(max(0, min(255, value * 40 + 60)))) }
    }
    return bytes
  }()

  /// Pictures of 3 × 2 to 5 × 6 pixels, four greys one after the other.
  private static let pictures: [String: [UInt8]] = {
    var files: [String: [UInt8]] = [:]
    for (number, row) in features.enumerated() {
      let (height, width) = (3 + number % 3, 2 + number % 5)
      let greys = row.map { UInt8(max(0, min(255, $0 * 40 + 60))) }
      let pixels = (0..<height * width).map { greys[$0 * 4 / (height * width)] }
      files["pictures/class \(labels[number])/\(100 + number).png"] =
        PNGFile(height: height, width: width, pixels: pixels).bytes
    }
    return files
  }()

  private static let convolutions =
    "{conv2d: {filters: 3, kernel: 3, padding: same}}, batch_norm, prelu, {max_pool: 2}, flatten, "

  private static let sources: [Source] = [
    Source(
      name: "synthetic",
      data: """
        train: {synthetic: {kind: gaussian_clusters, samples: 120, features: 4, classes: 3}}
          validation: {synthetic: {kind: gaussian_clusters, samples: 40, features: 4, classes: 3}}
        """),
    Source(
      name: "csv, split",
      data: "source: {csv: {path: t.csv, target: label}}\n  split: {validation: 0.25}\n  standardize: true",
      files: ["t.csv": table], file: "t.csv"),
    Source(
      name: "csv, two files",
      data: "train: {csv: {path: t.csv, target: label}}\n  validation: {csv: {path: v.csv, target: label}}",
      files: ["t.csv": table, "v.csv": table], file: "v.csv"),
    Source(
      name: "npy",
      data: "source: {npy: {features: x.npy, targets: y.npy}}\n  split: {validation: 0.25}\n  standardize: true",
      files: [
        "x.npy": npy("<f4", "120, 4", floats(features)),
        "y.npy": npy("<i8", "120,", labels.flatMap { bytes(Int64($0).littleEndian) }),
      ], file: "x.npy"),
    Source(
      name: "safetensors",
      data: "source: {safetensors: {path: d.safetensors, features: x, targets: y}}\n  split: {validation: 0.25}",
      files: ["d.safetensors": safetensors]),
    Source(
      name: "idx",
      data: "source: {idx: {images: i-idx2-ubyte, labels: l-idx1-ubyte}}\n  split: {validation: 0.25}",
      files: [
        "i-idx2-ubyte": pixels,
        "l-idx1-ubyte": [0, 0, 8, 1] + bytes(UInt32(samples).bigEndian) + labels.map { UInt8($0) },
      ]),
    Source(
      name: "pictures",
      data: """
        source: {pictures: {path: pictures, height: 4, width: 4}}
          split: {validation: 0.25}
          standardize: true
        """,
      files: pictures, file: "pictures", start: convolutions),
    Source(
      name: "synthetic pictures",
      data: """
        train: {synthetic: {kind: textures, samples: 120, height: 16, width: 17, channels: 3, classes: 3}}
          validation: {synthetic: {kind: textures, samples: 40, height: 16, width: 17, channels: 3, classes: 3}}
        """,
      start: convolutions),
  ]

  private func place(_ source: Source) throws -> Place {
    let place = try Place(
      """
      data:
        \(source.data)
      model: {layers: [\(source.start){dense: {units: 8, bias: false}}, batch_norm, relu, {dense: {units: 3}}]}
      loss: softmax_cross_entropy
      optimizer: {adam: {learning_rate: 0.02}}
      training: {batch_size: 30, shards: 3, threads: 2, epochs: 3}
      checkpoint: {keep_best: {metric: f1}}

      """)
    for (name, content) in source.files {
      let file = URL(filePath: place.path(name))
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content).write(to: file)
    }
    return place
  }

  @Test(arguments: sources)
  func everyCommand(source: Source) throws {
    let place = try place(source)
    try place.succeed("check", "config.yaml")
    try place.succeed("train", "config.yaml", "--output", "runs/a", "--steps", "4", "--quiet")
    try place.succeed("resume", "runs/a", "--quiet")
    let whole = try place.succeed("train", "config.yaml", "--output", "runs/b", "--quiet", "--json").json
    let checkpoint = try #require(whole["checkpoint"] as? String)
    let resumed = try place.succeed("resume", "runs/a", "--quiet", "--json").json
    #expect(resumed["weights_digest"] as? String == whole["weights_digest"] as? String)

    // What a run says of its validation data, evaluate says of the same checkpoint.
    let evaluated = try place.succeed("evaluate", checkpoint, "--json").json
    let validation = try #require(whole["validation"] as? [String: Any])
    #expect(Set(validation.keys) == ["loss", "accuracy", "f1"])
    for name in validation.keys { #expect(evaluated[name] as? Double == validation[name] as? Double, "\(name)") }

    let recalibrated = try place.succeed("recalibrate", checkpoint, "--json").json
    let path = try #require(recalibrated["checkpoint"] as? String)
    let before = try #require(recalibrated["validation_before"] as? [String: Any])
    #expect(before["loss"] as? Double == validation["loss"] as? Double)
    try place.succeed("evaluate", path)

    if let file = source.file {
      try place.succeed("predict", checkpoint, "--input", file, "--output", "predictions.csv")
      let lines = try String(contentsOfFile: place.path("predictions.csv"), encoding: .utf8).split(separator: "\n")
      #expect(lines.count == Self.samples + 1)
      if file.hasSuffix("csv") || file == "pictures" { try place.succeed("evaluate", checkpoint, "--data", file) }
    }
    for format in ["onnx", "safetensors", "npz"] {
      try place.succeed("export", checkpoint, "--to", "model.\(format)")
    }
    try place.succeed("inspect", checkpoint)
    try place.succeed("diagnose", "config.yaml", "--steps", "2")
    try place.succeed("compare", "config.yaml", "--vary", "activation=relu,tanh", "--folds", "2", "--metric", "roc_auc")
    try place.succeed("compare", "config.yaml", "--vary", "activation=relu,tanh", "--seeds", "1")
    try place.succeed("search", "config.yaml", "--vary", "activation=relu,tanh", "--trials", "3", "--metric", "roc_auc")
    try place.succeed("find-lr", "config.yaml", "--steps", "20")
    try place.succeed("scale", "config.yaml", "--threads", "1,2", "--steps", "8")
    try place.succeed("report", "runs/b", "--output", "page.html")
    try place.succeed("runs", "runs")
    try place.succeed("diff", "runs/a", "runs/b")
  }
}
