import Foundation
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepReport
import LockstepResults
import LockstepRuns
import LockstepStudies
import TestSupport
import Testing

/// What the page of a run shows of pictures: filters, feature maps and mistakes, each against its own words.
@Suite struct PictureReportTests {
  private static let convolution = "{conv2d: {filters: 5, kernel: 3}}, relu"

  private func parsed(_ place: RunPlace) throws -> ParsedPage {
    let text = try place.report
    #expect(try place.report == text)
    let page = ParsedPage(text)
    #expect(page.problem == nil)
    return page
  }

  private func checkpoint(_ place: RunPlace) throws -> LoadedCheckpoint {
    try CheckpointFile.read(try #require(try RunHistory(place.path).checkpoints.last).path)
  }

  private func tensor(_ name: String, _ place: RunPlace) throws -> [Float] {
    let checkpoint = try checkpoint(place)
    // A tensor is a view of the checkpoint's memory.
    return try withExtendedLifetime(checkpoint) {
      try #require(checkpoint.tensors.first { $0.name == name }).values.array
    }
  }

  /// From the least to the largest.
  private func scaled(_ values: [Float]) throws -> [Int] {
    let (low, high) = (Double(try #require(values.min())), Double(try #require(values.max())))
    return values.map { high > low ? Int(((Double($0) - low) / (high - low) * 255).rounded()) : 128 }
  }

  // MARK: Filters

  @Test func filtersAreThoseOfTheCheckpoint() throws {
    let halves = try Halves(wrong: [])
    let place = try RunPlace(task: halves.task(Self.convolution))
    let page = try parsed(place)
    let filters = try page.pictures().filter { $0.words.hasPrefix("filter ") }
    #expect(filters.count == 5 && page.texts.contains("conv2d0: 5 filters of 3 × 3, each from its least weight"))
    let weight = try tensor("model.conv2d0.weight", place)
    let figures = try RunHistory(place.path).weights
    #expect(figures.map(\.layer) == ["conv2d0", "dense0"] && figures[0].shape == [3, 3, 1, 5])
    let norm = weight.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(figures[0].norm - norm) < 1e-9 * norm)
    for (index, filter) in filters.enumerated() {
      let values = (0..<9).map { weight[$0 * 5 + index] }
      #expect(filter.picture.height == 3 && filter.picture.width == 3 && filter.picture.channels == 1)
      let expected = try scaled(values)
      #expect(filter.picture.bytes.map { Int($0) } == expected)
      let (low, high) = (Double(try #require(values.min())), Double(try #require(values.max())))
      #expect(
        filter.words
          == "filter \(index) of conv2d0, from \(Format.significant(low, 3)) to \(Format.significant(high, 3))")
    }
  }

  private static let colored = """
    data: {train: {synthetic: {kind: textures, samples: 96, height: 17, width: 16, channels: 3, classes: 4}}}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.01}}
    model:
      layers: [
    """

  @Test func colorsAreScaledTogetherAndTheFirstAreShown() throws {
    let place = try RunPlace(
      task: Self.colored + "{conv2d: {filters: 70, kernel: [2, 3]}}, relu, flatten, {dense: {units: 4}}]")
    let page = try parsed(place)
    let all = try page.pictures()
    let filters = all.filter { $0.words.hasPrefix("filter ") }
    #expect(filters.count == 64 && page.texts.contains("70 filters of 2 × 3, on three channels"))
    let weight = try tensor("model.conv2d0.weight", place)
    for (index, filter) in filters.enumerated() {
      #expect(filter.picture.height == 2 && filter.picture.width == 3 && filter.picture.channels == 3)
      let expected = try scaled((0..<18).map { weight[$0 * 70 + index] })
      #expect(filter.picture.bytes.map { Int($0) } == expected)
    }
    // Without validation data, samples are those of training, and none is a mistake.
    #expect(all.count == 64 + 3 * 17 && page.texts.contains("training sample 64, class"))
    #expect(all.filter { $0.words.hasPrefix("training sample") }.allSatisfy { $0.picture.channels == 3 })
    #expect(!page.texts.contains("taken for"))
  }

  @Test func depthwiseFiltersAreOneAChannel() throws {
    let place = try RunPlace(
      task: Self.colored + "{depthwise_conv2d: {kernel: 4}}, batch_norm, flatten, {dense: {units: 4}}]")
    let page = try parsed(place)
    let all = try page.pictures()
    let filters = all.filter { $0.words.hasPrefix("filter ") }
    let weight = try tensor("model.depthwise_conv2d0.weight", place)
    #expect(filters.count == 3)
    for (index, filter) in filters.enumerated() {
      let expected = try scaled((0..<16).map { weight[$0 * 3 + index] })
      #expect(filter.picture.bytes.map { Int($0) } == expected)
    }
    #expect(all.count == 3 + 3 * 4 && page.texts.contains("What batch_norm0 makes of 3 training samples: 3 channels"))
  }

  /// Rows of a table, which are images of four channels.
  @Test func filtersOnOtherChannelsAreNotShown() throws {
    try withTemporaryFolder { folder in
      let header = (0..<72).map { "p\($0)" } + ["label"]
      let rows = (0..<96).map { row in (0..<72).map { "\((row * 31 + $0 * 17) % 64)" } + [row % 2 == 0 ? "a" : "b"] }
      let text = ([header] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/rows.csv"))
      let place = try RunPlace(
        task: """
          data:
            train: {csv: {path: \(folder)/rows.csv, target: label}}
            image: {height: 6, width: 3, channels: 4}
          model: {layers: [{conv2d: {filters: 2, kernel: 3}}, relu, flatten, {dense: {units: 2}}]}
          loss: softmax_cross_entropy
          optimizer: {adam: {learning_rate: 0.01}}
          """)
      let page = try parsed(place)
      let all = try page.pictures()
      #expect(all.count == 3 * 3 && all.allSatisfy { $0.picture.channels == 1 })
      for words in ["2 filters of 3 × 3 on 4 channels, which no picture shows", "the first of their 4 channels"] {
        #expect(page.texts.contains(words), "\(words)")
      }
    }
  }

  // MARK: Feature maps

  @Test func mapsAreTheConvolutionAfterItsActivation() throws {
    let halves = try Halves(wrong: [])
    let place = try RunPlace(task: halves.task(Self.convolution))
    let page = try parsed(place)
    #expect(page.texts.contains("What relu0 makes of 3 validation samples: 5 channels"))
    let model = try TrainedModel(checkpoint: try checkpoint(place).path)
    guard case .number(let mean, let deviation) = model.preprocessing.columns[0].encoding else {
      Issue.record("not a number")
      return
    }
    let (weight, bias) = (try tensor("model.conv2d0.weight", place), try tensor("model.conv2d0.bias", place))
    let numbers = [0, 13, 26]
    let maps = numbers.map { number in
      Reference.convolution(
        halves.pictures[number].map { (Double($0) / 255 - mean) / deviation }, weight: weight.map(Double.init),
        bias: bias.map(Double.init), images: 1,
        shape: ConvolutionShape(
          image: .init(Halves.height, Halves.width), channels: 1, filters: 5, kernel: 3, output: .init(4, 3))
      ).map { max(0, Float($0)) }
    }
    let all = try page.pictures().filter { !$0.words.hasPrefix("filter ") }
    #expect(all.count == 3 * 6)
    for channel in 0..<5 {
      let expected = try scaled(maps.flatMap { map in (0..<12).map { map[$0 * 5 + channel] } })
      let found = (0..<3).flatMap { all[6 * $0 + 1 + channel].picture.bytes.map { Int($0) } }
      #expect(found.count == 36 && zip(found, expected).allSatisfy { abs($0 - $1) <= 1 }, "channel \(channel)")
    }
    for (index, number) in numbers.enumerated() {
      #expect(all[6 * index].picture.bytes == halves.pictures[number])
      #expect(all[6 * index].words == "validation sample \(number), class \(halves.labels[number])")
    }
  }

  /// A filter of equal weights, and a channel that has but one number, are neither black nor white.
  @Test func oneNumberIsGrey() throws {
    let halves = try Halves(wrong: [])
    let layers = "{conv2d: {filters: 2, kernel: 3, initializer: zeros, trainable: false}}, relu"
    let page = try parsed(try RunPlace(task: halves.task(layers)))
    let uniform = try page.pictures().filter { !$0.words.hasPrefix("validation sample") }
    #expect(uniform.count == 2 + 3 * 2)
    for picture in uniform { #expect(picture.picture.bytes.allSatisfy { $0 == 128 }, "\(picture.words)") }
  }

  // MARK: Mistakes

  @Test(arguments: [convolution, "relu"])
  func mistakesAreThePicturesOfAnotherLabel(layers: String) throws {
    let wrong = [3, 8, 20, 31]
    let halves = try Halves(wrong: Set(wrong))
    let place = try RunPlace("training.steps=80", task: halves.task(layers))
    let model = try TrainedModel(checkpoint: try checkpoint(place).path)
    let likelihoods = try model.predict(halves.pictures.map { $0.map { Double($0) / 255 } })
    let expected = wrong.map { (number: $0, probability: likelihoods[$0][1 - Int(halves.labels[$0])]) }
      .sorted { ($1.probability, $0.number) < ($0.probability, $1.number) }
    let page = try parsed(place)
    let mistakes = try page.pictures().filter { $0.words.contains("taken for") }
    #expect(mistakes.count == wrong.count && page.texts.contains("4 of 40 validation samples are taken for another"))
    for (mistake, (number, probability)) in zip(mistakes, expected) {
      let (label, other) = (halves.labels[number], 1 - halves.labels[number])
      #expect(mistake.words == "validation sample \(number), class \(label), taken for \(other)")
      #expect(mistake.picture.bytes == halves.pictures[number])
      #expect(probability > 0.5)
      #expect(page.texts.contains("\(label), taken for \(other): \(Format.significant(Double(probability), 3))"))
    }
    #expect(page.texts.contains("from 0 (black) to 1.00 (white)"))
  }

  /// Pictures of a folder are called as their files, so that one that lies in the wrong folder is found.
  @Test func mistakesOfAFolderAreFiles() throws {
    let halves = try Halves(wrong: [8, 20])
    let place = try RunPlace("training.steps=80", task: try halves.asFolder(halves.task(Self.convolution)))
    let page = try parsed(place)
    let mistakes = try page.pictures().filter { $0.words.contains("taken for") }
    #expect(mistakes.count == 2)
    for number in [8, 20] {
      let (label, other) = (halves.labels[number], 1 - halves.labels[number])
      let picture = try #require(mistakes.first { $0.picture.bytes == halves.pictures[number] })
      #expect(picture.words.contains(", \(label)/\(number).png, class \(label), taken for \(other)"))
      #expect(page.texts.contains("\(label)/\(number).png, taken for \(other): "))
    }
  }

  @Test func theSurestOfManyMistakesAreShown() throws {
    let halves = try Halves(wrong: Set(0..<30))
    let page = try parsed(try RunPlace("training.steps=80", task: halves.task(Self.convolution)))
    #expect(try page.pictures().count { $0.words.contains("taken for") } == 24)
    #expect(page.texts.contains("30 of 40 validation samples are taken for another class"))
    #expect(page.texts.contains("the surest comes first, and 24 are shown."))
  }

  @Test func whatIsRightIsSaid() throws {
    let halves = try Halves(wrong: [])
    let page = try parsed(try RunPlace("training.steps=80", task: halves.task(Self.convolution)))
    #expect(page.texts.contains("None of 40 validation samples is taken for another class."))
  }

  @Test func samplesAreEvenlyApart() {
    #expect(RunPictures.places(3, of: 2) == [0, 1] && RunPictures.places(3, of: 3) == [0, 1, 2])
    #expect(RunPictures.places(3, of: 40) == [0, 13, 26])
    #expect(RunPictures.places(4, of: 1_000_000_000_000) == [0, 250_000_000_000, 500_000_000_000, 750_000_000_000])
  }

  // MARK: Other runs

  @Test func runWithoutImagesHasNoPictures() throws {
    let place = try RunPlace()
    let page = try parsed(place)
    #expect(page.elements["img"] == nil && !page.texts.contains("Pictures"))
    #expect(try RunHistory(place.path).pictures == nil)
  }

  @Test func filtersAreShownWithoutTheData() throws {
    let halves = try Halves(wrong: [1])
    let place = try RunPlace(task: halves.task(Self.convolution))
    try halves.remove()
    let page = try parsed(place)
    #expect(try page.pictures().map(\.words).allSatisfy { $0.hasPrefix("filter ") })
    #expect(page.elements["img"] == 5 && page.texts.contains("What needs the data of the run is left out:"))
    #expect(page.texts.contains("validation.idx") && page.texts.contains("finished"))
  }

  /// Samples held back from what is not the run's data any more are none of its validation data.
  @Test func otherDataIsNotTaken() throws {
    let (halves, others) = (try Halves(wrong: []), try Halves(train: 90, wrong: []))
    let task = halves.task(Self.convolution).split(separator: "\n").filter { !$0.contains("validation:") }
      .joined(separator: "\n").replacing("train:", with: "source:")
      .replacing("standardize:", with: "split: {validation: 0.25}\n  standardize:")
    let place = try RunPlace(task: task)
    #expect(try parsed(place).texts.contains("What relu0 makes of 3 validation samples"))
    for name in ["train.idx", "train-labels.idx"] { try others.copy(name, over: halves) }
    let page = try parsed(place)
    #expect(page.texts.contains("the data is not what the run was trained with any more") && page.elements["img"] == 5)
  }

  /// The pictures of a page are bounded, whatever the size of images.
  @Test func largeImagesAreScaledDown() throws {
    let task = Self.colored.replacing("height: 17, width: 16", with: "height: 240, width: 120")
    let page = try parsed(
      try RunPlace(
        "training.steps=1", "training.batch_size=4", "training.shards=1",
        task: task + "{conv2d: {filters: 2, kernel: 3, stride: 2}}, relu, global_average_pool, {dense: {units: 4}}]"))
    let all = try page.pictures().filter { !$0.words.hasPrefix("filter ") }
    #expect(all.count == 9 && page.texts.contains("scaled to 96 pixels"))
    for picture in all { #expect(picture.picture.height == 96 && picture.picture.width < 51) }
  }
}
