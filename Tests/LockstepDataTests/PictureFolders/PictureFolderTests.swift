import LockstepFormats
import LockstepKernels
import LockstepModel
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

@Suite("Folders of pictures") struct PictureFolderTests {
  /// Classes and pictures by the bytes of their names, whatever else lies there; grey as three equal channels beside
  /// colours; pixels by 255.
  @Test func samplesAreThePicturesInOrder() throws {
    try withTemporaryFolder { folder in
      try picture([255, 0, 51], 1, 1, "\(folder)/b/Z.PNG")
      try picture([10], 1, 1, "\(folder)/b/a.png")
      try picture([20], 1, 1, "\(folder)/B/deep/er/x.Jpeg")
      try picture([30], 1, 1, "\(folder)/B/é.jpg")
      try picture([40], 1, 1, "\(folder)/10/p.png")
      try picture([50], 1, 1, "\(folder)/9/p.png")
      for other in ["README.md", ".hidden/x.png", "b/.x.png", "b/Thumbs.db", "9/notes.txt"] {
        try write([1], "\(folder)/\(other)")
      }
      let opened = try FileData(opening: description(folder))
      let (inputs, targets) = try samples(of: opened.sets.train)
      let grey = { (byte: Float) in [byte / 255, byte / 255, byte / 255] }
      #expect(inputs == [grey(40), grey(50), grey(20), grey(30), [1, 0, 51 / 255], grey(10)])
      #expect(opened.preprocessing.targets == .classes(["10", "9", "B", "b"]))
      #expect(targets == [[0], [1], [2], [2], [3], [3]])
      #expect(opened.sets.train.shape == .image(height: 1, width: 1, channels: 3))
      #expect(
        opened.contents.summary?.warnings == ["3 files are no pictures by the name, and passed over: 9/notes.txt, …"])
      #expect(Preprocessing(JSONValue.object(opened.preprocessing.json).text) == opened.preprocessing)
    }
  }

  /// Names that are all numbers have the order of their values, as classes of every file have.
  @Test func numberedClassesAreInOrder() throws {
    try withTemporaryFolder { folder in
      for number in [0, 2, 10] { try picture([UInt8(number)], 1, 1, "\(folder)/\(number)/a.png") }
      let opened = try FileData(opening: description(folder))
      #expect(opened.preprocessing.targets == .classes(["0", "2", "10"]))
      let (inputs, targets) = try samples(of: opened.sets.train)
      #expect(inputs == [[0], [10 / 255], [2 / 255]] && targets == [[0], [2], [1]])
    }
  }

  @Test func allGreyIsOneChannelUnlessAskedOtherwise() throws {
    try withTemporaryFolder { folder in
      try picture([1, 2, 3, 4], 2, 2, "\(folder)/a/1.png")
      try picture([5, 6, 7, 8], 2, 2, "\(folder)/b/1.png")
      #expect(try FileData(opening: description(folder)).sets.train.shape == .image(height: 2, width: 2, channels: 1))
      let colored = try FileData(opening: description(folder) { $0.channels = 3 })
      #expect(colored.sets.train.shape == .image(height: 2, width: 2, channels: 3))
      #expect(try samples(of: colored.sets.train).inputs[0] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4].map { $0 / 255 })
    }
  }

  @Test func sizesAreBroughtToOneOrNamed() throws {
    try withTemporaryFolder { folder in
      try picture([7, 7, 7, 7, 7, 7], 2, 3, "\(folder)/a/1.png")
      try picture([9, 9, 9, 9], 2, 2, "\(folder)/a/2.png")
      try picture([0, 100, 200], 1, 3, "\(folder)/b/1.png")
      #expect(
        problem(description(folder))
          == "\(folder): found pictures of several sizes, a/1.png of 2 × 3 and a/2.png of 2 × 2, expected one size, or "
          + "height and width, which all are brought to")
      let cropped = try FileData(opening: description(folder) { $0.size = .init(height: 1, width: 1) })
      #expect(try samples(of: cropped.sets.train).inputs == [[7 / 255], [9 / 255], [100 / 255]])
      let scaled = try FileData(
        opening: description(folder) {
          $0.size = .init(height: 1, width: 1)
          $0.fit = .scale
        })
      #expect(try samples(of: scaled.sets.train).inputs == [[7 / 255], [9 / 255], [100 / 255]])
      #expect(cropped.sets.train.fingerprint != scaled.sets.train.fingerprint)
    }
  }

  /// Mean and deviation of a channel over the training pictures, against sums in Double; those held back do not count.
  @Test func channelsAreStandardised() throws {
    try withTemporaryFolder { folder in
      var random = SeededGenerator(seed: 4)
      var pixels: [[UInt8]] = []
      for number in 0..<50 {
        pixels.append((0..<60).map { UInt8.random(in: 0...255, using: &random) / ($0 % 3 == 0 ? 4 : 1) })
        try picture(pixels[number], 4, 5, "\(folder)/\(number / 25)/\(100 + number).png")
      }
      let split = DataSplit(.share(0.2), seed: 1)
      let opened = try FileData(
        opening: FileData.Description(
          train: .pictures(PictureSource(path: folder)), split: split, isStandardized: true, kind: .classes))
      let train = try samples(of: opened.sets.train).inputs
      #expect(train.count == 40)
      for channel in 0..<3 {
        let values = train.flatMap { row in stride(from: channel, to: 60, by: 3).map { Double(row[$0]) } }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-5)
      }
      // As the same pictures recorded: nothing is decoded for it.
      let again = try FileData(opening: opened.description, recorded: opened.preprocessing)
      #expect(try samples(of: again.sets.train).inputs == train)
      #expect(again.sets.train.fingerprint == opened.sets.train.fingerprint)
    }
  }

  @Test func damageIsNamedWhereItIsMet() throws {
    try withTemporaryFolder { folder in
      for number in 0..<40 { try picture([1, 2, 3, 4], 2, 2, "\(folder)/\(number % 2)/\(100 + number).png") }
      // Its header is whole.
      let whole = PNGFile(height: 2, width: 2, pixels: [1, 2, 3, 4]).bytes
      try write(Array(whole.dropLast(20)), "\(folder)/1/107.png")
      let opened = try FileData(opening: description(folder))
      let message = "found a damaged PNG: it ends too early"
      do {
        _ = try samples(of: opened.sets.train)
        Issue.record("a damaged picture was read")
      } catch { #expect("\(error)".contains("/1/107.png: \(message)"), "\(error)") }
      let standardised = FileData.Description(
        train: .pictures(PictureSource(path: folder)), isStandardized: true, kind: .classes)
      #expect(problem(standardised).contains("/1/107.png: \(message)"))
      // What headers tell is found by opening, the first in order, and the number of all.
      try write(Array("text".utf8), "\(folder)/0/104.png")
      try write([], "\(folder)/1/139.png")
      let found = problem(description(folder))
      #expect(found.contains("/0/104.png: found bytes that are neither a PNG's nor a JPEG's"), "\(found)")
      #expect(found.hasSuffix("(and 1 more cannot be read: 1/139.png)"), "\(found)")
    }
  }

  @Test func foldersThatCannotBe() throws {
    try withTemporaryFolder { folder in
      #expect(problem(description("\(folder)/none")).contains("found a folder that cannot be read: no such file"))
      try write([1], "\(folder)/a/x.txt")
      #expect(problem(description(folder)).contains("/a: found a subfolder without a picture"))
      try picture([1], 1, 1, "\(folder)/a/x.png")
      #expect(problem(description(folder)).contains("found one class, a, expected at least 2 classes"))
      try picture([1], 1, 1, "\(folder)/stray.png")
      #expect(problem(description(folder)).contains("/stray.png: found a picture beside the subfolders"))
      let numbers = FileData.Description(train: .pictures(PictureSource(path: folder)), kind: .numbers)
      #expect(problem(numbers).contains("found pictures, whose targets are classes"))
    }
  }

  /// Other pictures for a model: they come to its size and channels, their classes must be its own; to predict, a
  /// folder without subfolders or a picture alone will do.
  @Test func otherPicturesBecomeWhatTrainingHad() throws {
    try withTemporaryFolder { folder in
      try picture([1, 2, 3, 4], 2, 2, "\(folder)/train/a/1.png")
      try picture([5, 6, 7, 8], 2, 2, "\(folder)/train/b/1.png")
      let preprocessing = try FileData(opening: description("\(folder)/train")).preprocessing
      func inputs(_ path: String, withTargets: Bool) throws -> [[Float]] {
        let source = FileSource.pictures(PictureSource(path: "\(folder)/\(path)"))
        return try samples(of: FileData.samples(of: source, preprocessing, withTargets: withTargets)).inputs
      }
      // Scaled to 2 × 4, the two columns in the middle.
      let between: [Float] = [191 / 255, 64 / 255, 191 / 255, 64 / 255]
      try picture([255, 255, 255, 0, 0, 0], 1, 2, "\(folder)/test/b/x.png")
      #expect(try inputs("test", withTargets: true) == [between])
      #expect(try inputs("test", withTargets: false) == [between])
      #expect(try inputs("test/b/x.png", withTargets: false) == [between])
      try picture([9, 9, 9, 9], 2, 2, "\(folder)/test/c/y.png")
      #expect(try inputs("test", withTargets: false).count == 2)
      let error = #expect(throws: DataFileError.self) { try inputs("test", withTargets: true) }
      #expect(error?.found == "the class \"c\"" && error?.expected == "one of a, b")
    }
  }

  /// What a checkpoint knows its data by: names and bytes, not where the folder is.
  @Test func everyChangeIsAnotherFingerprint() throws {
    try withTemporaryFolder { folder in
      func fingerprint(_ name: String, _ pixel: UInt8, _ file: String) throws -> String {
        try picture([1], 1, 1, "\(folder)/\(name)/a/1.png")
        try picture([pixel], 1, 1, "\(folder)/\(name)/b/\(file)")
        return try FileData(opening: description("\(folder)/\(name)")).sets.train.fingerprint
      }
      let first = try fingerprint("one", 2, "1.png")
      #expect(try fingerprint("two", 2, "1.png") == first)
      #expect(try fingerprint("three", 3, "1.png") != first)
      #expect(try fingerprint("four", 2, "2.png") != first)
    }
  }

  private func description(
    _ path: String, _ change: (inout PictureSource) -> Void = { _ in }
  ) -> FileData.Description {
    var source = PictureSource(path: path)
    change(&source)
    return FileData.Description(train: .pictures(source), kind: .classes)
  }

  private func picture(_ pixels: [UInt8], _ height: Int, _ width: Int, _ path: String) throws {
    try write(PNGFile(height: height, width: width, pixels: pixels).bytes, path)
  }

  /// Writes a file, and the folders that it is to stand in.
  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Folder.create(Folder.parent(of: path))
    try TestSupport.write(bytes, to: path)
  }
}
