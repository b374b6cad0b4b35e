import LockstepExport
import LockstepKernels
import LockstepStudies
import LockstepTraining

@testable import LockstepConfiguration
@testable import LockstepData
@testable import LockstepFormats
@testable import LockstepRuns

/// The readers that meet text and files which nobody vouches for.
enum Target: String, CaseIterable {
  case configuration
  case override
  case checkpoint
  case safetensors
  case json
  case runState = "run-state"
  case metrics
  case events
  case table
  case array
  case cifar
  case png
  case jpeg
  case export
  case scaling
  case attestation

  /// Reads `bytes`. An error is what bad input should lead to; a trap, or a promise that is not kept, ends the process.
  func read(_ bytes: [UInt8]) {
    switch self {
    case .configuration: Self.configuration(bytes)
    case .override: Self.override(bytes)
    case .checkpoint: Self.checkpoint(bytes)
    case .safetensors: Self.safetensors(bytes)
    case .json: Self.json(bytes)
    case .runState: Self.runState(bytes)
    case .metrics: Self.metrics(bytes)
    case .events: Self.events(bytes)
    case .table: Self.table(bytes)
    case .array: Self.array(bytes)
    case .png: Self.png(bytes)
    case .jpeg: Self.picture(bytes)
    case .cifar: Self.cifar(bytes)
    case .export: Self.export(bytes)
    case .scaling: Self.scaling(bytes)
    case .attestation: Self.attestation(bytes)
    }
  }

  /// What is accepted is what its own text says.
  private static func configuration(_ bytes: [UInt8]) {
    guard let opened = try? OpenedConfiguration(bytes: bytes, file: "fuzz", overrides: []) else { return }
    let configuration = opened.configuration
    check(
      (try? RunConfiguration(yaml: configuration.resolvedYAML)) == configuration,
      "a configuration that reads back as another")
    check(configuration.totalSteps >= 1 && configuration.stepsPerEpoch >= 1, "a configuration without steps")
  }

  /// One override a line, over a configuration that is valid without them.
  private static func override(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(8)
    let overrides = lines.compactMap { try? ConfigurationOverride(String($0)) }
    guard let configuration = try? RunConfiguration(yaml: Seeds.smallConfiguration, overrides: overrides) else {
      return
    }
    check(configuration.totalSteps >= 1 && configuration.stepsPerEpoch >= 1, "a configuration without steps")
  }

  /// The first byte says what the rest is: a safetensors file, a zstd frame, or the whole file. Compressing and sealing
  /// are done here, since no mutation finds a SHA-256.
  private static func checkpoint(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    let file = first % 4 == 0 ? rest : Seeds.sealed(first % 4 == 1 ? rest : Seeds.frame(rest))
    Scratch.write(file)
    let read = try? CheckpointFile.read(Scratch.path, memoryLimit: 1 << 24)
    let summary = try? CheckpointFile.summarize(Scratch.path)
    check((read == nil) == (summary == nil), "a checkpoint that is whole to one reader and damaged to the other")
    check(read.map { $0.tensors.count } == summary.map { $0.tensors.count }, "readers that count other tensors")
  }

  private static func safetensors(_ bytes: [UInt8]) {
    guard let header = try? SafetensorsHeader(json: bytes, of: .float32) else { return }
    guard let encoded = try? header.encoded() else { fail("a header that cannot be written again") }
    check(
      (try? SafetensorsHeader(json: Array(encoded[8...]), of: .float32)) == header,
      "a header that reads back as another")
    var end = 0
    for entry in header.entries {
      check(entry.bytes.lowerBound == end && entry.tensor.shape.reduce(4, *) == entry.bytes.count, "tensors with gaps")
      end = entry.bytes.upperBound
    }
  }

