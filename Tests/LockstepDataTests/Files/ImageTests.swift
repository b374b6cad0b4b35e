import LockstepModel
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Samples that are images: by the axes of an array, or because rows of numbers are said to be some.
@Suite("Images in files") struct ImageTests {
  private static let sizes = [(5, 4, 6, 3), (3, 1, 1, 1), (4, 7, 1, 2), (2, 1, 9, 4), (6, 5, 5, 1)]

  private func arrays(_ features: [UInt8], _ pictures: Pictures, in folder: String, _ change: Change = { _ in }) throws
    -> FileData.Description
  {
    try write(features, to: "\(folder)/x.npy")
    try write(npy("|u1", [pictures.count], pictures.labels), to: "\(folder)/y.npy")
    var description = FileData.Description(
      train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/y.npy"), kind: .classes)
    change(&description)
    return description
  }

  private typealias Change = (inout FileData.Description) -> Void

  /// One picture is one sample however it is written, and what is learned of the pictures is the same to the last bit.
  @Test(arguments: 0..<5)
  func theSameSamplesWhateverTheWay(of index: Int) throws {
    let (n, h, w, c) = Self.sizes[index]
    let pictures = Pictures(n, height: h, width: w, channels: c, seed: UInt64(index))
    let (shape, planar) = (pictures.shape, pictures.planar)
    try withTemporaryFolder { folder in
      for isStandardized in [false, true] {
        func read(_ bytes: [UInt8], _ image: ImageLayout?) throws -> (data: FileData, inputs: [[Float]]) {
          let description = try arrays(bytes, pictures, in: folder) {
            ($0.image, $0.isStandardized) = (image, isStandardized)
          }
          let read = try training(description)
          return (read.data, read.inputs)
        }
        let own = try read(npy([n, h, w, c], pictures.pixels), nil)
        #expect(own.data.preprocessing.shape == .image(height: h, width: w, channels: c))
        #expect(own.data.sets.train.shape == own.data.preprocessing.shape && own.data.sets.train.features == h * w * c)
        if !isStandardized { #expect(own.inputs == pictures.rows) }
        var others = [
          try read(npy([n, h, w, c], pictures.pixels), shape), try read(npy([n, h * w * c], pictures.pixels), shape),
          try read(npy([n, h * w * c], pictures.planes), planar), try read(npy([n, c, h, w], pictures.planes), planar),
        ]
        if c == 1 { others.append(try read(npy([n, h, w], pictures.pixels), nil)) }
        for (isNamed, layout, values) in [
          (true, shape, pictures.pixels), (false, shape, pictures.pixels), (true, planar, pictures.planes),
          (false, planar, pictures.planes),
        ] {
          let count = h * w * c
          let header = isNamed ? [((0..<count).map { "p\($0)" } + ["y"]).joined(separator: ",")] : []
          let lines = (0..<n).map { row in
            (values[row * count..<(row + 1) * count].map { "\(Int($0))" } + ["\(pictures.labels[row])"]).joined(
              separator: ",")
          }
          try write((header + lines).joined(separator: "\n") + "\n", to: "\(folder)/t.csv")
          let description = FileData.Description(
            train: .csv(CSVSource(path: "\(folder)/t.csv", targets: [.index(-1)], hasHeader: isNamed)),
            isStandardized: isStandardized, image: layout, kind: .classes)
          let table = try training(description)
          others.append((table.data, table.inputs))
          // A model that was trained on it finds the pixels again, by their names or by their places.
          let again = try samples(
            of: FileData.samples(of: description.train, table.data.preprocessing, withTargets: true))
          #expect(again.inputs == table.inputs)
        }
        for (number, other) in others.enumerated() {
          #expect(other.inputs == own.inputs, "way \(number)")
          #expect(
            other.data.preprocessing.columns.map(\.encoding) == own.data.preprocessing.columns.map(\.encoding),
            "way \(number)")
          #expect(other.data.preprocessing.shape == own.data.preprocessing.shape, "way \(number)")
        }
      }
    }
  }

  /// One mean and one deviation a channel, over all samples of the training part and all positions.
  @Test(arguments: 0..<12)
  func statisticsOfChannels(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed + 99)
    func size(_ most: UInt64) -> Int { Int(1 + generator.next() % most) }
    var pictures = Pictures(2 + size(20), height: size(7), width: size(9), channels: size(4), seed: seed)
    let channels = pictures.shape.channels
    // A channel that does not vary is only moved.
    if seed % 3 == 0 { for at in stride(from: 0, to: pictures.pixels.count, by: channels) { pictures.pixels[at] = 7 } }
    let shape = [pictures.count, pictures.shape.height, pictures.shape.width, channels]
    try withTemporaryFolder { folder in
      let description = try arrays(npy(shape, pictures.pixels), pictures, in: folder) { $0.isStandardized = true }
      let read = try training(description)
      let (columns, scales) = (read.data.preprocessing.columns, pictures.scales)
      #expect(columns.count == read.data.preprocessing.shape.count)
      for (index, column) in columns.enumerated() {
        guard case .number(let mean, let deviation) = column.encoding else {
          Issue.record("a category")
          continue
        }
        let wanted = scales[index % channels]
        #expect(abs(mean - wanted.mean) <= 1e-11 && abs(deviation - wanted.deviation) <= 1e-11, "column \(index)")
      }
      if seed % 3 == 0 { #expect(columns[0].encoding == .number(mean: 7, deviation: 1)) }
      for (row, picture) in zip(read.inputs, pictures.rows) {
        for (index, pixel) in picture.enumerated() {
          let scale = scales[index % channels]
          #expect(abs(Double(row[index]) - (Double(pixel) - scale.mean) / scale.deviation) < 1e-6)
        }
      }
      if seed % 3 == 0 {
        let warnings = read.data.contents.summary?.warnings ?? []
        #expect(warnings.filter { $0.hasPrefix("channel 0: every training sample has the same value") }.count == 1)
      }
    }
  }

  /// A split's validation part takes no part in them.
  @Test func statisticsAreThoseOfTheTrainingPart() throws {
    let pictures = Pictures(20, height: 3, width: 2, channels: 2, seed: 4)
    var first = pictures
    (first.count, first.pixels) = (15, Array(pictures.pixels[..<(15 * 12)]))
    try withTemporaryFolder { folder in
      let description = try arrays(npy([20, 3, 2, 2], pictures.pixels), pictures, in: folder) {
        ($0.isStandardized, $0.split) = (true, .share(0.25, seed: 1, by: .last))
      }
      let columns = try FileData(opening: description).preprocessing.columns
      for channel in 0..<2 {
        guard case .number(let mean, let deviation) = columns[4 + channel].encoding else { continue }
        #expect(abs(mean - first.scales[channel].mean) < 1e-11)
        #expect(abs(deviation - first.scales[channel].deviation) < 1e-11)
      }
    }
  }

  /// NaN takes the mean of its channel.
  @Test func gapsAreFilledByChannel() throws {
    var pictures = Pictures(4, height: 2, width: 2, channels: 3, seed: 8)
    pictures.pixels[5] = .nan
    try withTemporaryFolder { folder in
      let description = try arrays(npy([4, 2, 2, 3], pictures.pixels), pictures, in: folder) { $0.fillsMissing = true }
      let others = stride(from: 2, to: pictures.pixels.count, by: 3).filter { $0 != 5 }.map {
        Double(pictures.pixels[$0])
      }
      let found = try training(description).inputs[0][5]
      #expect(abs(Double(found) - others.reduce(0, +) / Double(others.count)) < 1e-5)
      let refused = try arrays(npy([4, 2, 2, 3], pictures.pixels), pictures, in: folder) { $0.isStandardized = true }
      #expect(problem(refused).contains("x.npy: row 0, pixel (0, 1), channel 2: found nan, expected a finite number"))
    }
  }

  @Test func filesOfMNISTAreImages() throws {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2] + (0..<12).map { 20 * $0 }
    try withTemporaryFolder { folder in
      try write(images, to: "\(folder)/i")
      try write([0, 0, 8, 1, 0, 0, 0, 2, 7, 3], to: "\(folder)/l")
      let data = try training(.init(train: .idx(images: "\(folder)/i", labels: "\(folder)/l"), kind: .classes))
      #expect(data.data.preprocessing.shape == .image(height: 3, width: 2, channels: 1))
      #expect(data.inputs[1] == (6..<12).map { Float(20 * $0) / 255 })
      #expect(data.data.contents.summary?.lines[0].contains("images of 3 × 2 × 1, 6 inputs in all") == true)
    }
  }

