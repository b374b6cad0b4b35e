import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// Splits of files: by class, by group, in order; and which of them a configuration means.
@Suite("Splits of files") struct FileSplitTests {
  private func sides(_ files: FileData) throws -> (train: [Int], validation: [Int]) {
    let sets = files.sets
    let train = try #require(sets.train as? DatasetView)
    let validation = try #require(sets.validation as? DatasetView)
    return ((0..<train.count).map { train.sample($0) }, (0..<validation.count).map { validation.sample($0) })
  }

  /// Of each class, written in several ways, either side has its share but for one.
  @Test func classesHaveTheirShare() throws {
    for seed in 1...25 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let count = Int.random(in: 20...200, using: &generator)
      let labels = (0..<count).map { $0 < 6 ? $0 / 2 : min(2, Int(generator.next() % 7)) }
      // Each of them is written plainly once.
      let written = labels.enumerated().map { index, label in
        [["0", "0.0", "-0"], ["1", "1.0", "+1"], ["10", "10.00", "10."]][label][
          index < 6 ? 0 : Int(generator.next() % 3)]
      }
      let text = "a,y\n" + written.enumerated().map { "\($0),\($1)\n" }.joined()
      try withTemporaryFolder { folder in
        try write(text, to: "\(folder)/t.csv")
        let share = 0.25
        for rule in [DataSplit.Rule.automatic, .stratified] {
          let files = try FileData(opening: .csv("\(folder)/t.csv", split: .share(share, seed: UInt64(seed), by: rule)))
          #expect(files.preprocessing.targets == .classes(["0", "1", "10"]))
          let (train, validation) = try sides(files)
          #expect((train + validation).sorted() == Array(0..<count))
          #expect(validation.count == Int((share * Double(count)).rounded()))
          for label in 0..<3 {
            let all = labels.count { $0 == label }
            let held = validation.count { labels[$0] == label }
            #expect(abs(Double(held) - share * Double(all)) < 1 + 1e-9 && held < all, "seed \(seed): \(held) of \(all)")
          }
        }
        var times = Array(repeating: 0, count: count)
        for index in 0..<4 {
          let (_, validation) = try sides(
            FileData(opening: .csv("\(folder)/t.csv", split: .fold(index, of: 4, seed: 3, by: .stratified))))
          for sample in validation { times[sample] += 1 }
          for label in 0..<3 {
            let (all, held) = (labels.count { $0 == label }, validation.count { labels[$0] == label })
            #expect(held >= all / 4 && held <= (all + 3) / 4, "seed \(seed)")
          }
        }
        #expect(times.allSatisfy { $0 == 1 })
      }
    }
  }

  /// No group is on both sides, and its column is no feature, whatever else is said of it; nor is it to evaluate or to
  /// predict.
  @Test func groupsStayTogether() throws {
    for seed in 1...25 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let count = Int.random(in: 12...150, using: &generator)
      let groups = (0..<count).map { _ in Int(generator.next() % 9) }
      let text = "p,a,y\n" + groups.enumerated().map { "\(["", "patient "][seed % 2])\($1),\($0),\($0 % 2)\n" }.joined()
      try withTemporaryFolder { folder in
        try write(text, to: "\(folder)/t.csv")
        for reference in [ColumnReference.name("p"), .index(0), .index(-3)] {
          for change in [{ _ in }, { $0.ignored = [.name("p")] }, { $0.categorical = [.index(0)] }]
            as [(inout CSVSource) -> Void]
          {
            let description = FileData.Description.csv(
              "\(folder)/t.csv", split: .share(0.3, seed: UInt64(seed), by: .grouped(reference)), change: change)
            let files = try FileData(opening: description)
            let (train, validation) = try sides(files)
            #expect(Set(train.map { groups[$0] }).isDisjoint(with: validation.map { groups[$0] }), "seed \(seed)")
            #expect((train + validation).sorted() == Array(0..<count))
            #expect(files.preprocessing.columns.map(\.name) == ["a"])
            #expect(try samples(of: files.sets.train).inputs == train.map { [Float($0)] })
            // Another file need not have it.
            try write("y,a\n1,7\n0,8\n", to: "\(folder)/other.csv")
            guard case .csv(var source) = description.train else { return }
            source.path = "\(folder)/other.csv"
            (source.ignored, source.categorical) = ([], [])
            for withTargets in [true, false] {
              let other = try FileData.samples(of: .csv(source), files.preprocessing, withTargets: withTargets)
              #expect(try samples(of: other).inputs == [[7], [8]])
            }
          }
        }
        for index in 0..<3 {
          let files = try FileData(
            opening: .csv("\(folder)/t.csv", split: .fold(index, of: 3, seed: 1, by: .grouped(.name("p")))))
          let (train, validation) = try sides(files)
          #expect(Set(train.map { groups[$0] }).isDisjoint(with: validation.map { groups[$0] }))
        }
      }
    }
  }

  /// Without a header too, where columns are known by their places alone: with the target and the group, without
  /// either.
  @Test func groupsOfTablesWithoutNames() throws {
    try withTemporaryFolder { folder in
      try write("u,1,2,no\nv,3,4,yes\nu,5,6,yes\nw,7,8,no\n", to: "\(folder)/t.csv")
      let description = FileData.Description.csv(
        "\(folder)/t.csv", target: .index(-1), split: .fold(0, of: 3, seed: 1, by: .grouped(.index(0)))
      ) { $0.hasHeader = false }
      let files = try FileData(opening: description)
      #expect(files.preprocessing.features == 2)
      let again = try FileData(opening: description, recorded: files.preprocessing)
      #expect(try sides(again) == sides(files))
      #expect(again.sets.train.fingerprint == files.sets.train.fingerprint)
    }
  }

  @Test func theLastRowsValidate() throws {
    try withTemporaryFolder { folder in
      try write("a,y\n" + (0..<20).map { "\($0 * $0),\($0 % 2)\n" }.joined(), to: "\(folder)/t.csv")
      let files = try FileData(
        opening: .csv("\(folder)/t.csv", split: .share(0.2, seed: 9, by: .last), standardize: true))
      let (train, validation) = try sides(files)
      #expect(train == Array(0..<16) && validation == Array(16..<20))
      guard case .number(let mean, _) = files.preprocessing.columns[0].encoding else { return }
      // Σ k² / 16 for k below 16.
      expectClose(actual: mean, expected: 77.5, absolute: 1e-12, relative: 0)
    }
  }
}