  private static func json(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes) else { return }
    check((try? JSONValue(parsing: value.text)) == value, "JSON that reads back as other")
    check((try? JSONValue(parsing: value.prettyText)) == value, "pretty JSON that reads back as other")
  }

  private static func scaling(_ bytes: [UInt8]) {
    Scratch.write(bytes)
    guard let scaling = try? ThreadScaling(file: Scratch.path) else { return }
    let (text, comparison) = (JSONValue.object(scaling.json).text, ScalingComparison([("a", scaling), ("b", scaling)]))
    check(scaling.cells.count == scaling.rows.count && !comparison.cells.isEmpty, "rows that are not shown")
    check(!(scaling.sentences + comparison.sentences).contains(""), "a sentence without words")
    Scratch.write(Array(text.utf8))
    guard let again = try? ThreadScaling(file: Scratch.path) else { fail("figures that cannot be read again") }
    check(JSONValue.object(again.json).text == text, "figures that read back as others")
  }

  private static func attestation(_ bytes: [UInt8]) {
    Scratch.write(bytes)
    guard let statement = try? ProvenanceStatement(file: Scratch.path) else { return }
    check(statement.text.utf8.elementsEqual(bytes), "a statement whose text is another")
    _ = statement.sha256(of: "config.yaml")
  }

  private static func runState(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), let state = RunState(text) else { return }
    let written = JSONValue.object(state.json).text
    // Compared as text: a NaN does not equal itself.
    check(RunState(written).map { JSONValue.object($0.json).text } == written, "a state that reads back as another")
    check(state.trainer.optimizer.updates < Int.max && state.window.steps < Int.max, "counts without an end")
  }

  /// After mending, every line is whole and of a step that was kept.
  private static func metrics(_ bytes: [UInt8]) {
    Scratch.write(bytes)
    guard let mending = try? MetricsLog.mend(Scratch.path, keepingUpTo: 100) else {
      fail("a log that cannot be mended")
    }
    guard let lines = try? MetricsLog.lines(Scratch.path) else { fail("a log that cannot be read") }
    check(lines.count == mending.kept && lines.allSatisfy { $0.step <= 100 }, "lines that should have gone")
    let again = try? MetricsLog.mend(Scratch.path, keepingUpTo: 100)
    check(again == MetricsLog.Mending(kept: mending.kept), "a log that needs mending twice")
  }

  /// The first byte says what the rest is: a file of records, or the event in one, since no mutation finds a checksum.
  private static func events(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    let content = first % 2 == 0 ? rest : EventRecord.framed(rest)
    Scratch.write(content)
    guard let file = try? FileDescriptor.reading(Scratch.path) else { fail("a file of events that cannot be read") }
    var end = 0
    while let data = try? EventRecord.next(in: file) {
      end += EventRecord.framedCount(data)
      _ = Event.place(of: data)
    }
    check(end <= content.count && (first % 2 == 0 || end == content.count), "records that are not those of the file")
  }

  /// The bits of the first byte say how the table is to be read. What is accepted has only finite numbers in it, and is
  /// known again.
  private static func table(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    Scratch.write(Array(bytes.dropFirst()))
    func bit(_ place: UInt8) -> Bool { first >> place & 1 == 1 }
    let source = CSVSource(
      path: Scratch.path, targets: [.index(-1)], hasHeader: bit(0),
      dialect: CSVDialect(
        delimiter: bit(1) ? ";" : ",", decimal: bit(1) ? "," : ".", thousands: bit(1) ? "." : nil,
        missingWords: bit(6) ? ["-", "0"] : nil, comment: bit(7) ? "#" : nil),
      weight: bit(2) ? .index(0) : nil)
    let description = FileData.Description(
      train: .csv(source), isStandardized: bit(3), standardizesTargets: bit(3) && !bit(5),
      fillsMissing: bit(4), dropsMissingTargets: bit(4), kind: bit(5) ? .classes : .numbers)
    guard let data = try? FileData(opening: description) else { return }
    let samples = data.sets.train
    check(samples.count > 0 && samples.count <= bytes.count, "samples that are not in the file")
    let (features, targets) = (samples.features, samples.task.targetColumns)
    let memory = Arena(count: samples.count * (features + targets))
    let x = memory.matrix(at: 0, rows: samples.count, columns: features)
    let y = memory.matrix(at: samples.count * features, rows: samples.count, columns: targets)
    guard (try? samples.fill(Array(0..<samples.count).span, features: x, targets: y)) != nil else {
      fail("samples that cannot be read")
    }
    check(memory.all.array.allSatisfy(\.isFinite), "a number that is not finite")
    check(
      Preprocessing(JSONValue.object(data.preprocessing.json).text) == data.preprocessing,
      "preprocessing that reads back as another")
    let again = try? FileData(opening: description, recorded: data.preprocessing)
    check(again?.sets.train.fingerprint == samples.fingerprint, "a table that is another the second time")
  }

  /// The first byte says which format the rest is.
  private static func array(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let path = Scratch.path
    Scratch.write(Array(bytes.dropFirst()))
    let array =
      switch first % 4 {
      case 0: try? ArrayFile.npy(path)
      case 1: try? ArrayFile.npz(path, array: "x")
      case 2: try? ArrayFile.idx(path)
      default: try? ArrayFile.safetensors(path, tensor: "x")
      }
    guard let values = array?.values else { return }
    // Rows without columns take no bytes, so there may be any number of them.
    check(values.columns == 0 || values.rows <= 2048 * 1032, "rows that are not in the file")
    guard values.columns > 0, values.columns <= 2048 * 1032 else { return }
    let memory = Arena(count: values.columns)
    for row in [0, values.rows / 2, values.rows - 1] where row >= 0 && row < values.rows {
      values.read(row: row, into: memory.all)
      _ = values.text(row: row, column: values.columns - 1)
    }
  }

  /// The first byte says whether the checksums of the rest are mended, since no mutation finds one.
  private static func png(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    var file = Array(bytes.dropFirst())
    var place = 8
    while first % 2 == 1, place + 12 <= file.count {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard place + 12 + length <= file.count else { break }
      var checksum = CRC32()
      checksum.update(file.span.bytes.extracting(place + 4..<place + 8 + length))
      for i in 0..<4 { file[place + 8 + length + i] = UInt8(truncatingIfNeeded: checksum.value >> (24 - 8 * i)) }
      place += 12 + length
    }
    picture(file)
  }

  /// What is decoded has the size that the header says, is the same again, and can be brought to any size.
  private static func picture(_ bytes: [UInt8]) {
    var (picture, again, small) = (Picture(), Picture(), Picture())
    let header = try? PictureHeader(bytes.span.bytes, of: "fuzz")
    guard (try? picture.decode(bytes.span.bytes, of: "fuzz")) != nil else { return }
    guard let header else { fail("a picture that is decoded without a header") }
    check(
      picture.height == header.height && picture.width == header.width && picture.channels == header.channels,
      "a picture that is not what its header says")
    check((try? again.decode(bytes.span.bytes, of: "fuzz")) != nil, "a picture that is decoded once")
    check(again.bytes == picture.bytes, "a picture that is another the second time")
    for fit in PictureFit.allCases {
      var resizer = PictureResizer(height: 5, width: 7, fit: fit)
      if !resizer.resize(picture, into: &small) { small = picture }
      check(small.height == 5 && small.width == 7, "a picture of another size than was asked for")
    }
    check((try? again.decode(bytes.span.bytes, of: "fuzz", channels: 1)) != nil, "a picture without a grey one")
    check((try? again.decode(bytes.span.bytes, of: "fuzz", channels: 3)) != nil, "a picture without colours")
  }

  /// The first byte says how the rest is read: as names of classes, or as pictures, with which label and standardised
  /// or not. What is accepted is pictures of one kind, each from 0 to 1, and their classes.
  private static func cifar(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    func bit(_ place: UInt8) -> Bool { first >> place & 1 == 1 }
    if bit(0) {
      guard let names = try? CIFARNames.parse(rest, "names", count: 10) else { return }
      return check(names.count == 10 && !names.contains(""), "classes without a name")
    }
    Scratch.write(rest)
    let source = FileSource.cifar(files: [Scratch.path], labels: bit(1) ? .coarse : .fine)
    let description = FileData.Description(train: source, isStandardized: bit(2), kind: .classes)
    guard let data = try? FileData(opening: description) else { return }
    let samples = data.sets.train
    let kind = rest.count % 3074 == 0 && samples.count * 3073 != rest.count ? 3074 : 3073
    check(samples.count * kind == rest.count && samples.features == 3072, "pictures that are not in the file")
    guard case .classification(let classes) = samples.task else { fail("pictures without classes") }
    let memory = Arena(count: samples.count * (samples.features + 1))
    let x = memory.matrix(at: 0, rows: samples.count, columns: samples.features)
    let y = memory.matrix(at: samples.count * samples.features, rows: samples.count, columns: 1)
    guard (try? samples.fill(Array(0..<samples.count).span, features: x, targets: y)) != nil else {
      fail("pictures that cannot be read")
    }
    check(x.elements.array.allSatisfy { bit(2) ? $0.isFinite : (0...1).contains($0) }, "a pixel that is none")
    check(y.elements.array.allSatisfy { $0 >= 0 && $0 < Float(classes) }, "a class that is none")
    check(
      Preprocessing(JSONValue.object(data.preprocessing.json).text) == data.preprocessing,
      "preprocessing that reads back as another")
  }

  /// The first byte says which format the rest is.
  private static func export(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let path = Scratch.path
    Scratch.write(Array(bytes.dropFirst()))
    let summary =
      switch first % 3 {
      case 0: try? ExportedFile(reading: path, as: .safetensors)
      case 1: try? ExportedFile(reading: path, as: .npz)
      default: try? ExportedFile(reading: path, as: .onnx)
      }
    guard let summary else { return }
    check(summary.tensors.count + summary.metadata.count <= bytes.count, "tensors that are not in the file")
  }

  private static func check(_ holds: Bool, _ broken: String) {
    if !holds { fail(broken) }
  }

  private static func fail(_ broken: String) -> Never { fatalError("found \(broken)") }
}
