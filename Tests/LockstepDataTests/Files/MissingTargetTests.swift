import LockstepKernels
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// Rows that are left out because their target is missing: everything that goes with a row goes with them.
@Suite("Missing targets") struct MissingTargetTests {
  private struct Row {
    var feature: Float
    var color: String
    var weight: Float
    var group: Int
    /// nil where it is missing.
    var target: Int?
  }

  /// About a third of the targets is missing, never all.
  private func rows(_ seed: UInt64) -> [Row] {
    var generator = SeededGenerator(seed: seed)
    let count = Int.random(in: 6...80, using: &generator)
    return (0..<count).map { index in
      Row(
        feature: Float(Int.random(in: -999...999, using: &generator)), color: ["red", "blue"][index % 2],
        weight: Float(Int.random(in: 1...9, using: &generator)), group: index / 3,
        target: index > 3 && generator.next() % 3 == 0 ? nil : (index / 2) % 2)
    }
  }

  private func weights(of data: any Dataset) throws -> [Float] {
    let memory = Arena(count: data.count)
    try data.fillWeights(Array(0..<data.count).span, into: memory.all)
    return memory.all.array
  }

  /// A table, by every word for nothing; a row that is left out may hold anything else.
  @Test func ofTables() throws {
    for seed in 1...30 {
      let rows = rows(UInt64(seed))
      let missing = ["", "NA", "?", " ", "NaN", "null"]
      let text =
        "a,c,w,g,y\n"
        + rows.enumerated().map { index, row in
          row.target.map { "\(row.feature),\(row.color),\(row.weight),g\(row.group),\(["no", "yes"][$0])\n" }
            ?? (index % 2 == 0
              ? "\(row.feature),rare\(index),-1,,\(missing[index % 6])\n"
              : "oops,,x,g\(row.group),\(missing[index % 6])\n")
        }.joined()
      let kept = rows.filter { $0.target != nil }
      try withTemporaryFolder { folder in
        try write(text, to: "\(folder)/t.csv")
        for split in [
          nil, DataSplit.share(0.4, seed: 3, by: .grouped(.name("g"))), .share(0.3, seed: 1, by: .last),
          .share(0.3, seed: 2),
        ] {
          var description = FileData.Description.csv("\(folder)/t.csv", split: split) {
            $0.weight = .name("w")
            if split?.rule != .grouped(.name("g")) { $0.ignored = [.name("g")] }
          }
          description.dropsMissingTargets = true
          let data = try FileData(opening: description)
          let sets = data.sets
          var seen: [Int] = []
          for side in [sets.train] + [sets.validation].compactMap({ $0 }) {
            let (inputs, targets) = try samples(of: side)
            let numbers =
              (side as? DatasetView).map { view in (0..<view.count).map { view.sample($0) } } ?? Array(kept.indices)
            seen += numbers
            #expect(
              inputs
                == numbers.map {
                  [kept[$0].feature, kept[$0].color == "blue" ? 1 : 0, kept[$0].color == "red" ? 1 : 0]
                }, "seed \(seed)")
            #expect(targets == numbers.map { [Float(kept[$0].target ?? -1)] }, "seed \(seed)")
            #expect(try weights(of: side) == numbers.map { kept[$0].weight }, "seed \(seed)")
          }
          #expect(seen.sorted() == Array(kept.indices), "seed \(seed)")
          if split?.rule == .grouped(.name("g")), let validation = sets.validation as? DatasetView,
            let train = sets.train as? DatasetView
          {
            let held = Set((0..<validation.count).map { kept[validation.sample($0)].group })
            #expect((0..<train.count).allSatisfy { !held.contains(kept[train.sample($0)].group) }, "seed \(seed)")
          }
          #expect(data.preprocessing.samples == sets.train.count)
          let left = rows.count - kept.count
          if left > 0 {
            #expect(
              data.contents.summary?.lines.contains { $0.contains("\(left) row\(left == 1 ? "" : "s") left out") }
                == true,
              "seed \(seed)")
          }
        }
        if kept.count < rows.count {
          #expect(
            problem(
              .csv("\(folder)/t.csv") {
                ($0.ignored, $0.categorical) = ([.name("g"), .name("w")], [.name("a"), .name("c")])
              }) != "")
        }
      }
    }
  }

  /// The same of arrays: NaN is missing.
  @Test func ofArrays() throws {
    for seed in 1...30 {
      let rows = rows(UInt64(seed))
      let kept = rows.filter { $0.target != nil }
      try withTemporaryFolder { folder in
        try write(npy(rows.map { [$0.feature, $0.target == nil ? .nan : 1] }), to: "\(folder)/x.npy")
        try write(npy(rows.map { [$0.target.map { Float($0) } ?? .nan] }), to: "\(folder)/y.npy")
        try write(npy(rows.map { [$0.weight] }), to: "\(folder)/w.npy")
        let source = FileSource.npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy", weights: "\(folder)/w.npy")
        for kind in [TargetKind.classes, .numbers] {
          for split in [nil, DataSplit.share(0.3, seed: 1, by: .last), .share(0.3, seed: 2)] {
            var description = FileData.Description(train: source, split: split, isStandardized: true, kind: kind)
            description.dropsMissingTargets = true
            let data = try FileData(opening: description)
            let sets = data.sets
            var seen: [Int] = []
            for side in [sets.train] + [sets.validation].compactMap({ $0 }) {
              let (inputs, targets) = try samples(of: side)
              let numbers =
                (side as? DatasetView).map { view in (0..<view.count).map { view.sample($0) } } ?? Array(kept.indices)
              seen += numbers
              guard case .number(let mean, let deviation) = data.preprocessing.columns[0].encoding else { return }
              #expect(
                inputs == numbers.map { [Float((Double(kept[$0].feature) - mean) / deviation), 0] }, "seed \(seed)")
              #expect(targets == numbers.map { [Float(kept[$0].target ?? -1)] }, "seed \(seed)")
              #expect(try weights(of: side) == numbers.map { kept[$0].weight }, "seed \(seed)")
            }
            #expect(seen.sorted() == Array(kept.indices), "seed \(seed)")
            // The mean is that of the rows of the training part that are kept.
            let train =
              (sets.train as? DatasetView).map { view in (0..<view.count).map { view.sample($0) } }
              ?? Array(kept.indices)
            let mean = train.reduce(0) { $0 + Double(kept[$1].feature) } / Double(train.count)
            if case .number(let found, _) = data.preprocessing.columns[0].encoding {
              // Sums of at most 80 numbers below 1000, in another order.
              expectClose(actual: found, expected: mean, absolute: 1e-10, relative: 1e-13, "seed \(seed)")
            }
          }
        }
      }
    }
  }

  @Test func severalTargetsAndNone() throws {
    try withTemporaryFolder { folder in
      try write("a,y,z\n1,2,3\n4,,6\n7,8,?\n10,11,12\n", to: "\(folder)/t.csv")
      var description = FileData.Description.csv("\(folder)/t.csv", kind: .numbers) {
        $0.targets = [.name("z"), .name("y")]
      }
      description.dropsMissingTargets = true
      let (data, inputs, targets) = try training(description)
      #expect(inputs == [[1], [10]] && targets == [[3, 2], [12, 11]] && data.preprocessing.samples == 2)
      // To predict, rows are not looked at for their targets.
      let other = try FileData.samples(of: description.train, data.preprocessing, withTargets: false)
      #expect(try samples(of: other).inputs == [[1], [4], [7], [10]])
      description.dropsMissingTargets = false
      #expect(
        problem(description).contains(
          "t.csv:3:3: column \"y\": found an empty cell, expected a number (missing_target: drop"))
      try write("a,y\n1,\n2,NA\n", to: "\(folder)/t.csv")
      var none = FileData.Description.csv("\(folder)/t.csv")
      none.dropsMissingTargets = true
      #expect(problem(none).contains("2 samples, all of them without a target"))
      // In quotes NA is a name, here that of a class.
      try write("a,y\n1,\"NA\"\n2,NA\n3,u\n", to: "\(folder)/t.csv")
      let named = try training(none)
      #expect(named.data.preprocessing.targets == .classes(["NA", "u"]) && named.inputs == [[1], [3]])
    }
  }

  private func npy(_ rows: [[Float]]) -> [UInt8] {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + rows.joined().flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
  }
}