  /// Two axes are features, and so are five, as ever.
  @Test func otherArraysAreFeatures() throws {
    let pictures = Pictures(2, height: 3, width: 2, channels: 2, seed: 5)
    try withTemporaryFolder { folder in
      for shape in [[2, 12], [2, 3, 1, 2, 2], [2, 12, 1, 1, 1, 1]] {
        let data = try training(arrays(npy(shape, pictures.pixels), pictures, in: folder)).data
        #expect(data.preprocessing.shape == .features(12) && data.preprocessing.image == nil, "\(shape)")
      }
    }
  }

  /// What a model was trained with stays what it was: features where an earlier version saw no image.
  @Test func recordsSayWhatAnArrayIs() throws {
    let pictures = Pictures(2, height: 3, width: 2, channels: 2, seed: 6)
    try withTemporaryFolder { folder in
      let description = try arrays(npy([2, 3, 2, 2], pictures.pixels), pictures, in: folder)
      let earlier = Preprocessing(
        identity: 12, .classification(classes: 2), samples: 2)
      let data = try FileData(opening: description, recorded: earlier)
      #expect(data.preprocessing == earlier && data.sets.train.shape == .features(12))
      let image = try FileData(opening: description).preprocessing
      #expect(!image.isPrepared(as: earlier))
      var turned = image
      turned.image?.order = .channelsFirst
      #expect(!image.isPrepared(as: turned))
      // Rows of numbers are pictures to a model of pictures.
      try write(npy([2, 12], pictures.pixels), to: "\(folder)/flat.npy")
      let flat = try FileData.samples(
        of: .npy(features: "\(folder)/flat.npy", targets: nil), image, withTargets: false)
      #expect(flat.shape == image.shape)
      #expect(try samples(of: flat).inputs == pictures.rows)
    }
  }

