import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepData
@testable import LockstepFormats

@Suite("Configuration of data in files")
struct ConfigurationFileDataTests {
  private static func yaml(_ data: String, units: Int = 2) -> String {
    """
    data:
      \(data)
    model: {layers: [{dense: {units: \(units)}}]}
    loss: softmax_cross_entropy
    optimizer: adam
    training: {batch_size: 4, shards: 2, steps: 3}
    """
  }

  private func read(
    _ data: String, units: Int = 2,
    table: String = "a,c,y\n" + (0..<20).map { "\($0),\($0 % 3 == 0 ? "r" : "g"),\($0 % 2)\n" }.joined(),
    overrides: [ConfigurationOverride] = [], _ body: (RunConfiguration, String) throws -> Void = { _, _ in }
  ) throws {
    try withTemporaryFolder { folder in
      try Folder.create("\(folder)/data")
      try write(table, to: "\(folder)/data/t.csv")
      try write(Self.yaml(data, units: units), to: "\(folder)/c.yaml")
      try body(RunConfiguration(file: "\(folder)/c.yaml", overrides: overrides), folder)
    }
  }

  private func problem(_ data: String, units: Int = 2, table: String = "a,y\n1,u\n2,v\n3,u\n4,v\n") -> String {
    do {
      try read(data, units: units, table: table)
      return ""
    } catch { return "\(error)" }
  }

  @Test func pathsAreRelativeToTheFile() throws {
    try read(
      "source: {csv: {path: data/t.csv, target: y}}\n  folds: {count: 4, index: 1, seed: 9}\n  standardize: true"
    ) {
      configuration, folder in
      #expect(configuration.data.train == .file(.csv(CSVSource(path: "\(folder)/data/t.csv", targets: [.name("y")]))))
      #expect(configuration.data.split == .fold(1, of: 4, seed: 9) && configuration.data.standardize)
      #expect(configuration.data.samples == 15 && configuration.data.features == 3)
      #expect(configuration.model.features == 3 && configuration.evaluation != nil)
      // Written out and read again it is the same, wherever it is read.
      let again = try RunConfiguration(yaml: configuration.resolvedYAML)
      #expect(again == configuration && again.data.preprocessing == configuration.data.preprocessing)
      #expect(again.differences(from: configuration).isEmpty)
    }
  }

