import Foundation
import TestSupport
import Testing

/// What --keep copies, read again by Python's csv module.
@Suite("Columns that predict keeps, in Python", .enabled(if: python, PrivatePython.excuse))
struct KeptColumnsTests {
  @Test func everyCellComesBackAsItWas() throws {
    let make = #"""
      import csv, random
      r = random.Random(5)
      pieces = ['a', '"', ',', '\n', '\r\n', '\r', ' ', '\t', 'é', '語', ';', "'", '#', '1.5', 'NA', '""', '\u2028']
      with open("t.csv", "w", newline="", encoding="utf-8") as file:
          out = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
          out.writerow(["b, \"too\"", "x", "text", "more", "label"])
          for i in range(2500):
              cell = lambda: "".join(r.choice(pieces) for _ in range(r.randrange(6)))
              out.writerow([i, r.gauss(0, 1), cell(), cell(), r.choice("pq")])
      """#
    let check = #"""
      import csv
      def read(name):
          with open(name, newline="", encoding="utf-8") as file: return list(csv.reader(file))
      given, kept = read("t.csv"), read("p.csv")
      assert len(given) == len(kept) == 2501
      for g, k in zip(given, kept): assert k[:3] == [g[3], g[0], g[2]], (g, k)
      assert kept[0] == ["more", 'b, "too"', "text", "prediction", "p", "q"], kept[0]
      assert all(row[3] == ("p" if float(row[4]) >= float(row[5]) else "q") for row in kept[1:])
      """#
    let place = try Place(
      """
      data: {source: {csv: {path: t.csv, target: label, ignore: [0, text, more]}}}
      model: {layers: [{dense: {units: 2}}]}
      loss: softmax_cross_entropy
      optimizer: sgd
      training: {batch_size: 32, shards: 2, steps: 5}

      """)
    let made = try PrivatePython.run(["-c", make], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.succeed(
      "predict", checkpoint, "--input", "t.csv", "--output", "p.csv", "--both", "--keep", "more,\"b, \"\"too\"\"\"",
      "--keep", "text")
    let checked = try PrivatePython.run(["-c", check], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
  }
}

private let python = PrivatePython.has("csv")
