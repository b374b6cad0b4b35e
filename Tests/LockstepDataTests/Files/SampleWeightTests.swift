import LockstepKernels
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

@Suite("Weights of samples in files")
struct SampleWeightTests {
  private func weights(of data: any Dataset) throws -> [Float] {
    let memory = Arena(count: data.count)
    try data.fillWeights(Array(0..<data.count).span, into: memory.all)
    return memory.all.array
  }

  /// A NumPy array of little-endian float32.
  private func npy(_ values: [Float], shape: String) -> [UInt8] {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
  }

  /// A column of a table is a weight, and no feature.
  @Test func aColumnIsNoFeature() throws {
    try withTemporaryFolder { folder in
      try write("a,w,y,b\n1,2,u,3\n4,0,v,5\n6,0.5,u,7\n", to: "\(folder)/t.csv")
      for weight in [ColumnReference.name("w"), .index(1), .index(-3)] {
        let (data, inputs, targets) = try training(.csv("\(folder)/t.csv") { $0.weight = weight })
        #expect(inputs == [[1, 3], [4, 5], [6, 7]] && targets == [[0], [1], [0]])
        #expect(data.preprocessing.columns.map(\.name) == ["a", "b"])
        let train = data.sets.train
        #expect(try train.isWeighted && weights(of: train) == [2, 0, 0.5])
        // Another file need not have it, and where it has, it is not looked at.
        for text in ["a,b,y\n1,3,u\n", "y,b,a,w\nu,3,1,no number\n"] {
          try write(text, to: "\(folder)/other.csv")
          var source = CSVSource(path: "\(folder)/other.csv", targets: [.name("y")])
          source.weight = weight
          for withTargets in [true, false] {
            let other = try FileData.samples(of: .csv(source), data.preprocessing, withTargets: withTargets)
            #expect(try !other.isWeighted && samples(of: other).inputs == [[1, 3]])
          }
        }
      }
      let (_, all, _) = try training(.csv("\(folder)/t.csv"))
      #expect(all == [[1, 2, 3], [4, 0, 5], [6, 0.5, 7]])
    }
  }

  /// Without names, columns go by their places, with the weight and the target or without.
  @Test func placesOfATableWithoutNames() throws {
    try withTemporaryFolder { folder in
      try write("1,2,u,3\n4,1,v,5\n", to: "\(folder)/t.csv")
      func change(_ source: inout CSVSource) {
        (source.hasHeader, source.targets, source.weight) = (false, [.index(2)], .index(1))
      }
      let (data, inputs, _) = try training(.csv("\(folder)/t.csv", change: change))
      #expect(inputs == [[1, 3], [4, 5]])
      for text in ["1,2,u,3\n", "1,3\n"] {
        try write(text, to: "\(folder)/other.csv")
        var source = CSVSource(path: "\(folder)/other.csv", targets: [])
        change(&source)
        let other = try FileData.samples(of: .csv(source), data.preprocessing, withTargets: false)
        #expect(try samples(of: other).inputs == [[1, 3]], "\(text)")
      }
    }
  }