  @Test func filesOfTheirOwnForBothSides() throws {
    try read(
      "train: {csv: {path: data/t.csv, target: y}}\n  validation: {csv: {path: data/t.csv, target: y}}\n  missing: mean"
    ) {
      configuration, _ in
      #expect(
        configuration.data.samples == 20 && configuration.data.hasValidation && configuration.data.missing == .mean)
      #expect(configuration.data.contents?.validationSamples == 20)
    }
  }

  @Test func everySourceIsWrittenOut() throws {
    let sources: [FileSource] = [
      .csv(
        CSVSource(
          path: "/a b/\"t\".csv", targets: [.index(-1), .name("1")], hasHeader: false,
          dialect: CSVDialect(
            delimiter: "\t", quote: "'", decimal: ",", thousands: ".", missingWords: ["-", "-999"], comment: "#",
            skippedLines: 3),
          categorical: [.name("x")],
          ignored: [.index(3)], weight: .name("w"))),
      .npy(features: "/x.npy", targets: "/y.npy", weights: "/w.npy"),
      .npz(path: "/a.npz", features: "x", targets: "labels", weights: "w"),
      .safetensors(path: "/s", features: "x", targets: "y", weights: "w"),
      .npy(features: "/x.npy", targets: "/y.npy"), .npy(features: "/x.npy", targets: nil),
      .npz(path: "/a.npz", features: "x", targets: "labels"), .idx(images: "/i", labels: "/l"),
      .cifar(files: ["/a b.bin", "/c.bin"]), .cifar(files: ["/a.bin"], labels: .coarse),
      .safetensors(path: "/s", features: "x", targets: "y"), .pictures(PictureSource(path: "/a b")),
      .pictures(PictureSource(path: "/p", size: .init(height: 3, width: 16_384), channels: 1, fit: .scale)),
    ]
    for source in sources {
      let yaml = ResolvedValue.mapping([(source.kind, .mapping(Encode.keys(of: source)))]).flow
      #expect(try DataSource(yaml: yaml, label: "text", defaultSplit: "train") == .file(source), "\(yaml)")
    }
  }

  /// What no pictures can be brought to is an error where it is written.
  @Test(arguments: [
    ("height: 8", "height", "found one side of a picture, expected height and width, or neither"),
    ("width: 8", "width", "found one side of a picture"), ("height: 0, width: 8", "height", "from 1 to 16384"),
    ("channels: 2", "channels", "found 2 channels, expected 1 or 3"), ("channels: 4", "channels", "from 1 to 3"),
    ("fit: corp", "fit", "crop"),
  ])
  func picturesHaveASize(setting: String, key: String, message: String) throws {
    let error = #expect(throws: ConfigurationErrors.self) {
      try DataSource(yaml: "{pictures: {path: p, \(setting)}}", label: "text", defaultSplit: "train")
    }
    let text = "\(try #require(error))"
    #expect(text.contains(".\(key)") && text.contains(message), "\(text)")
  }

  /// A path that is given on the command line is one of the current folder.
  @Test func overridesMayNameAnotherFile() throws {
    try withTemporaryFolder { other in
      try write("a,y\n1,u\n2,v\n3,u\n4,v\n", to: "\(other)/o.csv")
      let change = ConfigurationOverride(path: "data.train.csv.path", value: "\(other)/o.csv")
      try read("train: {csv: {path: data/t.csv, target: y}}", overrides: [change]) { configuration, _ in
        #expect(configuration.data.samples == 4 && configuration.data.features == 1)
      }
    }
  }

  @Test func blameIsPutWhereItBelongs() {
    #expect(problem("train: {csv: {path: data/no.csv, target: y}}").contains("c.yaml:2:23: data.train.csv.path: found"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: z}}").contains("c.yaml:2:43: data.train.csv.target: found"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y}}", table: "a,y\n1,u\nx,v\n").contains(
        "data/t.csv:3:1: column \"a\": found \"x\", expected a number"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y}}", units: 3).contains(
        "found 3 units at the end of the model, expected 2, one for each class of data.train"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y, sep: 1}}").contains(
        "data.train.csv.sep: found an unknown key"))
    #expect(problem("train: {cvs: {path: data/t.csv}}").contains("did you mean csv?"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y}}\n  split: {validation: 0.5}").contains(
        "data.split: found it without data.source"))
    #expect(
      problem("source: {csv: {path: data/t.csv, target: y}}\n  split: {validation: 0.5}\n  folds: {count: 2, index: 0}")
        .contains("found both split and folds"))
    #expect(
      problem("source: {csv: {path: data/t.csv, target: y}}\n  split: {validation: 1.5}").contains(
        "data.split.validation: found 1.5, expected a number between 0 and 1"))
    #expect(
      problem("source: {csv: {path: data/t.csv, target: y}}\n  split: {validation: 0.01}").contains(
        "leaves none for validation"))
    #expect(
      problem("source: {csv: {path: data/t.csv, target: y}}\n  folds: {count: 3, index: 3}").contains(
        "data.folds.index: found 3"))
    #expect(
      problem("source: {csv: {path: data/t.csv, target: y}}\n  train: {csv: {path: data/t.csv, target: y}}").contains(
        "beside data.source"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y, delimiter: \"::\"}}").contains(
        "expected one character of ASCII"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y}}\n  missing: median").contains("expected one of error, mean"))
    let synthetic = "{synthetic: {kind: gaussian_clusters, samples: 40, features: 2, classes: 2}}"
    #expect(
      problem("train: \(synthetic)\n  standardize: true").contains("data.standardize: found it beside synthetic data"))
    #expect(problem("source: \(synthetic)").contains("found synthetic data under data.source"))
    #expect(
      problem("train: {csv: {path: data/t.csv, target: y}}\n  validation: \(synthetic)").contains(
        "data.validation: found synthetic data"))
  }

  /// Rows of numbers that are images: read, written out, compared, and refused where they are none.
  @Test func rowsThatAreImages() throws {
    // Two columns and a target; the model is not looked at here, only the data.
    func data(_ text: String) throws -> RunConfiguration.DataSources? {
      try decodedOnly(Self.yaml("train: {csv: {path: /t.csv, target: y}}\n  \(text)"))?.data
    }
    let image = try data("image: {height: 4, width: 3, channels: 2, order: channels_first}")?.image
    #expect(image == ImageLayout(height: 4, width: 3, channels: 2, order: .channelsFirst))
    #expect(try data("image: {height: 4, width: 3, channels: 2}")?.image?.order == .channelsLast)
    #expect(try data("image: null")?.image == nil)
    var configuration = try #require(try decodedOnly(Self.yaml("train: {csv: {path: /t.csv, target: y}}")))
    let old = configuration
    configuration.data.image = image
    #expect(try decodedOnly(configuration.resolvedYAML)?.data.image == image)
    let differences = configuration.differences(from: old)
    #expect(differences.map(\.key) == ["data.image"] && differences.allSatisfy(\.touchesBits))
    configuration.data.image?.width = 0
    let error = #expect(throws: ConfigurationErrors.self) { try configuration.check() }
    #expect(
      "\(error.map(String.init(describing:)) ?? "")".contains("data.image.width: found 0, expected an integer from 1"))

    let csv = "train: {csv: {path: data/t.csv, target: y}}\n  "
    #expect(
      problem("\(csv)image: {height: 2, width: 2, channels: 1}").contains(
        "data/t.csv: 1 column of features, expected images of 2 × 2 × 1, 4 numbers"))
    #expect(problem("\(csv)image: {height: 2, width: 2}").contains("data.image.channels: found nothing"))
    #expect(problem("\(csv)image: {height: 2, width: 2, channels: 1.5}").contains("data.image.channels: found 1.5"))
    #expect(
      problem("\(csv)image: {height: 1, width: 1, channels: 1, order: first}").contains(
        "data.image.order: found first, expected one of channels_last, channels_first"))
    #expect(problem("\(csv)image: 28").contains("data.image: found 28, expected a mapping"))
    #expect(
      problem("\(csv)input_shape: [28, 28, 1]").contains(
        "(did you mean image? It is {height: 28, width: 28, channels: 1} of rows of numbers"))
    let synthetic = "{synthetic: {kind: gaussian_clusters, samples: 40, features: 2, classes: 2}}"
    #expect(
      problem("train: \(synthetic)\n  image: {height: 1, width: 2, channels: 1}").contains(
        "data.image: found it beside synthetic data, expected it beside files"))
  }

  @Test func filesOfCIFAR() throws {
    let yaml = Self.yaml("train: {cifar: {files: [a.bin, /b/c.bin], labels: coarse}}")
    let data = try #require(try decodedOnly(yaml)).data
    guard case .file(.cifar(let files, let labels)) = data.train else {
      Issue.record("\(data.train)")
      return
    }
    #expect(files.map { Folder.lastName(of: $0) } == ["a.bin", "c.bin"] && labels == .coarse)
    #expect(problem("train: {cifar: {files: []}}").contains("data.train.cifar.files: found an empty list"))
    #expect(problem("train: {cifar: {files: a.bin}}").contains("data.train.cifar.files: found a.bin, expected a list"))
    #expect(problem("train: {cifar: {files: [a.bin], labels: both}}").contains("expected one of fine, coarse"))
    #expect(
      problem("train: {cifar: {files: [no.bin]}}").contains("c.yaml:2:27: data.train.cifar.files.0: found "))
    var configuration = try #require(try decodedOnly(yaml))
    let old = configuration
    configuration.data.train = .file(.cifar(files: ["/x.bin", "/b/c.bin"], labels: .coarse))
    #expect(configuration.differences(from: old).map(\.touchesBits) == [false])
    configuration.data.train = .file(.cifar(files: ["/x.bin"], labels: .fine))
    #expect(configuration.differences(from: old).map(\.touchesBits) == [false, true])
    configuration.data.train = .file(.cifar(files: []))
    let error = #expect(throws: ConfigurationErrors.self) { try configuration.check() }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("data.train.cifar.files: found an empty list"))
  }

  /// A moved file does not touch the bits, another split does.
  @Test func differencesKnowWhatTouchesTheBits() throws {
    try read("source: {csv: {path: data/t.csv, target: y}}\n  split: {validation: 0.2}") { configuration, folder in
      try write(bytes(of: "\(folder)/data/t.csv"), to: "\(folder)/moved.csv")
      var moved = configuration
      moved.data.train = .file(.csv(CSVSource(path: "\(folder)/moved.csv", targets: [.name("y")])))
      #expect(moved.differences(from: configuration).map(\.touchesBits) == [false])
      var other = configuration
      other.data.split = .share(0.2, seed: 2)
      #expect(other.differences(from: configuration).map(\.touchesBits) == [true])
      #expect(try moved.opened().configuration.data.samples == 16)
    }
  }
}
