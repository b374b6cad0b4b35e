import Foundation
import TestSupport
import Testing

/// What `predict` writes beside the class, and what becomes of what training did not foresee.
@Suite("predict: columns and gaps")
struct PredictionTests {
  static let configuration = """
    data: {source: {csv: {path: t.csv, target: label, ignore: [id, "full, name"]}}}
    model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: 3}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 32, shards: 2, epochs: 2}

    """
  static let header = "id,\"full, name\",a,color,label\n"

  /// Every seventh name holds a quote, a comma and a line break.
  static func row(_ index: Int, a: String? = nil, color: String? = nil) -> String {
    let name = index % 7 == 0 ? "\"na\"\"me, \(index)\nx\"" : " n\(index) "
    let number = Double((index * 37) % 101) / 50 - 1
    let color = color ?? ["red", "green", "blue"][index % 3]
    return "\(index),\(name),\(a ?? "\(number)"),\(color),\(number > 0 ? "high" : color == "red" ? "mid" : "low")\n"
  }

  static func table(_ rows: Int) -> String { header + (0..<rows).map { row($0) }.joined() }

  static func trained(_ yaml: String = configuration) throws -> (place: Place, checkpoint: String) {
    let place = try Place(yaml)
    try place.write(table(120), to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    return (place, try #require(try place.checkpoints("run").last))
  }

  private func lines(_ place: Place, _ name: String) throws -> [String] {
    String(decoding: try place.read(name), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func bothIsTheClassBeforeItsProbabilities() throws {
    let (place, checkpoint) = try Self.trained()
    for (option, name) in [("--threads=2", "c.csv"), ("--probabilities", "p.csv"), ("--both", "b.csv")] {
      try place.succeed("predict", checkpoint, "--input", "t.csv", "--output", name, option)
    }
    let (classes, probabilities) = (try lines(place, "c.csv"), try lines(place, "p.csv"))
    #expect(probabilities[0] == "high,low,mid" && classes.count == 121)
    #expect(try lines(place, "b.csv") == zip(classes, probabilities).map { "\($0),\($1)" })
    try place.refuse(
      ["predict", checkpoint, "--input", "t.csv", "--output", "x.csv", "--both", "--probabilities"], ["choose one"])
    for option in [["--both"], ["--keep", "id"]] {
      try place.refuse(
        ["predict", checkpoint, "--input", "t.csv", "--output", "x.npy"] + option,
        ["\(option[0]): found a .npy file to write, whose elements are all of one type, expected a .csv file"])
    }
  }

  /// Two labels: of each its 0 or 1, and behind it how likely it is.
  @Test func bothOfSeveralLabels() throws {
    let yaml = Self.configuration.replacing("target: label, ignore: [id, \"full, name\"]", with: "target: [u, v]")
      .replacing("softmax", with: "binary").replacing("units: 3", with: "units: 2")
    let place = try Place(yaml)
    let text = "a,b,u,v\n" + (0..<80).map { "\($0 % 9),\($0 % 5),\($0 % 9 > 4 ? 1 : 0),\($0 % 2)\n" }.joined()
    try place.write(text, to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    for (option, name) in [("--threads=1", "c.csv"), ("--probabilities", "p.csv"), ("--both", "b.csv")] {
      try place.succeed("predict", checkpoint, "--input", "t.csv", "--output", name, option)
    }
    let both = try lines(place, "b.csv").map { $0.split(separator: ",").map(String.init) }
    #expect(both[0] == ["u", "u_probability", "v", "v_probability"] && both.count == 81)
    #expect(try lines(place, "c.csv") == both.map { "\($0[0]),\($0[2])" })
    #expect(try lines(place, "p.csv").dropFirst() == both.map { "\($0[1]),\($0[3])" }.dropFirst())
    for row in both.dropFirst() {
      #expect((row[0] == "1") == ((Double(row[1]) ?? 0) > 0.5) && (row[2] == "1") == ((Double(row[3]) ?? 0) > 0.5))
    }
  }

  @Test func numbersHaveNoProbabilities() throws {
    let (place, checkpoint) = try Self.trained(
      Self.configuration.replacing("target: label, ignore: [", with: "target: a, ignore: [label, ")
        .replacing("softmax_cross_entropy", with: "mean_squared_error").replacing("units: 3", with: "units: 1"))
    for option in ["--both", "--probabilities"] {
      try place.refuse(
        ["predict", checkpoint, "--input", "t.csv", "--output", "x.csv", option],
        ["\(option): the model predicts numbers, not classes"])
    }
    try place.refuse(
      ["predict", checkpoint, "--input", "t.csv", "--output", "x.csv", "--keep", "a"],
      ["--keep: found \"a\", which is what a column of the predictions is called", "rename the column"])
  }

  @Test func keptColumnsAreTheSameBytesOnAnyNumberOfThreads() throws {
    let (place, checkpoint) = try Self.trained()
    try place.write(Self.table(2111), to: "new.csv")
    var outputs: Set<Data> = []
    for threads in ["1", "2", "5"] {
      try place.succeed(
        "predict", checkpoint, "--input", "new.csv", "--output", "p.csv", "--keep", "color,\"full, name\"", "--keep",
        "id", "--threads", threads)
      outputs.insert(try place.read("p.csv"))
    }
    #expect(outputs.count == 1)
    let text = String(decoding: try place.read("p.csv"), as: UTF8.self)
    #expect(text.hasPrefix("color,\"full, name\",id,prediction\nred,\"na\"\"me, 0\nx\",0,"))
    #expect(text.contains("\ngreen,\" n1 \",1,"))
  }

  @Test func columnsThatCannotBeKeptAreRefused() throws {
    let (place, checkpoint) = try Self.trained()
    try place.write("0.5,red,7\n", to: "bare.csv")
    func refuse(_ input: String, _ keep: [String], _ words: String...) throws {
      try place.refuse(
        ["predict", checkpoint, "--input", input, "--output", "p.csv"] + keep.flatMap { ["--keep", $0] }, words)
    }
    try refuse("t.csv", ["ids"], "t.csv: --keep: found no column \"ids\"", "did you mean id?")
    try refuse("t.csv", ["full, name"], "found no column \"full\"", "--keep '\"full, name\"'")
    try refuse("t.csv", ["id,color", "id"], "--keep: found column \"id\" twice, expected every column once")
    try refuse("t.csv", [""], "--keep: found an empty name")
    try refuse("t.csv", ["id,"], "--keep: found an empty name")
    try refuse("t.csv", ["\"id"], "--keep: found \"\"id\", expected names with commas between them")
    let bare = "{csv: {path: bare.csv, header: false, target: 2}}"
    try refuse(bare, ["id"], "--keep: found the name \"id\" for a table without header, expected a number from 0 to 2")
    try refuse(bare, ["3"], "--keep: found column 3 of 3")
    try place.succeed("predict", checkpoint, "--input", bare, "--output", "p.csv", "--keep", "2")
    #expect(try lines(place, "p.csv")[0] == "2,prediction" && lines(place, "p.csv")[1].hasPrefix("7,"))
  }

  @Test func gapsAreErrorsUnlessTheCommandLineSaysOtherwise() throws {
    let (place, checkpoint) = try Self.trained()
    let rows = [(0, nil, "pink"), (1, "", nil), (2, nil, nil), (3, "NA", "beige")] as [(Int, String?, String?)]
    try place.write(Self.header + rows.map { Self.row($0, a: $1, color: $2) }.joined(), to: "new.csv")
    let call = ["predict", checkpoint, "--input", "new.csv", "--output", "p.csv"]
    try place.refuse(call, ["new.csv:3:9: column \"color\": found the category \"pink\"", "(--unknown ignore lets it"])
    try place.refuse(call + ["--unknown", "ignore"], ["column \"a\": found an empty cell", "(--missing mean puts"])
    try place.refuse(call + ["--missing", "median"], ["'median' is invalid for '--missing <rule>'"])
    let outcome = try Tool.run(call + ["--unknown", "ignore", "--missing", "mean"], in: place.folder)
    #expect(outcome.status == 0 && outcome.output == "")
    #expect(
      outcome.errors.contains(
        "note: 2 rows have a category that training has not, taken for none (column \"color\": \"pink\")"))
    #expect(outcome.errors.contains("note: 2 cells are missing: a number takes its column's mean"))
    let evaluated = try place.succeed(
      "evaluate", checkpoint, "--data", "new.csv", "--unknown", "ignore", "--missing", "mean", "--json")
    #expect(evaluated.json["samples"] as? Int == 4 && evaluated.errors.contains("note: 2 cells are missing"))
    try place.refuse(["evaluate", checkpoint, "--missing", "mean"], ["--missing: expected --data beside it"])
    // What the run had recorded, taken back.
    let yaml = Self.configuration.replacing("model:", with: "  \nmodel:").replacing(
      "data: {", with: "data: {missing: mean, unknown: ignore, ")
    let (other, filling) = try Self.trained(yaml)
    try other.write(try place.read("new.csv"), to: "new.csv")
    try other.succeed("predict", filling, "--input", "new.csv", "--output", "p.csv")
    try other.refuse(
      ["predict", filling, "--input", "new.csv", "--output", "q.csv", "--unknown", "error"], ["the category \"pink\""])
    try other.refuse(
      ["predict", filling, "--input", "new.csv", "--output", "q.csv", "--missing", "error"], ["found an empty cell"])
  }

  /// A cell that is filled counts as one that holds the mean of the training samples, though nobody had asked for
  /// means.
  @Test func aGapIsTheMean() throws {
    let (place, checkpoint) = try Self.trained()
    let numbers = (0..<120).map { Double(($0 * 37) % 101) / 50 - 1 }
    let mean = numbers.reduce(0, +) / 120
    try place.write(Self.header + Self.row(1, a: "") + Self.row(1, a: "\(mean)"), to: "new.csv")
    try place.succeed(
      "predict", checkpoint, "--input", "new.csv", "--output", "p.csv", "--missing", "mean", "--probabilities")
    let lines = try lines(place, "p.csv")
    #expect(lines[1] == lines[2])
  }

  @Test func arraysHaveGapsToo() throws {
    let yaml = """
      data: {train: {npy: {features: x.npy, targets: y.npy}}}
      model: {layers: [{dense: {units: 2}}]}
      loss: softmax_cross_entropy
      optimizer: sgd
      training: {batch_size: 4, shards: 2, steps: 2}

      """
    let place = try Place(yaml)
    let values = (0..<16).map { Float($0 % 5) }
    try place.write(Self.array(values, columns: 2), to: "x.npy")
    try place.write(Self.array((0..<8).map { Float($0 % 2) }, columns: 1), to: "y.npy")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write(Self.array([1, .nan, .nan, 4], columns: 2), to: "new.npy")
    let call = ["predict", checkpoint, "--input", "new.npy", "--output", "p.csv"]
    try place.refuse(call, ["new.npy: row 0, column 1: found nan", "(--missing mean takes NaN for missing)"])
    try place.refuse(call + ["--keep", "0"], ["new.npy: --keep: found arrays, expected a table of text"])
    let outcome = try Tool.run(call + ["--missing", "mean"], in: place.folder)
    #expect(outcome.status == 0 && outcome.errors.contains("note: 2 cells are missing"))
    // In a run it is the configuration that says it.
    try place.write(
      yaml.replacing("}}}", with: "}}, validation: {npy: {features: new.npy, targets: z.npy}}}"), to: "v.yaml")
    try place.write(Self.array([0, 1], columns: 1), to: "z.npy")
    let trained = try place.lockstep("train", "v.yaml", "--output", "v", "--quiet")
    #expect(trained.status != 0 && trained.errors.contains("(missing: mean takes NaN for missing)"), "\(trained)")
  }

  /// Data that was never in a file has no means.
  @Test func meansThatNobodyHasTakenFillNothing() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "1", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write(Self.array([1, .nan, 3, 4, 5, 6], columns: 6), to: "new.npy")
    try place.refuse(
      ["predict", checkpoint, "--input", "new.npy", "--output", "p.csv", "--missing", "mean"],
      ["--missing mean: found no mean of column 0 and 5 other columns", "train again with missing: mean"])
  }

  /// The bytes of a `.npy` file of float32.
  static func array(_ values: [Float], columns: Int) -> Data {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(values.count / columns), \(columns)), }\n"
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
    return Data(
      start + values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
  }
}
