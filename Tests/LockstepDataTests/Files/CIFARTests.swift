import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Files of CIFAR's binary version, made here by its description.
@Suite("Pictures of CIFAR") struct CIFARTests {
  /// A picture with its labels, coarse before fine; channels last.
  private struct Picture {
    var labels: [UInt8]
    var pixels: [UInt8]

    /// As it stands in a file: 1,024 bytes of red, of green, of blue.
    var record: [UInt8] { labels + (0..<3).flatMap { channel in (0..<1024).map { pixels[$0 * 3 + channel] } } }
    var row: [Float] { pixels.map { Float($0) / 255 } }
  }

  private func pictures(_ count: Int, seed: UInt64, _ labels: (Int) -> [UInt8]) -> [Picture] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      Picture(labels: labels(index), pixels: (0..<3072).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    }
  }

  private func files(_ pictures: [Picture], _ sizes: [Int], in folder: String) throws -> [String] {
    var start = 0
    return try sizes.enumerated().map { index, size in
      let path = "\(folder)/data_batch_\(index + 1).bin"
      try write(pictures[start..<start + size].flatMap(\.record), to: path)
      start += size
      return path
    }
  }

  private func description(_ files: [String], _ labels: FileSource.CIFARLabels = .fine, _ kind: TargetKind = .classes)
    -> FileData.Description
  {
    FileData.Description(train: .cifar(files: files, labels: labels), kind: kind)
  }

  /// Any number of files, of any sizes, are one; the same as one array of NumPy.
  @Test(arguments: [[7], [3, 4], [1, 1, 5], [2, 1, 3, 1]])
  func severalFilesAreOne(sizes: [Int]) throws {
    try withTemporaryFolder { folder in
      let all = pictures(7, seed: UInt64(sizes.count)) { [UInt8($0 * 3 % 10)] }
      for isStandardized in [false, true] {
        var description = description(try files(all, sizes, in: folder))
        description.isStandardized = isStandardized
        let read = try training(description)
        if !isStandardized { #expect(read.inputs == all.map(\.row)) }
        #expect(read.targets == all.map { [Float($0.labels[0])] })
        #expect(read.data.preprocessing.targets == .classes((0..<10).map(String.init)))
        #expect(read.data.preprocessing.shape == .image(height: 32, width: 32, channels: 3))
        #expect(read.data.memoryBytes == 0)
        // Divided by 255 beforehand, the bytes are what an array holds; a mean of rounded numbers is near, not equal.
        try write(npy([7, 32, 32, 3], all.flatMap(\.row)), to: "\(folder)/x.npy")
        try write(npy("|u1", [7], all.map { $0.labels[0] }), to: "\(folder)/y.npy")
        var array = FileData.Description(
          train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy"), kind: .classes)
        array.isStandardized = isStandardized
        for (row, wanted) in zip(read.inputs, try training(array).inputs) {
          expectClose(actual: row, expected: wanted.map(Double.init), absolute: isStandardized ? 1e-5 : 0, relative: 0)
        }
        // In any order.
        let order = [6, 0, 3, 3, 5, 1]
        #expect(try Rows(read.data.sets.train, order).features == order.map { read.inputs[$0] })
      }
    }
  }

  @Test func bothLabelsOfCIFAR100() throws {
    try withTemporaryFolder { folder in
      let all = pictures(6, seed: 9) { [UInt8($0 * 3), UInt8(99 - $0 * 7)] }
      let paths = try files(all, [4, 2], in: folder)
      let (fine, coarse) = (try training(description(paths)), try training(description(paths, .coarse)))
      #expect(fine.targets == all.map { [Float($0.labels[1])] } && coarse.targets == all.map { [Float($0.labels[0])] })
      #expect(fine.inputs == all.map(\.row) && coarse.inputs == fine.inputs)
      #expect(fine.data.preprocessing.task == .classification(classes: 100))
      #expect(coarse.data.preprocessing.task == .classification(classes: 20))
      #expect(fine.data.sets.train.fingerprint != coarse.data.sets.train.fingerprint)
      if let gzip = program("gzip") {
        #expect(try run(gzip, [paths[0]]).status == 0)
        let packed = try training(description(["\(paths[0]).gz", paths[1]]))
        #expect(packed.inputs == fine.inputs)
        #expect(packed.data.sets.train.fingerprint == fine.data.sets.train.fingerprint)
      }
    }
  }

  /// Names are given by the file beside the pictures; classes are numbered as everywhere, by their names.
  @Test func classesHaveNames() throws {
    try withTemporaryFolder { folder in
      let all = pictures(10, seed: 2) { [UInt8($0)] }
      let paths = try files(all, [10], in: folder)
      let numbered = try training(description(paths)).data.preprocessing
      let names = ["zebra", "yak", "cat", "deer", "dog", "frog", "horse", "ship", "truck", "ant"]
      try write(names.joined(separator: "\r\n") + "\n\n", to: "\(folder)/batches.meta.txt")
      let read = try training(description(paths))
      let sorted = names.sorted()
      #expect(read.data.preprocessing.targets == .classes(sorted))
      #expect(read.targets == names.map { [Float(sorted.firstIndex(of: $0) ?? -1)] })
      // A model that knows numbers takes numbers, one that knows names needs them.
      func again(_ known: Preprocessing) throws -> [[Float]] {
        try samples(of: FileData.samples(of: .cifar(files: paths), known, withTargets: true)).targets
      }
      #expect(try again(read.data.preprocessing) == read.targets)
      #expect(try again(numbered) == (0..<10).map { [Float($0)] })
      try write("a\nb\n", to: "\(folder)/batches.meta.txt")
      #expect(
        problem(description(paths)).contains(
          "batches.meta.txt: found 2 names, expected the names of 10 classes, a line each"))
      try write(Array(repeating: "a", count: 10).joined(separator: "\n"), to: "\(folder)/batches.meta.txt")
      #expect(problem(description(paths)).contains("batches.meta.txt: found \"a\" twice"))
      try write([0xFF, 0x0A], to: "\(folder)/batches.meta.txt")
      #expect(problem(description(paths)).contains("found bytes that are not UTF-8"))
      try write([UInt8](repeating: 0x61, count: 70_000), to: "\(folder)/batches.meta.txt")
      #expect(problem(description(paths)).contains("found more than 65536 bytes"))
      #expect(try run("/bin/rm", ["\(folder)/batches.meta.txt"]).status == 0)
      let error = #expect(throws: DataFileError.self) { try again(read.data.preprocessing) }
      #expect(
        error?.description.hasSuffix("(batches.meta.txt beside the file names them)") == true,
        "\(error?.description ?? "")")
    }
  }

  @Test func whatIsNoCIFARIsSaid() throws {
    try withTemporaryFolder { folder in
      let ten = pictures(3, seed: 4) { [UInt8($0)] }
      let hundred = pictures(2, seed: 5) { [UInt8($0), UInt8(50 + $0)] }
      func problem(_ contents: [[UInt8]], _ labels: FileSource.CIFARLabels = .fine) throws -> String {
        let paths = try contents.enumerated().map { index, bytes in
          try write(bytes, to: "\(folder)/\(index).bin")
          return "\(folder)/\(index).bin"
        }
        return LockstepDataTests.problem(description(paths, labels))
      }
      let (good, other) = (ten.flatMap(\.record), hundred.flatMap(\.record))
      #expect(try problem([good, good]) == "" && problem([other]) == "" && problem([other], .coarse) == "")
      #expect(
        try problem([good, Array(good.dropLast())]).contains(
          "1.bin: found 9218 bytes, expected whole records of 3073 (CIFAR-10) bytes, as the files before"))
      #expect(
        try problem([good + [0]]).contains(
          "0.bin: found 9220 bytes, expected whole records of 3073 (CIFAR-10) or 3074 (CIFAR-100) bytes (it may be cut off"
        ))
      #expect(
        try problem([good, other]).contains("1.bin: found 6148 bytes, expected whole records of 3073 (CIFAR-10)"))
      #expect(try problem([[]]).contains("found an empty file"))
      #expect(try problem([]).contains("found no file, expected at least one"))
      #expect(try problem([good], .coarse).contains("found coarse labels of CIFAR-10"))
      var bad = ten
      bad[2].labels = [10]
      #expect(
        try problem([good, bad.flatMap(\.record)]).contains(
          "1.bin: record 2: found the label 10, expected one from 0 to 9, as CIFAR-10 has"))
      var worse = hundred
      worse[1].labels = [0, 100]
      #expect(
        try problem([worse.flatMap(\.record)]).contains("record 1: found the fine label 100, expected one from 0 to 99")
      )
      worse[1].labels = [20, 0]
      #expect(
        try problem([worse.flatMap(\.record)]).contains(
          "record 1: found the coarse label 20, expected one from 0 to 19"))
      let paths = [try files(ten, [3], in: folder)[0]]
      var asked = description(paths)
      asked.image = ImageLayout(height: 32, width: 32, channels: 1)
      #expect(
        LockstepDataTests.problem(asked).contains(
          "found images of 32 × 32 × 3, expected images of 32 × 32 × 1, 1024 numbers"))
      asked.image?.channels = 3
      #expect(LockstepDataTests.problem(asked) == "")
      let features = Preprocessing(identity: 3072, .classification(classes: 10), samples: 1)
      let error = #expect(throws: DataFileError.self) {
        try FileData.samples(of: .cifar(files: paths), features, withTargets: true)
      }
      #expect(error?.description.contains("expected 3072 features, as in training") == true)
    }
  }

  /// 3,074 pictures of CIFAR-10 take as many bytes as 3,073 of CIFAR-100.
  @Test func sizesOfBothKinds() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.bin"
      let grey = [UInt8](repeating: 200, count: 3072)
      try write([UInt8]((0..<3074).flatMap { [UInt8($0 % 10)] + grey }), to: path)
      #expect(try CIFARFiles([path]).kind == .ten)
      try write([UInt8]((0..<3073).flatMap { [UInt8($0 % 20), UInt8($0 % 100)] + grey }), to: path)
      #expect(try CIFARFiles([path]).kind == .hundred)
    }
  }

  /// What the mapping cannot prevent is noticed before it is read, in any of the files.
  @Test func aFileThatShrinksIsNoticed() throws {
    try withTemporaryFolder { folder in
      let paths = try files(pictures(6, seed: 1) { [UInt8($0)] }, [2, 2, 2], in: folder)
      let data = try FileData(opening: description(paths))
      _ = try samples(of: data.sets.train)
      #expect(try run("/usr/bin/truncate", ["-s", "3073", paths[2]]).status == 0)
      let error = #expect(throws: (any Error).self) { try Rows(data.sets.train, [0]) }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains("data_batch_3.bin: found 3073 bytes"))
    }
  }
}
