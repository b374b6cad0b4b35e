import Foundation
import TestSupport
import Testing

/// Runs on files: the same promises as on any data.
@Suite("Data in files, from the command line")
struct FileRunTests {
  static let configuration = """
    data:
      source: {csv: {path: t.csv, target: label, ignore: [id]}}
      split: {validation: 0.25, seed: 3}
      standardize: true
      missing: mean
    model: {layers: [{dense: {units: 8, bias: false}}, batch_norm, tanh, {dense: {units: 3}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 32, shards: 5, epochs: 4}
    checkpoint: {every: {steps: 5}}

    """

  /// Three classes of numbers and a category, some of them missing.
  static func table(rows: Int = 203) -> String {
    var generator = SeededGenerator(seed: 4)
    var text = "id,a,\"b, too\",color,label\n"
    for row in 0..<rows {
      let (a, b) = (generator.normal(1)[0], generator.normal(1)[0] * 100 + 40)
      let color = ["red", "green", "blue"][Int(generator.next() % 3)]
      let label = a + (b - 40) / 100 > 0.6 ? "high" : color == "red" ? "mid, red" : "low"
      text += "\(row),\(row % 17 == 0 ? "" : "\(a)"),\(b),\(row % 29 == 0 ? "NA" : color),\"\(label)\"\n"
    }
    return text
  }

  private func place() throws -> Place {
    let place = try Place(Self.configuration)
    try place.write(Self.table(), to: "t.csv")
    return place
  }

  @Test func bitsDoNotDependOnThreadsOrResuming() throws {
    let place = try place()
    var digests: Set<String> = []
    for threads in ["1", "2", "3", "5"] {
      let outcome = try place.succeed(
        "train", "config.yaml", "--output", "run\(threads)", "--threads", threads, "--quiet", "--json")
      digests.insert(outcome.json["weights_digest"] as? String ?? "?")
    }
    try place.succeed("train", "config.yaml", "--output", "stopped", "--threads", "2", "--steps", "7", "--quiet")
    let resumed = try place.succeed("resume", "stopped", "--threads", "3", "--quiet", "--json")
    digests.insert(resumed.json["weights_digest"] as? String ?? "?")
    #expect(digests.count == 1)
    let validation = try place.summary("run1")["validation"] as? [String: Double]
    #expect(try place.summary("stopped")["validation"] as? [String: Double] == validation)
    #expect((validation?["accuracy"] ?? 0) > 0.8)
  }