  @Test func whatDoesNotFitIsSaid() throws {
    let pictures = Pictures(2, height: 3, width: 4, channels: 2, seed: 7)
    try withTemporaryFolder { folder in
      func problem(_ shape: [Int], _ image: ImageLayout?) throws -> String {
        LockstepDataTests.problem(try arrays(npy(shape, pictures.pixels), pictures, in: folder) { $0.image = image })
      }
      let (shape, planar) = (pictures.shape, pictures.planar)
      #expect(
        try problem([2, 24], .init(height: 5, width: 5, channels: 1)).contains(
          "x.npy: image: found 24 numbers a sample, expected images of 5 × 5 × 1, 25 numbers, as data.image says"))
      #expect(
        try problem([2, 3, 4, 2], .init(height: 4, width: 3, channels: 2)).contains(
          "found images of 3 × 4 × 2, expected images of 4 × 3 × 2, 24 numbers, as data.image says"))
      #expect(try problem([2, 2, 3, 4], shape).hasSuffix("(order: channels_first)"))
      #expect(try problem([2, 3, 4, 2], planar).hasSuffix("(order: channels_last)"))
      #expect(try problem([2, 2, 3, 4], planar) == "" && problem([2, 3, 4, 2], shape) == "")
      // And in the words of who has a model.
      let model = try FileData(
        opening: arrays(npy([2, 3, 4, 2], pictures.pixels), pictures, in: folder)
      ).preprocessing
      try write(npy([2, 2, 3, 4], pictures.planes), to: "\(folder)/planes.npy")
      let error = #expect(throws: DataFileError.self) {
        try FileData.samples(of: .npy(features: "\(folder)/planes.npy", targets: nil), model, withTargets: false)
      }
      #expect(
        error?.description.hasSuffix(
          "found images of 2 × 3 × 4, expected images of 3 × 4 × 2, 24 numbers, as in training (numpy.moveaxis(x, 1, -1) puts the channels where training had them)"
        ) == true, "\(error?.description ?? "")")
      try write("a,b,y\n1,2,u\n3,4,v\n", to: "\(folder)/t.csv")
      var table = FileData.Description.csv("\(folder)/t.csv")
      table.image = ImageLayout(height: 1, width: 3, channels: 1)
      #expect(LockstepDataTests.problem(table).contains("found 2 columns of features, expected images of 1 × 3 × 1"))
      table.image?.width = 2
      #expect(LockstepDataTests.problem(table) == "")
      try write("a,b,y\n1,p,u\n3,q,v\n", to: "\(folder)/t.csv")
      #expect(
        LockstepDataTests.problem(table).contains("image: found categories in the column \"b\", expected numbers alone")
      )
    }
  }

  /// Pictures whose channels seem to be first are pointed out, and no others.
  @Test func channelsThatSeemToBeFirst() throws {
    try withTemporaryFolder { folder in
      for (shape, isOdd) in [
        ([2, 3, 8, 8], true), ([2, 1, 8, 8], true), ([2, 8, 8, 3], false), ([2, 1, 9, 4], false),
        ([2, 16, 16, 8], false),
      ] {
        let pictures = Pictures(2, height: shape[1], width: shape[2], channels: shape[3], seed: 1)
        let data = try training(arrays(npy(shape, pictures.pixels), pictures, in: folder)).data
        let warnings = data.contents.summary?.warnings ?? []
        let isSaid = warnings.contains {
          $0.contains("order: channels_first")
            && $0.contains("{height: \(shape[2]), width: \(shape[3]), channels: \(shape[1])")
        }
        #expect(isSaid == isOdd, "\(shape): \(warnings)")
      }
    }
  }
}
