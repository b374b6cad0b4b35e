import Foundation
import TestSupport
import Testing

/// Rows without a target, from training to evaluation: what is left out is left out everywhere, and only to predict is
/// every row asked for.
@Suite("Runs with missing targets") struct MissingTargetRunTests {
  private static func configuration(_ data: String) -> String {
    """
    data:
      \(data)
      missing_target: drop
    model: {layers: [{dense: {units: 4}}, tanh, {dense: {units: 2}}]}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: 0.1}}
    training: {batch_size: 8, shards: 2, epochs: 3}

    """
  }

  private func table(_ rows: Range<Int>, gaps: Bool) -> String {
    "a,b,y\n"
      + rows.filter { gaps || $0 % 5 != 2 }.map { row in
        "\(row * 37 % 101),\(["p", "q"][row % 2]),\(row % 5 == 2 ? ["", "NA", "?"][row % 3] : ["no", "yes"][row * row % 3 % 2])\n"
      }.joined()
  }

  /// The run is that of the table without those rows, to the last bit; so are the figures of `evaluate`.
  @Test(arguments: [
    "source: {csv: {path: t.csv, target: y}}\n  split: {validation: 0.25, seed: 2}",
    "source: {csv: {path: t.csv, target: y}}\n  split: {validation: 0.25, order: last}\n  standardize: true",
    "train: {csv: {path: t.csv, target: y}}\n  validation: {csv: {path: v.csv, target: y}}\n  standardize: true",
  ])
  func theRunIsThatOfTheOtherRows(data: String) throws {
    var found: [(digest: String, metrics: [String], own: [String], other: [String])] = []
    for gaps in [true, false] {
      let place = try Place(Self.configuration(data))
      try place.write(table(0..<100, gaps: gaps), to: "t.csv")
      try place.write(table(100..<160, gaps: gaps), to: "v.csv")
      let outcome = try place.succeed("train", "config.yaml", "--output", "run", "--quiet", "--json")
      let checkpoint = try #require(try place.checkpoints("run").last)
      func figures(_ json: [String: Any]) -> [String] { ["loss", "accuracy", "samples"].map { "\(json[$0] ?? "?")" } }
      let logged = try #require(try place.metrics("run").last { $0["event"] as? String == "validation" })
      let own = figures(try place.succeed("evaluate", checkpoint, "--json").json)
      #expect(own.prefix(2) == figures(logged).prefix(2))
      let other = figures(try place.succeed("evaluate", checkpoint, "--data", "v.csv", "--json").json)
      #expect(other[2] == "48")
      found.append((outcome.json["weights_digest"] as? String ?? "?", figures(logged), own, other))
      // To be predicted is every row, with its target or without.
      try place.succeed("predict", checkpoint, "--input", "v.csv", "--output", "p.csv")
      let rows = String(decoding: try place.read("p.csv"), as: UTF8.self).split(separator: "\n").count - 1
      #expect(rows == (gaps ? 60 : 48))
      let checked = try place.succeed("check", "config.yaml").output
      #expect(checked.contains("left out, without a target") == gaps)
      // Without the key it is an error, and the error names it.
      if gaps {
        try place.refuse(
          ["check", "config.yaml", "--set", "data.missing_target=error"], ["t.csv:4:", "missing_target: drop"])
      }
    }
    #expect(found[0].digest == found[1].digest && found[0].metrics == found[1].metrics)
    #expect(found[0].own == found[1].own && found[0].other == found[1].other)
  }
}