  @Test func changedDataIsRefusedAndMovedDataIsNot() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "7", "--quiet")
    try place.write(Self.table().replacing("\n5,-", with: "\n5,"), to: "t.csv")
    try place.refuse(["resume", "run"], ["the training data is not what the run was trained with"])
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.refuse(["evaluate", checkpoint], ["the data is not what the run was trained with any more"])
    try place.write(Self.table(), to: "elsewhere.csv")
    try place.succeed("resume", "run", "--set", "data.source.csv.path=elsewhere.csv", "--quiet")
  }

  @Test func evaluateGivesTheFiguresOfTheLog() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let logged = try #require(try place.metrics("run").last { $0["event"] as? String == "validation" })
    let checkpoint = try #require(try place.checkpoints("run").last)
    for threads in ["1", "4"] {
      let json = try place.succeed("evaluate", checkpoint, "--threads", threads, "--json").json
      #expect(
        "\(json["loss"] ?? "")" == "\(logged["loss"] ?? "?")"
          && "\(json["accuracy"] ?? "")" == "\(logged["accuracy"] ?? "?")")
      #expect(json["samples"] as? Int == 51)
    }
    // Files alone count: the checkpoint knows what to do with another.
    try place.write(
      Self.table(rows: 61).replacing(",label\n", with: ",label,more\n").replacing("\"\n", with: "\",x\n"),
      to: "other.csv")
    #expect(try place.succeed("evaluate", checkpoint, "--data", "other.csv", "--json").json["samples"] as? Int == 61)
    let text = try place.succeed("evaluate", checkpoint, "--data", "other.csv").output
    for word in ["precision", "roc_auc", "mid, red", "true ╲ predicted"] { #expect(text.contains(word), "\(word)") }
  }

  @Test func predictionsAreTheSameBytesOnAnyNumberOfThreads() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write(Self.table(rows: 1531), to: "new.csv")
    // Without its target, columns in another order.
    let rows = Self.table(rows: 1531).split(separator: "\n").map {
      $0.split(separator: "\"", omittingEmptySubsequences: false)
    }
    try place.write(
      "color,\"b, too\",a\n"
        + rows.dropFirst().map { cells in
          let c = cells[0].split(separator: ",", omittingEmptySubsequences: false)
          return "\(c[3]),\(c[2]),\(c[1])\n"
        }.joined(), to: "bare.csv")
    var outputs: [String: Set<Data>] = [:]
    for threads in ["1", "2", "3", "5"] {
      for (input, name) in [("new.csv", "p.csv"), ("new.csv", "p.npy"), ("bare.csv", "p.csv")] {
        try place.succeed(
          "predict", checkpoint, "--input", input, "--output", name, "--probabilities", "--threads", threads)
        outputs[name, default: []].insert(try place.read(name))
      }
      try place.succeed("predict", checkpoint, "--input", "new.csv", "--output", "classes.csv", "--threads", threads)
      outputs["classes", default: []].insert(try place.read("classes.csv"))
    }
    #expect(outputs.values.allSatisfy { $0.count == 1 })
    let lines = String(decoding: try place.read("p.csv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 1532 && lines[0] == "high,low,\"mid, red\"")
    for line in lines.dropFirst() {
      let values = line.split(separator: ",").compactMap { Double($0) }
      #expect(values.count == 3 && abs(values.reduce(0, +) - 1) < 1e-5)
    }
    let classes = String(decoding: try place.read("classes.csv"), as: UTF8.self).split(separator: "\n")
    #expect(
      classes.count == 1532 && classes[0] == "prediction"
        && Set(classes.dropFirst()).isSubset(of: ["high", "low", "\"mid, red\""]))
  }

  @Test func badPredictionsAreRefused() throws {
    let place = try place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "1", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write("a,\"b, too\",color\n1,2,red\n3,4,pink\n", to: "unknown.csv")
    try place.write("a,color\n1,red\n", to: "narrow.csv")
    try place.write("a,\"b, too\",color\n1,x,red\n", to: "bad.csv")
    try place.write("", to: "empty.csv")
    let cases: [(String, String, [String])] = [
      (
        "unknown.csv", "p.csv",
        ["unknown.csv:3:5: column \"color\": found the category \"pink\", expected one of blue, green, red"]
      ),
      ("narrow.csv", "p.csv", ["narrow.csv:1: header: found no column \"b, too\""]),
      ("bad.csv", "p.csv", ["bad.csv:2:3: column \"b, too\": found \"x\", expected a number"]),
      ("empty.csv", "p.csv", ["empty.csv: found an empty file"]),
      ("missing.csv", "p.csv", ["missing.csv", "no such file"]),
      ("t.csv", "p.txt", ["--output p.txt: found another ending"]), ("t.csv", "t.csv", ["it is what --input reads"]),
      ("t.csv", "no/p.csv", ["there is no folder no"]),
      ("{synthetic: {kind: friedman, samples: 9, features: 6}}", "p.csv", ["found synthetic data"]),
    ]
    for (input, output, words) in cases {
      try place.refuse(["predict", checkpoint, "--input", input, "--output", output], words)
    }
  }

  /// Predictions of a regression, and an input that is an array.
  @Test func numbersArePredictedFromArrays() throws {
    let yaml = Self.configuration.replacing("target: label, ignore: [id]", with: "target: [b, a], header: true")
      .replacing("softmax_cross_entropy", with: "mean_squared_error").replacing("units: 3", with: "units: 2")
    let place = try Place(yaml)
    var text = "x,z,a,b\n"
    for row in 0..<80 { text += "\(row),\(row * row % 7),\(row * 2),\(-row)\n" }
    try place.write(text, to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.succeed("predict", checkpoint, "--input", "t.csv", "--output", "p.csv")
    let lines = String(decoding: try place.read("p.csv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 81 && lines[0] == "b,a")
    let json = try place.succeed("evaluate", checkpoint, "--data", "t.csv", "--json").json
    #expect((json["targets"] as? [[String: Any]])?.map { $0["name"] as? String } == ["b", "a"] && json["r2"] is Double)
    try place.refuse(
      ["predict", checkpoint, "--input", "t.csv", "--output", "q.csv", "--probabilities"],
      ["the model predicts numbers"])
    // The same numbers as an array of bytes.
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (80, 2), }\n"
    var array = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8))
    for row in 0..<80 { array += [UInt8(row), UInt8(row * row % 7)] }
    try place.write(array, to: "x.npy")
    let table = try place.read("p.csv")
    try place.succeed("predict", checkpoint, "--input", "x.npy", "--output", "p.csv")
    #expect(try place.read("p.csv") == table)
  }
}
