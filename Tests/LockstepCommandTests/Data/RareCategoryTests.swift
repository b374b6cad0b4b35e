import Foundation
import TestSupport
import Testing

/// Categories, classes and numbers that occur once: a fold of which training knows nothing of them is no reason to
/// fail.
@Suite("What occurs once") struct RareCategoryTests {
  private static func configuration(_ data: String = "", units: Int = 2) -> String {
    """
    data:
      source: {csv: {path: t.csv, target: y}}
      \(data)
    model: {layers: [{dense: {units: \(units)}}]}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: 0.1}}
    training: {batch_size: 8, shards: 2, epochs: 2}

    """
  }

  private func compare(_ place: Place) throws -> Tool.Outcome {
    try place.lockstep(
      "compare", "config.yaml", "--vary", "optimizer.sgd.learning_rate=0.01,0.1", "--folds", "5", "--quiet")
  }

  /// Wherever in the table the one row with it stands, and whatever the rule of the split is.
  @Test(arguments: [
    "", "split: {validation: 0.2}", "split: {validation: 0.2, stratify: true}", "split: {validation: 0.2, group: g}",
  ])
  func foldsOfACategoryThatOccursOnce(data: String) throws {
    for rare in [0, 17, 34] {
      let place = try Place(Self.configuration(data + (data.isEmpty ? "" : "\n  unknown: ignore")))
      let rows = (0..<35).map { "\($0 % 7),\($0 == rare ? "rare" : ["u", "v"][$0 % 2]),g\($0 / 3),\($0 / 2 % 2)\n" }
      try place.write("a,c,g,y\n" + rows.joined(), to: "t.csv")
      let outcome = try compare(place)
      #expect(outcome.status == 0 && outcome.output.contains("accuracy over 5 folds"), "row \(rare): \(outcome)")
    }
  }

  @Test func foldsOfAClassThatOccursOnce() throws {
    for rare in [0, 17, 34] {
      let place = try Place(Self.configuration(units: 3))
      try place.write(
        "a,y\n" + (0..<35).map { "\($0 % 7),\($0 == rare ? "rare" : ["u", "v"][$0 % 2])\n" }.joined(), to: "t.csv")
      let outcome = try compare(place)
      #expect(outcome.status == 0, "row \(rare): \(outcome)")
    }
  }

  /// With `unknown: ignore` all its inputs are 0: the prediction is that of a row without the category, by hand from
  /// what is recorded.
  @Test func anUnknownCategoryIsNoneOfTheKnown() throws {
    let place = try Place(Self.configuration("unknown: ignore\n  missing: mean"))
    try place.write(
      "a,c,y\n" + (0..<40).map { "\($0 % 7),\(["u", "v", "w"][$0 % 3]),\($0 % 2)\n" }.joined(), to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.write("a,c\n3,new\n3,\n3,u\n5,Ω\n5,\n", to: "other.csv")
    try place.succeed("predict", checkpoint, "--input", "other.csv", "--output", "p.csv", "--probabilities")
    let rows = String(decoding: try place.read("p.csv"), as: UTF8.self).split(separator: "\n")
    #expect(rows.count == 6 && rows[1] == rows[2] && rows[1] != rows[3] && rows[4] == rows[5] && rows[1] != rows[4])
    // Without it they are told of by place.
    let strict = try Place(Self.configuration())
    try strict.write(String(decoding: try place.read("t.csv"), as: UTF8.self), to: "t.csv")
    try strict.write("a,c\n3,u\n3,new\n", to: "other.csv")
    try strict.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try strict.refuse(
      ["predict", try #require(try strict.checkpoints("run").last), "--input", "other.csv", "--output", "p.csv"],
      ["other.csv:3:3: column \"c\": found the category \"new\", expected one of u, v, w"])
  }
}