  /// Arrays beside the features; the fingerprint tells weights from others and from none.
  @Test func arrays() throws {
    try withTemporaryFolder { folder in
      try write(npy([1, 2, 3, 4, 5, 6], shape: "(3, 2)"), to: "\(folder)/x.npy")
      try write(npy([0, 1, 0], shape: "(3,)"), to: "\(folder)/y.npy")
      var fingerprints: Set<String> = []
      for values in [[2, 0, 0.5], [1, 1, 1]] as [[Float]] {
        try write(npy(values, shape: "(3,)"), to: "\(folder)/w.npy")
        for isWeighted in [true, false] {
          let source = FileSource.npy(
            features: "\(folder)/x.npy", targets: "\(folder)/y.npy", weights: isWeighted ? "\(folder)/w.npy" : nil)
          let data = try FileData(opening: FileData.Description(train: source, kind: .classes))
          let train = data.sets.train
          #expect(train.isWeighted == isWeighted)
          if isWeighted { #expect(try weights(of: train) == values) }
          fingerprints.insert(train.fingerprint)
        }
      }
      #expect(fingerprints.count == 3)
    }
  }

  /// Both sides of a split are of one file: training sees its own samples' weights.
  @Test func aSplitHandsThemOn() throws {
    try withTemporaryFolder { folder in
      try write("a,w,y\n" + (0..<20).map { "\($0),\($0 + 100),\($0 % 2)\n" }.joined(), to: "\(folder)/t.csv")
      let description = FileData.Description.csv("\(folder)/t.csv", split: .share(0.3, seed: 1)) {
        $0.weight = .name("w")
      }
      let train = try FileData(opening: description).sets.train
      let inputs = try samples(of: train).inputs
      #expect(train.count == 14)
      #expect(try weights(of: train) == inputs.map { $0[0] + 100 })
    }
  }

  @Test(arguments: [
    (
      "a,w,y\n1,2,u\n2,-1,v\n",
      "t.csv:3:3: column \"w\": found \"-1\", expected a weight, a finite number of at least 0"
    ),
    ("a,w,y\n1,,u\n2,1,v\n", "t.csv:2:3: column \"w\": found"),
    ("a,w,y\n1,NaN,u\n2,1,v\n", "t.csv:2:3: column \"w\": found \"NaN\""),
    ("a,w,y\n1,inf,u\n2,1,v\n", "t.csv:2:3: column \"w\": found \"inf\""),
    ("a,w,y\n1,1e60,u\n2,1,v\n", "t.csv:2:3: column \"w\": found \"1e60\""),
    ("a,w,y\n1,much,u\n2,1,v\n", "t.csv:2:3: column \"w\": found \"much\""),
    ("a,w,y\n1,0,u\n2,0,v\n", "t.csv: found weights of 0 alone, expected one above 0"),
    ("a,v,y\n1,1,u\n2,1,v\n", "weight: found no column \"w\", expected one of a, v, y"),
  ])
  func badCellsAreNamed(table: String, words: String) throws {
    try withTemporaryFolder { folder in
      try write(table, to: "\(folder)/t.csv")
      for missing in [false, true] {
        let found = problem(.csv("\(folder)/t.csv", missing: missing) { $0.weight = .name("w") })
        #expect(found.contains(words), "\(found)")
      }
    }
  }

  @Test func badArraysAreNamed() throws {
    try withTemporaryFolder { folder in
      try write(npy([1, 2, 3, 4, 5, 6], shape: "(3, 2)"), to: "\(folder)/x.npy")
      try write(npy([0, 1, 0], shape: "(3,)"), to: "\(folder)/y.npy")
      for (values, shape, words) in [
        ([1, -2, 1], "(3,)", "w.npy: row 1: found the weight -2.0, expected a finite number of at least 0"),
        ([1, 1, .nan], "(3,)", "w.npy: row 2: found the weight nan"),
        ([1, 1], "(2,)", "w.npy: found weights of 2 × 1, expected 3 × 1, one a sample"),
        ([1, 1, 1, 1, 1, 1], "(3, 2)", "w.npy: found weights of 3 × 2"),
        ([0, 0, 0], "(3,)", "w.npy: found weights of 0 alone"),
      ] as [([Float], String, String)] {
        try write(npy(values, shape: shape), to: "\(folder)/w.npy")
        let source = FileSource.npy(
          features: "\(folder)/x.npy", targets: "\(folder)/y.npy", weights: "\(folder)/w.npy")
        let found = problem(FileData.Description(train: source, kind: .classes))
        #expect(found.contains(words), "\(found)")
      }
    }
  }

  @Test func aWeightIsNoTarget() throws {
    try withTemporaryFolder { folder in
      try write("a,y\n1,1\n2,2\n", to: "\(folder)/t.csv")
      #expect(
        problem(.csv("\(folder)/t.csv") { $0.weight = .name("y") }).contains(
          "weight: found column \"y\", which is a target, expected a column of its own"))
    }
  }
}
