import Foundation
import TestSupport
import Testing

/// Columns, classes and categories that Unicode takes for the same, from a table to its predictions: nothing traps, and
/// all of them are two.
@Suite("Names that look the same") struct LookAlikeRunTests {
  private static func configuration(weights: String = "") -> String {
    """
    data: {source: {csv: {path: t.csv, target: y}}}
    model: {layers: [{dense: {units: 2}}]}
    loss: {softmax_cross_entropy: {\(weights)}}
    optimizer: {sgd: {learning_rate: 0.5}}
    training: {batch_size: 4, shards: 2, steps: 40}
    checkpoint: {every: {steps: 40}}

    """
  }

  /// A network that has learned which of two look-alikes stands in column c says so of another file, whose columns
  /// stand in another order.
  @Test(arguments: lookAlikes.indices) func twoOfEverything(pair: Int) throws {
    let (a, b) = lookAlikes[pair]
    let place = try Place(Self.configuration(weights: "class_weights: {\"\(a)\": 1, \"\(b)\": 1.5}"))
    try place.write("\(a),\(b),c,y\n0,1,\(a),\(b)\n1,0,\(b),\(a)\n1,1,\(a),\(b)\n0,0,\(b),\(a)\n", to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write("c,\(b),y,\(a)\n\(b),0,\(a),1\n\(a),1,\(b),0\n\(a),0,\(b),0\n", to: "other.csv")
    let json = try place.succeed("evaluate", checkpoint, "--data", "other.csv", "--json").json
    #expect(json["accuracy"] as? Double == 1 && json["samples"] as? Int == 3)
    #expect(
      (json["classes"] as? [[String: Any]])?.map { $0["support"] as? Int }.sorted { ($0 ?? 0) < ($1 ?? 0) } == [1, 2])
    try place.succeed("predict", checkpoint, "--input", "other.csv", "--output", "p.csv")
    // Bytes, since strings compare as Unicode has it.
    #expect(try place.read("p.csv") == Data("prediction\n\(a)\n\(b)\n\(b)\n".utf8))
    try place.succeed("predict", checkpoint, "--input", "other.csv", "--output", "q.csv", "--probabilities")
    let header = [a, b].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: ",")
    #expect(try place.read("q.csv").starts(with: Data("\(header)\n".utf8)))
    try place.succeed("report", "run")
    try place.succeed("inspect", checkpoint)
    for command in ["check", "diagnose"] { try place.succeed(command, "config.yaml") }
    try place.succeed("resume", "run", "--set", "training.steps=44", "--quiet")
  }

  /// A name that only looks like a listed one is an error, and the error says why.
  @Test(arguments: lookAlikes.indices) func twinsAreNotTakenForEachOther(pair: Int) throws {
    for (a, b) in [lookAlikes[pair], (lookAlikes[pair].1, lookAlikes[pair].0)] {
      let place = try Place(Self.configuration())
      try place.write("x,c\(a),y\n0,\(a),\(a)\n1,other,other\n1,\(a),\(a)\n0,other,other\n", to: "t.csv")
      try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
      let checkpoint = try #require(try place.checkpoints("run").last)
      for (name, text, words) in [
        ("column.csv", "x,c\(b),y\n0,\(a),\(a)\n", ["column.csv:1", "found no column"]),
        ("category.csv", "x,c\(a),y\n0,other,\(a)\n0,\(b),\(a)\n", ["category.csv:3:3", "found the category"]),
      ] {
        try place.write(text, to: name)
        for arguments in [
          ["predict", checkpoint, "--input", name, "--output", "p.csv"], ["evaluate", checkpoint, "--data", name],
        ] {
          try place.refuse(arguments, words + ["code points differ", "U+"])
        }
      }
      try place.write("x,c\(a),y\n0,\(a),\(b)\n", to: "class.csv")
      try place.refuse(
        ["evaluate", checkpoint, "--data", "class.csv"], ["class.csv:2:", "found the class", "code points differ"])
      // In a configuration.
      for (yaml, key) in [
        (Self.configuration(weights: "class_weights: {\"\(b)\": 2}"), "class_weights"),
        (Self.configuration().replacing("target: y}", with: "target: \"c\(b)\"}"), "target"),
        (Self.configuration().replacing("target: y}", with: "target: y, ignore: [\"c\(b)\"]}"), "ignore"),
        (Self.configuration().replacing("target: y}", with: "target: y, categorical: [\"c\(b)\"]}"), "categorical"),
        (Self.configuration().replacing("target: y}", with: "target: y, weight: \"c\(b)\"}"), "weight"),
        (
          Self.configuration().replacing(
            "target: y}}", with: "target: y}}, split: {validation: 0.5, group: \"c\(b)\"}"), "group"
        ),
      ] {
        try place.write(yaml, to: "other.yaml")
        try place.refuse(["check", "other.yaml"], [key, "code points differ"])
      }
    }
  }
}
